"""May an effect be told in counts here? How far the treated units start from the others."""

from dataclasses import dataclass

import numpy as np

from stoopstat.impact.design import Refused, Treated

FAR = 1.5


@dataclass(frozen=True, slots=True)
class LevelGap:
    """Where the treated units start, against the units never treated in the panel.

    treated, comparison: mean outcome a unit and period, of the treated ones before their onset,
    and of the comparison in the same periods. ratio: treated / comparison. implied: what a method
    that compares differences of counts would call an effect if both had only changed by one ratio.
    unsuitable: ratio above FAR or below 1 / FAR. why: in one sentence.
    """

    treated: float
    comparison: float
    ratio: float
    implied: float
    unsuitable: bool
    why: str


def level_gap(panel: Treated) -> LevelGap | Refused:
    """How far above the rest do the treated units start, and what would that alone show?

    For a treated unit i let m_i be its mean before its onset, c_i and c'_i the means of the
    comparison units before and from it. A common ratio would leave i at m_i c'_i / c_i; the
    difference in differences then is (m_i - c_i) (c'_i / c_i - 1). implied is its mean over the
    treated units, weighted by their treated periods. When it is near the effect that a level
    method finds, that effect says nothing of the program: counts fall most where they are highest.

    When it lies: a ratio of exactly 1 is no proof that the units are alike in anything else. FAR
    is our convention.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> gap = level_gap(treated([[40, 40, 20], [10, 10, 5]], [2, NEVER]))
    >>> gap.ratio, gap.implied, gap.unsuitable
    (4.0, -15.0, True)
    """
    periods = panel.outcome.shape[1]
    pool = panel.onset >= periods
    began = (panel.onset > 0) & ~pool
    if not began.any() or not pool.any():
        why = "a gap needs units that begin within the panel and units that never do"
        return Refused("level_gap", "overall", why)
    start = panel.onset[began].astype(int)
    ours = np.array([row[:g].mean() for row, g in zip(panel.outcome[began], start, strict=True)])
    other = panel.outcome[pool].mean(axis=0)
    before = np.array([other[:g].mean() for g in start])
    after = np.array([other[g:].mean() for g in start])
    treated, comparison = float(ours.mean()), float(before.mean())
    if not before.all():
        return Refused("level_gap", "overall", "the comparison units have no event before an onset")
    weight = periods - start
    implied = float(np.average((ours - before) * (after / before - 1), weights=weight))
    ratio = treated / comparison
    far = not 1 / FAR <= ratio <= FAR
    why = (
        f"treated units start at {treated:.1f} a period, the others at {comparison:.1f}; one "
        f"common ratio of change alone would show as {implied:+.1f}"
    )
    return LevelGap(treated, comparison, ratio, implied, far, why)
