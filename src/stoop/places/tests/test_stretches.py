"""All shapes of an area at once, and days that are moved."""

from datetime import date

import pytest
import shapely
from django.http import Http404

from stoop.kernel.errors import Refusal
from stoop.places import actions, queries
from stoop.places.actions import Stretch
from stoop.places.models import Area
from stoop.places.tests.factories import EDITOR, OUTSIDER, make_area

WEST, EAST = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
BOTH = shapely.box(0, 0, 2, 1)
MAY, JUNE, JULY = date(2020, 5, 1), date(2020, 6, 1), date(2020, 7, 1)


def draw(*stretches: Stretch, by=EDITOR) -> int:
    return actions.set_stretches(
        kind="catchment", code="riverside", name="Riverside", stretches=stretches, by=by
    )


def held(lon: float, day: date) -> bool:
    return "riverside" in queries.placed(lon, 0.5, on=day).get("catchment", ())


def test_each_stretch_holds_on_its_days(db) -> None:
    assert draw(Stretch(WEST, MAY, JUNE), Stretch(BOTH, JUNE, None)) == 2
    assert [held(1.5, day) for day in (MAY, JUNE, JULY)] == [False, True, True]
    assert draw(Stretch(BOTH, JUNE, None), Stretch(WEST, MAY, JUNE)) == 0, "it is so already"


def test_what_is_not_said_again_is_gone(db) -> None:
    draw(Stretch(WEST, MAY, JUNE), Stretch(BOTH, JUNE, None))
    assert held(0.5, MAY)
    assert draw(Stretch(EAST, JULY, None)) > 0
    assert Area.objects.count() == 1
    assert [held(1.5, day) for day in (MAY, JUNE, JULY)] == [False, False, True]
    assert draw() == 0, "an area keeps its past"
    assert Area.objects.count() == 1


def test_two_shapes_on_one_day_are_refused(db) -> None:
    with pytest.raises(Refusal, match="two shapes on one day"):
        draw(Stretch(WEST, MAY, None), Stretch(EAST, JUNE, None))
    with pytest.raises(Refusal, match="before it begins"):
        draw(Stretch(WEST, JUNE, MAY))
    with pytest.raises(Http404):
        draw(Stretch(WEST, MAY, None), by=OUTSIDER)


def test_the_same_shape_from_a_later_day_is_the_same_area(db) -> None:
    first = make_area("precinct", "1", valid_from=MAY)
    assert make_area("precinct", "1", valid_from=JUNE).pk == first.pk
