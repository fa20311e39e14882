"""Events: what they take, and what they refuse."""

import numpy as np
import pytest

from stoopstat.events import events


def test_events_are_frozen_copies_that_count_one_each():
    x = np.array([1.0, 2.0])
    found = events(x, [0, 0], [10, 12.0])
    x[0] = 9.0
    assert (len(found), found.x_m.tolist(), found.t_days.tolist()) == (2, [1, 2], [10, 12])
    assert found.weight.tolist() == [1, 1]
    with pytest.raises(ValueError, match="read-only"):
        found.x_m[0] = 5.0


def test_an_event_may_count_nothing():
    assert events([0], [0], [0], weight=[0]).weight.tolist() == [0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([0], [0, 1], [0]), "one length"),
        (([[0]], [[0]], [[0]]), "one length"),
        (([np.nan], [0], [0]), "finite"),
        (([0], [np.inf], [0]), "finite"),
        (([0], [0], [0.5]), "t_days must be a flat array of whole"),
    ],
)
def test_refuses(columns, message):
    with pytest.raises(ValueError, match=message):
        events(*columns)


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf])
def test_refuses_a_weight(weight):
    with pytest.raises(ValueError, match="not negative"):
        events([0], [0], [0], weight=[weight])
