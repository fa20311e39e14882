"""An interval for few treated units: clustered errors without bias, and t by what they know."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Refused
from stoopstat.impact.poisson import Fit, paths

# Below this share of its own, a direction of a unit's residuals is fitted exactly.
FITTED = 1e-8
SHORT = 1e-4


@dataclass(frozen=True, slots=True)
class FewClusters:
    """One coefficient: its CR2 error, the degrees of freedom of that error, the interval at
    `level` and the two-sided p by t."""

    term: str
    estimate: float
    se: float
    df: float
    low: float
    high: float
    level: float
    p: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """Over the units: squared contributions, D, q = diag(B A B'), D^2, D q; and B'B."""

    variance: float
    own: float
    shared: float
    square: float
    cross: float
    inner: Floats


def few_clusters(
    fit: Fit,
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    term: str,
    level: float = 0.95,
) -> FewClusters | Refused:
    """The interval of one Poisson coefficient, clustered by unit, that holds with few treated.

    What it asks: how far may the effect lie from the estimate, when only a handful of units tell
    how much a treated unit varies by itself?

    fit: of poisson(outcome, terms), its clusters being the units. Weighted by the root of the
    fitted means, the fit is least squares with residual maker I - H. CR2 takes a unit's residuals
    times (I - H_gg)^-1/2, so that the variance is unbiased when counts are as Poisson says (HC1 and
    CR1 are not: a fit draws its own residuals in). Degrees of freedom by Satterthwaite, from the
    same working model: 2 mean^2 / variance of that variance. Both are exact, and cost one
    eigenvalue problem for each treatment path.

    When it lies: it does not know of a unit that is unlike all others after its start, and it takes
    programs whose effects differ as a sample of such programs, so it is wide for these very ones.
    Measured in docs/reference/recovery.md.

    Sources: R. Bell and D. McCaffrey, Survey Methodology 28 (2002) 169-181; G. Imbens and M.
    Kolesar, Review of Economics and Statistics 98 (2016) 701-712; J. Pustejovsky and E. Tipton,
    Journal of Business and Economic Statistics 36 (2018) 672-683 (fixed effects, weights).

    Refused when a unit that carries the term is fitted exactly: one treated unit. Raises ValueError
    for a level outside 0 to 1, an unknown term, or a fit whose clusters are not its units.

    >>> from stoopstat.impact.poisson import poisson
    >>> y, on = [[9, 11], [11, 9], [8, 12], [12, 8]], [[0, 1], [0, 1], [0, 0], [0, 0]]
    >>> found = few_clusters(poisson(y, {"on": on}), y, {"on": on}, term="on")
    >>> round(found.se, 4), round(found.df, 4)
    (0.4472, 2.0)
    """
    from scipy.special import stdtr, stdtrit

    if not 0 < level < 1 or term not in fit.names:
        raise ValueError("level must lie between 0 and 1, and term must be one of the fit")
    alive = fit.used.any(axis=1)
    if int(alive.sum()) != fit.clusters:
        raise ValueError("the clusters of the fit must be its units")
    x = np.array([np.asarray(terms[name], dtype=np.float64) for name in fit.names])
    found = _sums(
        np.asarray(outcome, dtype=np.float64)[alive],
        x[:, alive],
        fit.used[alive],
        fit.fitted[alive],
        fit.names.index(term),
    )
    estimate = float(fit.coef[fit.names.index(term)])
    mean = found.own - found.shared
    spread = found.square - 2 * found.cross + float((found.inner * found.inner.T).sum())
    # The mean of an unbiased variance is the model's; what is fitted exactly is missing from it.
    model = float(fit.model[fit.names.index(term), fit.names.index(term)])
    if not mean > (1 - SHORT) * model or not found.variance > 0:
        why = f"a single unit tells of {term} somewhere, so nothing tells how such units vary"
        return Refused("poisson", term, f"{why}: add units, or ask for less")
    se, df = sqrt(found.variance), mean**2 / spread
    reach = float(stdtrit(df, 0.5 + level / 2)) * se
    p = 2 * float(stdtr(df, -abs(estimate) / se))
    return FewClusters(term, estimate, se, df, estimate - reach, estimate + reach, level, p)


def _sums(y: Floats, x: Floats, live: Bools, mean: Floats, term: int) -> _Sums:
    """Unit effects are taken off within each unit; period effects and terms stay as columns."""
    path, first = paths(x, live)
    total = mean.sum(axis=1)
    seen = np.flatnonzero(live.any(axis=0))[1:]
    designs = [_design(x[:, unit], seen, mean[unit] / total[unit]) for unit in first]
    weight = np.bincount(path, weights=total)
    bread = np.linalg.inv(sum(w * (d.T @ d) for w, d in zip(weight, designs, strict=True)))
    root = np.sqrt(mean)
    error = np.divide(y - mean, root, out=np.zeros_like(mean), where=live & (root > 0))
    variance = own = shared = square = cross = 0.0
    inner = np.zeros_like(bread)
    for number, design in enumerate(designs):
        units = path == number
        size = np.sqrt(total[units])[:, None]
        leverage, basis = np.linalg.eigh(design @ bread @ design.T)
        rest = 1 - size**2 * leverage
        raised = np.where(rest > FITTED, 1 / np.sqrt(np.maximum(rest, FITTED)), 0.0)
        pull = basis.T @ (design @ bread[:, seen.size + term])
        by_cell = size * ((raised * pull) @ basis.T)
        variance += float(((by_cell * error[units]).sum(axis=1) ** 2).sum())
        diagonal, across = (by_cell**2).sum(axis=1), size * (by_cell @ design)
        taken = ((across @ bread) * across).sum(axis=1)
        own, shared = own + float(diagonal.sum()), shared + float(taken.sum())
        square += float((diagonal**2).sum())
        cross += float((diagonal * taken).sum())
        inner += across.T @ across
    return _Sums(variance, own, shared, square, cross, bread @ inner)


def _design(x: Floats, seen: Ints, rate: Floats) -> Floats:
    """(T, periods + terms) columns of one path, without their unit's mean, times root of rate."""
    columns = np.concatenate([np.eye(rate.size)[:, seen], x.T], axis=1)
    centred: Floats = (columns - rate @ columns) * np.sqrt(rate)[:, None]
    return centred
