"""The watch zone of one incident, read off a Knox test: how far, how long, how much, if at all."""

from dataclasses import dataclass

import numpy as np

from stoopstat.events import Bools, Floats, Ints
from stoopstat.nearrepeat import Knox


@dataclass(frozen=True, slots=True)
class WatchZone:
    """Result of `watch_zone`: how far, and for how long, risk is raised around an incident.

    raised: whether any zone could be told from chance. radius_m, days: the zone, 0 and 0 if not.
    about_radius_m, about_days: the zone that the next numbers speak of: the zone itself, or the
    nearest cell tested when nothing is raised.
    ratio, ratio_low, ratio_high: pairs seen over expected there, with its 95 % interval.
    extra_per_incident, extra_low, extra_high: further incidents that one incident is followed
    by there beyond the expected, on average (0.02: one extra for each 50 incidents).
    p: adjusted p of the zone's least certain cell (of the nearest cell when nothing is raised).
    level: the level it was held to. cells: (S, W) cells counted as raised; p_adjusted: (S, W).
    null: the null of the Knox test it rests on.
    """

    raised: bool
    radius_m: float
    days: int
    about_radius_m: float
    about_days: int
    ratio: float
    ratio_low: float
    ratio_high: float
    extra_per_incident: float
    extra_low: float
    extra_high: float
    p: float
    level: float
    cells: Bools
    p_adjusted: Floats
    null: str


def watch_zone(result: Knox, *, level: float = 0.05) -> WatchZone:
    """The distance and time to which a Knox test shows raised risk, if it shows any.

    A cell is raised when its p, adjusted for having looked at every cell (step-down largest
    deviate over the same permutations: Westfall and Young 1993, algorithm 2.8; counts are put
    on the square-root scale, so that small and large cells weigh alike), is at most `level`,
    and so is that of every cell nearer in space and time: the zone starts at the incident and
    has no gap. Of the rectangles of raised cells, the one with the most surplus pairs is the zone.

    Give it a test whose dates were shuffled within quarters, four times the longest window or so;
    by wider shuffles, drift of hot places is taken for risk after an incident, and the zone comes
    out too wide and too long. An adjusted p near `level` falls on either side of it by the luck of
    the permutations: more of them help.

    When it lies. The zone is chosen by the same numbers that then describe it, so its ratio is a
    little too high. Edges are those of the cells tested: "up to 14 days" may be 9. "Nothing is
    raised" means that these data cannot show it, not that risk is equal: read ratio_high.
    Pairs cut off by the end of the data, and repeats that raise the expected number themselves,
    make extra_per_incident slightly low.

    Raises ValueError when level is not between 0 and 1.

    >>> import numpy as np
    >>> from stoopstat.events import events
    >>> from stoopstat.nearrepeat import knox
    >>> rng = np.random.default_rng(3)
    >>> e = events(rng.uniform(0, 9e3, 300), rng.uniform(0, 9e3, 300), rng.integers(0, 365, 300))
    >>> zone = watch_zone(knox(e, rng=rng))
    >>> zone.raised, zone.radius_m, zone.days
    (False, 0.0, 0)
    """
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    adjusted = _step_down(result.bands.observed, result.null_counts)
    # A cell counts only if all nearer cells do: the largest p of the corner it closes.
    corner = np.maximum.accumulate(np.maximum.accumulate(adjusted, axis=0), axis=1)
    cells = corner <= level
    within = result.within
    surplus = np.where(cells, within.observed - within.expected, -np.inf)
    raised = bool(cells.any())
    i, j = np.unravel_index(np.argmax(surplus), surplus.shape) if raised else (0, 0)
    each = float(within.expected[i, j]) / max(result.events, 1)
    ratio, low, high = (float(a[i, j]) for a in (within.ratio, within.ratio_low, within.ratio_high))
    return WatchZone(
        raised=raised,
        radius_m=float(result.distance_m[i]) if raised else 0.0,
        days=int(result.window_days[j]) if raised else 0,
        about_radius_m=float(result.distance_m[i]),
        about_days=int(result.window_days[j]),
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        extra_per_incident=(ratio - 1) * each,
        extra_low=(low - 1) * each,
        extra_high=(high - 1) * each,
        p=float(corner[i, j]),
        level=level,
        cells=cells,
        p_adjusted=adjusted,
        null=result.null,
    )


def _step_down(observed: Ints, null: Ints) -> Floats:
    """(S, W) p-values adjusted for looking at every cell at once."""
    root = np.sqrt(np.concatenate([observed[None], null]).reshape(null.shape[0] + 1, -1))
    spread = root.std(axis=0)
    # A cell that never varies says nothing: its deviates are 0.
    deviate = (root - root.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    order = np.argsort(-deviate[0], kind="stable")
    # The largest deviate among this cell and all less striking ones, in each permutation.
    largest = np.maximum.accumulate(deviate[:, order[::-1]], axis=1)[:, ::-1]
    p = (largest >= deviate[0, order] - 1e-12).mean(axis=0)
    adjusted = np.empty(order.size)
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted.reshape(observed.shape)
