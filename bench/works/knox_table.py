"""The whole 4 x 4 Knox table on incidents, by both nulls."""

from pathlib import Path
from typing import Any

import numpy as np

from bench.works._points import points

TITLE = "Knox, whole 4 x 4 table, 999 permutations within years, 18,562 incidents"
PEER = "none: pointpats does one cell, over all time"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 3 CPU s"


def prepare(data: Path) -> np.ndarray:
    return points(data, incidents=True)


def warm(inputs: np.ndarray) -> None:
    ours(inputs[:, :50])


def ours(inputs: np.ndarray) -> Any:
    from stoopstat.events import events
    from stoopstat.nearrepeat import knox, watch_zone

    result = knox(
        events(inputs[0], inputs[1], inputs[2]),
        rng=np.random.default_rng(1),
        strata=inputs[3] // 12,
    )
    watch_zone(result)
    return result.within.observed, result.within.expected, result.within.permutation_mean


def agree(ours: Any, theirs: Any, data: Path) -> str:
    observed, expected, mean = ours
    assert abs(observed[1, 1] / expected[1, 1] - 1.061) < 0.001
    assert np.abs(mean / expected - 1).max() < 0.01
    return f"{int(observed[-1, -1]):,} pairs within 400 m and 28 days; means as the closed form."
