"""What a Poisson regression leaves: more spread than chance alone, and memory from year to year."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.impact.poisson import Fit


@dataclass(frozen=True, slots=True)
class Residuals:
    """Spread and memory of the counts around their fitted means.

    dispersion: Pearson's chi-squared over its degrees of freedom; 1 for Poisson counts. ratio:
    variance over mean within units, before anything is fitted. serial: correlation of neighbouring
    periods of a unit; NaN when no two are used. serial_by_chance: what unit effects alone make of
    it.
    """

    dispersion: float
    ratio: float
    serial: float
    serial_by_chance: float


def residuals(fit: Fit, outcome: ArrayLike) -> Residuals:
    """Do the counts vary more than Poisson counts, and does one period say the next?

    What it asks: which errors may be believed. Model errors want a dispersion of 1. HC1 allows any
    spread but takes cells as independent. CR1 allows both within a unit.

    fit: of poisson, outcome: (U, T) its counts. With r_it = (y_it - m_it) / sqrt(m_it) over the n
    cells used: dispersion = sum r^2 / (n - k). ratio = sum_i s_i^2 / sum_i ybar_i, s_i^2 the
    variance of a unit's counts over its used periods with the divisor T_i - 1. serial = mean of
    r_it r_i,t-1 over all pairs of used neighbours / mean of r^2. Residuals of a unit add up to 0,
    which alone makes them differ from their neighbours: by -1 / (T - 1), T the mean number of
    periods a unit.

    When it lies: a trend that the period effects miss shows as memory. Expected counts far below 1
    make Pearson's sum unsteady. It says how the counts behave, not whether the estimate is right.

    Sources: P. McCullagh and J. Nelder, Generalized Linear Models, 2nd ed. 1989, ch. 6
    (dispersion); J. Wooldridge, Econometric Analysis of Cross Section and Panel Data, 2nd ed. 2010,
    sec. 10.5.4 (-1 / (T - 1)); M. Bertrand, E. Duflo and S. Mullainathan, Quarterly Journal of
    Economics 119 (2004) 249-275 (why serial correlation matters here).

    >>> from stoopstat.impact.poisson import poisson
    >>> y = [[9, 9, 4, 2], [5, 7, 8, 8], [6, 6, 6, 6]]
    >>> found = residuals(poisson(y, {}), y)
    >>> [round(x, 3) for x in (found.dispersion, found.ratio, found.serial)]
    [1.063, 0.772, 0.395]
    """
    y = np.asarray(outcome, dtype=np.float64)
    used, mean = fit.used, fit.fitted
    safe = np.where(used, mean, 1.0)
    r = np.where(used, (y - mean) / np.sqrt(safe), 0.0)
    periods = used.sum(axis=1)
    alive = periods > 1
    level = np.where(used, y, 0.0).sum(axis=1)[alive] / periods[alive]
    around = np.where(used[alive], y[alive] - level[:, None], 0.0)
    variance = (around**2).sum(axis=1) / (periods[alive] - 1)
    pairs = used[:, 1:] & used[:, :-1]
    memory = float("nan")
    if pairs.any():
        memory = float((r[:, 1:] * r[:, :-1])[pairs].mean() / (r[used] ** 2).mean())
    return Residuals(
        dispersion=fit.dispersion,
        ratio=float(variance.sum() / level.sum()),
        serial=memory,
        serial_by_chance=float(-1 / (periods[alive].mean() - 1)),
    )
