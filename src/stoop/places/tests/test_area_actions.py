"""Writing areas down: what changes, what ends, what is refused, what leaves an event."""

from datetime import date

import pytest
import shapely
from django.http import Http404

from stoop.kernel.errors import Refusal
from stoop.ledger.queries import events_after
from stoop.places import actions, queries
from stoop.places.models import Area, Drawing
from stoop.places.tests.factories import EDITOR, OUTSIDER, geojson, make_area

pytestmark = pytest.mark.django_db
JANUARY, MAY = date(2020, 1, 1), date(2020, 5, 1)
WEST, EAST = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
BOTH = shapely.box(0, 0, 2, 1)


def load(path, **more):
    return actions.load_areas(files=[path], kind="precinct", code_field="code", by=EDITOR, **more)


def days(kind="precinct"):
    rows = Area.objects.filter(kind=kind).order_by("code", "valid_from")
    return [(area.code, area.valid_from, area.valid_to) for area in rows]


def test_a_new_shape_ends_the_one_before_it():
    make_area("catchment", "site", BOTH)
    make_area("catchment", "site", WEST, valid_from=JANUARY)
    assert set(days("catchment")) == {("site", None, JANUARY), ("site", JANUARY, None)}
    assert queries.placed(1.5, 0.5, on=JANUARY) == {}
    event = events_after(0)[1]
    assert (event.kind, event.subject, event.site) == ("area.set", "area:catchment/site", "site")


def test_saying_the_same_twice_changes_nothing():
    first = make_area("catchment", "site", WEST)
    again = make_area("catchment", "site", WEST)
    assert first.pk == again.pk
    assert len(events_after(0)) == 1


def test_a_shape_can_be_ended():
    make_area("catchment", "site", WEST, valid_from=JANUARY)
    make_area("catchment", "site", WEST, valid_from=JANUARY, valid_to=MAY)
    assert days("catchment") == [("site", JANUARY, MAY)]


def test_two_shapes_never_hold_on_one_day():
    make_area("catchment", "site", WEST, valid_from=JANUARY, valid_to=MAY)
    with pytest.raises(Refusal, match="another shape"):
        make_area("catchment", "site", EAST, valid_from=date(2020, 3, 1))
    with pytest.raises(Refusal, match="another shape"):
        make_area("catchment", "site", EAST)
    make_area("catchment", "site", EAST, valid_from=MAY)
    make_area("catchment", "site", EAST, valid_to=JANUARY)
    assert len(days("catchment")) == 3


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (shapely.Point(0, 0), "no polygon"),
        ("POLYGON", "no polygon"),
        (shapely.Polygon(), "no polygon"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "crosses itself"),
        (shapely.box(0, 0, 1000, 1000), "longitude"),
    ],
)
def test_a_shape_that_is_no_area_is_refused(shape, words):
    with pytest.raises(Refusal, match=words):
        actions.set_area(
            kind="x", code="1", name="", polygon=shape, valid_from=None, valid_to=None, by=EDITOR
        )


def test_other_refusals():
    with pytest.raises(Refusal, match="needs a code"):
        make_area("x", " ")
    with pytest.raises(Refusal, match="kind"):
        make_area("<b>", "1")
    with pytest.raises(Refusal, match="before it begins"):
        make_area("x", "1", valid_from=MAY, valid_to=JANUARY)
    assert not Area.objects.exists()


def test_an_outsider_may_not(tmp_path):
    path = geojson(tmp_path / "a.geojson", [({"code": "1"}, WEST)])
    with pytest.raises(Http404):
        actions.load_areas(files=[path], kind="precinct", code_field=None, by=OUTSIDER)
    with pytest.raises(Http404):
        actions.set_area(
            kind="x", code="1", name="", polygon=WEST, valid_from=None, valid_to=None, by=OUTSIDER
        )


def test_a_file_twice_changes_nothing(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        [({"code": 1, "label": "First"}, WEST), ({"code": "2", "label": None}, EAST)],
    )
    first = load(path, name_field="label")
    assert (first.areas, first.added, first.unchanged) == (2, 2, 0)
    assert list(Area.objects.values_list("code", "name")) == [("1", "First"), ("2", "")]
    again = load(path, name_field="label")
    assert again.known == events_after(0)[0].at
    other = load(path)
    assert (other.known, other.added, other.changed, other.unchanged) == (None, 0, 0, 2)
    assert [event.kind for event in events_after(0)] == ["areas.loaded"]
    make_area("precinct", "2", WEST)
    assert load(path, name_field="label").changed == 1, "drawn by hand since"
    with pytest.raises(Refusal, match="--name-field"):
        load(path, name_field="title")


def test_a_later_file_without_a_day_corrects_the_drawing(tmp_path):
    load(geojson(tmp_path / "a.geojson", [({"code": "1"}, WEST), ({"code": "2"}, EAST)]))
    done = load(geojson(tmp_path / "b.geojson", [({"code": "1"}, BOTH)]))
    assert (done.changed, done.ended, done.added) == (1, 0, 0)
    assert days() == [("1", None, None), ("2", None, None)]
    [before] = Drawing.objects.all()
    assert (before.area.code, before.source.split()[0]) == ("1", "a.geojson")
    assert shapely.from_wkb(bytes(before.polygon)).equals(WEST), "what was said stays"


def test_a_new_generation_ends_what_it_lacks_or_draws_otherwise(tmp_path):
    """Precinct 116 came out of 105 on one day; 113 stayed as it was."""
    square = shapely.box(0, 2, 1, 3)
    old = [
        ({"code": "105"}, BOTH),
        ({"code": "113"}, square),
        ({"code": "9"}, shapely.box(5, 5, 6, 6)),
    ]
    new = [({"code": "105"}, WEST), ({"code": "116"}, EAST), ({"code": "113"}, square)]
    load(geojson(tmp_path / "a.geojson", old))
    path = geojson(tmp_path / "b.geojson", new)
    done = load(path, valid_from=JANUARY)
    assert (done.added, done.ended, done.unchanged, done.changed) == (2, 2, 1, 0)
    assert set(days()) == {
        ("105", None, JANUARY),
        ("105", JANUARY, None),
        ("113", None, None),
        ("116", JANUARY, None),
        ("9", None, JANUARY),
    }
    assert load(path, valid_from=JANUARY).known
    path.write_text(path.read_text() + "\n")
    again = load(path, valid_from=JANUARY)
    assert (again.added, again.ended, again.changed, again.unchanged) == (0, 0, 0, 3)
    assert queries.placed(1.5, 0.5, on=JANUARY) == {"precinct": ("116",)}


def test_several_files_are_one_generation(tmp_path):
    west = geojson(tmp_path / "west.geojson", [({"code": "1"}, WEST)])
    east = geojson(tmp_path / "east.geojson", [({"code": "2"}, EAST), ({"code": ""}, EAST)])
    make_area("precinct", "3", shapely.box(5, 5, 6, 6))
    more = {"kind": "precinct", "code_field": "code", "by": EDITOR}
    done = actions.load_areas(files=[west, east], valid_from=JANUARY, **more)
    assert (done.added, done.ended) == (2, 1)
    assert [(bad.file, bad.row, bad.reason) for bad in done.rejects] == [
        ("east.geojson", 2, "no value in 'code'")
    ]
    again = geojson(tmp_path / "again.geojson", [({"code": "1"}, BOTH)])
    with pytest.raises(Refusal, match="Area 1 is in west"):
        actions.load_areas(files=[west, again], **more)


def test_days_of_the_file_go_first(tmp_path):
    rows = [
        ({"code": "A", "valid_to": "2020-01-01"}, BOTH),
        ({"code": "A", "valid_from": "2020-01-01"}, WEST),
        ({"code": "B", "valid_from": "2020-01-01"}, EAST),
    ]
    load(geojson(tmp_path / "a.geojson", rows), valid_from=MAY)
    assert set(days()) == {("A", None, JANUARY), ("A", JANUARY, None), ("B", JANUARY, None)}


def test_the_stamp_rises_even_when_the_clock_goes_back(monkeypatch):
    make_area("x", "1")
    from stoop.kernel import ids

    old = ids.new()
    monkeypatch.setattr(
        "stoop.places.actions.areas.ids.new", lambda: type(old)(int=old.int >> 90 << 50)
    )
    before = Area.objects.get().changed
    make_area("x", "2")
    assert Area.objects.get(code="2").changed > before
