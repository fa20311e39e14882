"""The stacked cells one by one, and the regression on them in full."""

import numpy as np

from stoopstat.events import Floats
from stoopstat.reference import dummies


def rows(outcome: Floats, onset: Floats, before: int, after: int, *, whole: bool) -> Floats:
    """(n, 6) of cohort, unit, period, outcome, in the cohort, from the onset on."""
    periods = outcome.shape[1]
    out = []
    for cohort in sorted({int(g) for g in onset if 0 < g < periods}):
        window = [t for t in range(cohort - before, cohort + after + 1) if 0 <= t < periods]
        pool = [i for i, g in enumerate(onset) if g > window[-1]]
        if not pool or (whole and len(window) < before + after + 1):
            continue
        for unit in [i for i, g in enumerate(onset) if g == cohort] + pool:
            ours = onset[unit] == cohort
            out += [(cohort, unit, t, outcome[unit, t], ours, t >= cohort) for t in window]
    return np.array(out, dtype=np.float64)


def plain(cells: Floats, *, family: str) -> tuple[float, float]:
    """Coefficient of treated x after, and its error with the correction."""
    cohort, unit, period, y, ours, after = cells.T
    stacks = np.unique(cohort).size
    rows_of = dummies.columns((cohort * 1000 + unit).astype(np.int64))
    times = [  # the first period of each stack is its reference
        (cohort == g) & (period == t)
        for g in np.unique(cohort)
        for t in np.unique(period[cohort == g])[1:]
    ]
    x = np.column_stack([rows_of, *times, ours * after]).astype(np.float64)
    fit = dummies.poisson if family == "poisson" else dummies.least_squares
    coef, covariance = fit(y, x, unit.astype(np.int64), np.ones(y.size))
    k = 1 + len(times) + stacks
    clusters = np.unique(unit).size
    factor = clusters / (clusters - 1) * (y.size - 1) / (y.size - k)
    return float(coef[-1]), float(np.sqrt(factor * covariance[-1, -1]))


def shares(cells: Floats) -> dict[int, tuple[float, float]]:
    """By event time: the weighted regression on group x event time, with its error."""
    cohort, unit, period, y, ours, _ = cells.T
    event = (period - cohort).astype(np.int64)
    width = np.unique(event).size
    all_ours, all_pool = ours.sum() / width, (1 - ours).sum() / width
    weight = np.ones(y.size)
    for g in np.unique(cohort):
        n_ours = ours[cohort == g].sum() / width
        n_pool = (1 - ours[cohort == g]).sum() / width
        weight[(cohort == g) & (ours == 0)] = (n_ours / all_ours) / (n_pool / all_pool)
    others = [e for e in np.unique(event) if e != -1]
    base = [event == e for e in others]
    x = np.column_stack([np.ones(y.size), ours, *base, *[b * ours for b in base]])
    coef, covariance = dummies.least_squares(y, x, unit.astype(np.int64), weight)
    clusters = np.unique(unit).size
    factor = clusters / (clusters - 1) * (y.size - 1) / (y.size - x.shape[1])
    start = 2 + len(others)
    return {
        int(e): (float(coef[start + j]), float(np.sqrt(factor * covariance[start + j, start + j])))
        for j, e in enumerate(others)
    }
