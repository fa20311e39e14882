"""Knox test, one cell, on the rows as the peer takes them."""

from pathlib import Path
from typing import Any

import numpy as np

from stoopstat.tests.nyc_points import Points, points

TITLE = "Knox, 999 permutations, 200 m x 14 days, 23,574 rows of 2006-2020"
PEER = "pointpats 2.5.5"
PEER_REQUIRES = ["pointpats==2.5.5"]
QUOTED = {"cpu_s": 171.6, "wall_s": None, "peak_mb": 620, "source": "measured on two cores"}
AIM = "200 x less CPU, the same statistic to the last unit"

PERMUTATIONS = 999


def prepare(data: Path) -> Points:
    return points(data, incidents=False)


def warm(inputs: Points) -> None:
    ours(inputs.first(50))


def ours(inputs: Points) -> Any:
    from stoopstat.events import events
    from stoopstat.nearrepeat import knox

    result = knox(
        events(inputs.x_m, inputs.y_m, inputs.day),
        distance_m=[200],
        window_days=[14],
        permutations=PERMUTATIONS,
        rng=np.random.default_rng(1),
    )
    cell = result.within
    return int(cell.observed[0, 0]), float(cell.expected[0, 0]), float(cell.p[0, 0])


def theirs(inputs: Points) -> Any:
    from pointpats.spacetime import Knox

    np.random.seed(1)  # the peer draws from the global state
    places = np.column_stack([inputs.x_m, inputs.y_m])
    result = Knox(places, inputs.day[:, None], delta=200, tau=14, permutations=PERMUTATIONS)
    return int(result.statistic_), float(result.expected[0][0]), float(result.p_sim)


def agree(ours: Any, theirs: Any, data: Path) -> str:
    observed, expected, p = ours
    known = theirs or (12_326, 2_001.76, 0.001)
    assert observed == known[0] == 12_326, (ours, theirs)
    assert abs(expected - known[1]) < 0.005, (ours, theirs)
    assert p == 1 / (1 + PERMUTATIONS), p
    return f"Both count {observed:,} pairs and expect {expected:,.2f}."
