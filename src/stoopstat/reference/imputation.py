"""What would have been, by regressions with every effect as a column, units being weighted."""

import numpy as np

from stoopstat.events import Floats
from stoopstat.reference import dummies


def effects(
    outcome: Floats, onset: Floats, weight: Floats, *, family: str, event: int | None = None
) -> tuple[float, float]:
    """Effect over all treated cells (or those of one event time), and the excess there."""
    periods = outcome.shape[1]
    unit, period = np.divmod(np.arange(outcome.size), periods)
    began = onset[unit]
    treated = (began < periods) & (period >= began)
    y, w = outcome.ravel(), np.asarray(weight, dtype=np.float64)[unit]
    if family == "poisson":
        treated_unit = outcome.copy()
        treated_unit[treated.reshape(outcome.shape)] = 0
        seen = treated_unit.sum(axis=1)[unit] > 0
    else:
        seen = np.ones(unit.size, dtype=bool)
    fit = ~treated & seen
    x = dummies.columns(np.where(seen, unit, unit[seen][0]), period)
    model = dummies.poisson if family == "poisson" else dummies.least_squares
    coef, _ = model(y[fit], x[fit], unit[fit], w[fit])
    mean = np.exp(x @ coef) if family == "poisson" else x @ coef
    cells = treated & seen & ((period - began == event) if event is not None else True)
    more = float((w * (y - mean))[cells].sum())
    if family == "poisson":
        return float(np.log((w * y)[cells].sum() / (w * mean)[cells].sum())), more
    return more / float(w[cells].sum()), more
