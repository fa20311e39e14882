"""Recorded areas against the map's."""

import numpy as np
import pytest
import shapely

from stoop.places.models import Pair
from stoop.places.queries import compare
from stoop.places.tests.factories import areas


def test_what_differs_what_is_missing_and_what_is_unknown():
    city = areas([shapely.box(0, 0, 1, 1)] * 4, codes=["105", "113", "113", "116"])
    recorded = ["105", "105", "105", "113", "113", "", "99", "105", "113"]
    mapped = ["105", "116", "116", "113", "116", "113", "113", "", "113"]
    result = compare(recorded, mapped, areas=city)
    assert (result.rows, result.compared, result.agree) == (9, 7, 3)
    assert result.share == pytest.approx(3 / 7)
    assert result.differ == (Pair("105", "116", 2), Pair("113", "116", 1), Pair("99", "113", 1))
    assert (result.unrecorded, result.outside) == (1, 1)
    assert result.never_recorded == ("116",)
    assert result.not_on_map == (("99", 1),)
    assert result.sentence == (
        "The recorded area is the one on the map in 42.9% of 7 rows; where they differ it is most "
        "often 105 on record, 116 on the map / 113 on record, 116 on the map / 99 on record, 113 "
        "on the map; no row records 116, which the map has; the map has no 99, which rows record."
    )


def test_rows_at_a_border_are_counted_apart():
    near = [True, True, False, True]
    result = compare(["a", "a", "a", ""], ["a", "b", "b", "b"], near=near)
    assert result.at_border == 1
    assert "1 of the 2 that differ lie at the border of the recorded area" in result.sentence
    assert compare(["a"], ["b"]).at_border is None


def test_full_agreement_and_none_to_compare():
    assert compare(["a", "b"], ["a", "b"]).sentence == (
        "The recorded area is the one on the map in 100.0% of 2 rows."
    )
    nothing = compare(["a", ""], ["", "b"])
    assert (nothing.share, nothing.compared) == (1.0, 0)
    assert "cannot be compared" in nothing.sentence


def test_order_of_rows_does_not_matter():
    rng = np.random.default_rng(3)
    recorded, mapped = rng.choice(["1", "2", "3", ""], (2, 500))
    order = rng.permutation(500)
    assert compare(recorded, mapped) == compare(recorded[order], mapped[order])


def test_lengths_must_match():
    with pytest.raises(ValueError, match="one length"):
        compare(["a"], ["a", "b"])
