"""The whole 4 x 4 Knox table on incidents, by both nulls."""

from pathlib import Path
from typing import Any

import numpy as np

from stoopstat.tests.nyc_points import Points, points

TITLE = "Knox, whole 4 x 4 table, 999 permutations within years, 18,562 incidents"
PEER = "none: pointpats does one cell, over all time"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 3 CPU s"


def prepare(data: Path) -> Points:
    return points(data, incidents=True)


def warm(inputs: Points) -> None:
    ours(inputs.first(50))


def ours(inputs: Points) -> Any:
    from stoopstat.events import events
    from stoopstat.nearrepeat import knox
    from stoopstat.watchzone import watch_zone

    result = knox(
        events(inputs.x_m, inputs.y_m, inputs.day),
        rng=np.random.default_rng(1),
        strata=inputs.year,
    )
    watch_zone(result)
    return result.within.observed, result.within.expected, result.within.permutation_mean


def agree(ours: Any, theirs: Any, data: Path) -> str:
    observed, expected, mean = ours
    assert abs(observed[1, 1] / expected[1, 1] - 1.061) < 0.001
    assert np.abs(mean / expected - 1).max() < 0.01
    return f"{int(observed[-1, -1]):,} pairs within 400 m and 28 days; means as the closed form."
