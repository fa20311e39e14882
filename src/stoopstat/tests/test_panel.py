"""Counts by area and period; missing is never zero."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.panel import by_area, by_period, panel
from stoopstat.reference import panel as twin

EVENTS = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 4), st.integers(0, 3)), max_size=40)


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.lists(st.booleans(), min_size=20, max_size=20))
def test_agrees_with_the_twin(events, flags):
    reported = np.array(flags).reshape(4, 5)
    columns = np.array(events).reshape(-1, 3)
    p = panel(
        columns[:, 0],
        columns[:, 1],
        weight=columns[:, 2],
        n_areas=4,
        n_periods=5,
        reported=reported,
    )
    plain = np.array(twin.counts(events, reported.tolist()), dtype=float)
    assert np.array_equal(p.counts, plain, equal_nan=True)
    total = sum(w for *_, w in events)
    assert np.nansum(p.counts) + p.unplaced + p.unreported == total
    assert p.completeness == reported.mean()
    both = by_area(p), by_period(p)
    assert np.nansum(both[0].total) == np.nansum(both[1].total) == np.nansum(p.counts)


def test_sums_say_what_share_was_reported():
    p = panel(
        [0, 0, 1], [0, 2, 1], n_areas=3, n_periods=3, reported=[[1, 1, 1], [1, 1, 0], [0, 0, 0]]
    )
    years = by_area(p)
    assert years.total[:2].tolist() == [2.0, 1.0]
    assert np.isnan(years.total[2])
    assert years.share_reported.tolist() == [1.0, 2 / 3, 0.0]
    assert by_area(p, first=1, stop=2).total[:2].tolist() == [0.0, 1.0]
    assert by_period(p, areas=[0]).total.tolist() == [1.0, 0.0, 1.0]


def test_one_row_of_reporting_serves_all_areas():
    p = panel([0], [1], n_areas=2, n_periods=2, reported=[True, False])
    assert p.completeness == 0.5
    assert p.unreported == 1.0
    assert np.isnan(p.counts[:, 1]).all()


@given(EVENTS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_names_of_areas_are_only_names(events, random):
    columns = np.array(events, dtype=int).reshape(-1, 3)
    order = random.sample(range(len(events)), len(events))
    name = np.array([*random.sample(range(4), 4), -1])  # the last stands for "not known"
    size = {"n_areas": 4, "n_periods": 5}
    p = panel(columns[:, 0], columns[:, 1], weight=columns[:, 2], **size)
    mixed = columns[np.array(order, dtype=int)]
    q = panel(name[mixed[:, 0]], mixed[:, 1], weight=mixed[:, 2], **size)
    assert np.array_equal(q.counts[name[:4]], p.counts)
    assert q.unplaced == p.unplaced


def test_doubling_doubles():
    one = panel([0, 1, 1], [0, 1, 1], n_areas=2, n_periods=2)
    two = panel([0, 1, 1] * 2, [0, 1, 1] * 2, n_areas=2, n_periods=2)
    assert np.array_equal(two.counts, 2 * one.counts)
    assert np.array_equal(panel([], [], n_areas=1, n_periods=1).counts, [[0.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"area": [2], "period": [0]}, "area codes"),
        ({"area": [0], "period": [-2]}, "period codes"),
        ({"area": [0, 1], "period": [0]}, "one length"),
        ({"area": [0.5], "period": [0]}, "whole"),
        ({"area": [np.nan], "period": [0]}, "whole"),
        ({"area": [0], "period": [0], "weight": [-1.0]}, "not negative"),
        ({"area": [0], "period": [0], "reported": [[True]]}, "shape"),
        ({"area": [0], "period": [0], "n_areas": 0}, "at least one"),
    ],
)
def test_refuses(arguments, message):
    arguments = {"n_areas": 2, "n_periods": 2} | arguments
    with pytest.raises(ValueError, match=message):
        panel(arguments.pop("area"), arguments.pop("period"), **arguments)


def test_refuses_an_empty_span():
    with pytest.raises(ValueError, match="empty"):
        by_area(panel([0], [0], n_areas=1, n_periods=2), first=2)
