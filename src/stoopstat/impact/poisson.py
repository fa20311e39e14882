"""Poisson regression with unit and period effects, its errors, and when it has no answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused
from stoopstat.impact.twoway import DEFICIENT, FITTED, SEPARATED, Solved, connected, solve

SE_TYPES = ("model", "HC0", "HC1", "CR1")
FEW_CLUSTERS = 40
FEW_TREATED = 10
NIL = 1e-12  # of the model's variance: rounding, not an error
CHUNK = 256  # units laid side by side at once, to save memory


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted Poisson regression of U units and T periods with K terms.

    names: the K terms. coef: (K,) logs of rate ratios. model, hc0, hc1, cr1: (K, K) covariances.
    fitted: (U, T) means, 0 where not used. used: (U, T) cells of the fit. n: their number. k:
    parameters, every unit and period dummy counted. deviance, loglik. dispersion: Pearson's, over
    n - k. clusters: number of clusters. treated_clusters: (K,) those in which the term is ever
    other than zero. leverage: (K, U) share of each unit in what is known of the term; see
    stoopstat.impact.leverage. dropped_units, dropped_periods: those without an event or a used
    cell, which say nothing about a ratio. warnings: sentences on how far to trust the errors.
    """

    names: tuple[str, ...]
    coef: Floats
    model: Floats
    hc0: Floats
    hc1: Floats
    cr1: Floats
    fitted: Floats
    used: Bools
    n: int
    k: int
    deviance: float
    loglik: float
    dispersion: float
    clusters: int
    treated_clusters: Ints
    leverage: Floats
    dropped_units: Ints
    dropped_periods: Ints
    warnings: tuple[str, ...]

    def covariance(self, se_type: str) -> Floats:
        """(K, K) covariance of the coefficients, by its name in SE_TYPES."""
        kept = {"model": self.model, "HC0": self.hc0, "HC1": self.hc1, "CR1": self.cr1}
        if se_type not in kept:
            raise ValueError(f"se_type must be one of {', '.join(SE_TYPES)}")
        return kept[se_type]

    def estimate(self, term: str, *, se_type: str = "HC1", estimator: str = "poisson") -> Estimate:
        """One coefficient with its error and two-sided normal p.

        Where the clusters that carry a term are fitted exactly, its robust variance is 0 but for
        rounding, and may even come out below: then the error is 0 and p NaN.
        """
        j = self.names.index(term)
        coef, variance = float(self.coef[j]), float(self.covariance(se_type)[j, j])
        se = sqrt(variance) if variance > NIL * self.model[j, j] else 0.0
        return Estimate(estimator, term, coef, se, se_type, normal_p(coef, se), self.n, "log")

    def estimates(
        self, *, se_type: str = "HC1", estimator: str = "poisson"
    ) -> tuple[Estimate, ...]:
        """Every coefficient, in the order of names."""
        return tuple(self.estimate(t, se_type=se_type, estimator=estimator) for t in self.names)


def poisson(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    used: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Fit | Refused:
    """Poisson regression with unit and period effects.

    What it asks: by what ratio do counts differ where a term is one, each unit being compared with
    itself and each period with the other units of that period?

    outcome: (U, T) counts y. terms: name to (U, T) values x; none gives the null model. used:
    (U, T) cells to use, all by default. cluster: (U,) label of each unit's cluster, by default
    the unit. Model: E y_it = exp(a_i + g_t + sum_k b_k x_itk) = m_it, by quasi-maximum likelihood:
    b is consistent when that mean is right, whatever the distribution of the counts.

    With z what unit and period effects leave of x at the weights m, and e = y - m:
    model = (z'mz)^-1; HC0 = model (sum z z' e^2) model; HC1 = HC0 n / (n - k); CR1 = model
    (sum over clusters of s s') model x G / (G - 1) x (n - 1) / (n - k), s the cluster's sum of z e.
    Units with the same terms and cells are fitted as one row, which leaves b as it is. A unit or
    period without an event is dropped and named: it would fit any b, and is not counted in n or k.

    Refused when a term adds nothing to the effects and the terms before it (rank deficient), when
    a term predicts zeros (separation: the likelihood has no highest point), when the cells fall
    into parts that share no unit and no period, or when no cell is left over to tell errors by.

    When it lies: the mean is a product, so an effect that adds the same number everywhere is
    misread. With effects that change over time and starts that differ, b is a mean with weights
    that may be negative: see the staggered methods. With six treated units of Sample City, CR1
    intervals cover 85 in 100 instead of 95: see few_clusters. HC1 does not know of years that hang
    together; model errors are too small by the root of the dispersion.

    Sources: J. Hausman, B. Hall and Z. Griliches, Econometrica 52 (1984) 909-938; J. Wooldridge,
    Journal of Econometrics 90 (1999) 77-97 (quasi-likelihood); S. Correia, P. Guimaraes and
    T. Zylkin, Stata Journal 20 (2020) 95-115, and arXiv 1903.01633 (separation); A. C. Cameron and
    D. Miller, Journal of Human Resources 50 (2015) 317-372 (clusters); J. MacKinnon and M. Webb,
    Journal of Applied Econometrics 32 (2017) 233-254 (few treated clusters).

    Raises ValueError for counts that are negative or not finite, or shapes that differ.

    >>> fit = poisson([[30, 20], [10, 20], [8, 8]], {"on": [[0, 0], [0, 1], [0, 0]]})
    >>> on = fit.estimate("on", se_type="model")
    >>> round(on.estimate, 4), round(on.se, 4), round(on.p, 4), on.n
    (0.9985, 0.4605, 0.0301, 6)
    >>> poisson([[30, 20], [10, 0]], {"on": [[0, 0], [0, 1]]}).term
    'on'
    """
    y, names, x, cells, label = _checked(outcome, terms, used, cluster)
    live = cells & ((y * cells).sum(axis=1) > 0)[:, None] & ((y * cells).sum(axis=0) > 0)
    if not live.any():
        return Refused("poisson", "", "There is no event in the cells to be used.")
    path, first = paths(x, live)
    rows = live[first]
    if not connected(rows):
        why = "The cells fall into parts that share no unit and no period: study them one by one."
        return Refused("poisson", "", why)
    n, k = int(live.sum()), int(live.any(axis=1).sum() + live.any(axis=0).sum()) - 1 + len(names)
    counts = np.zeros((1, *rows.shape))
    np.add.at(counts[0], path, y * live)
    solved = solve(counts, x[:, first], rows)
    refused = _refused(solved, names, live, path)
    if refused is None and n <= k:
        why = f"There are {k} parameters for {n} cells: use more units or periods, or fewer terms."
        refused = Refused("poisson", names[0] if names else "", why)
    return refused or _fit(names, x, y, live, label, path, solved, n, k)


def paths(x: Floats, live: Bools) -> tuple[Ints, Ints]:
    """Units alike in every term and every used cell: (U,) number of the path, first unit of each.

    >>> paths(np.array([[[0.0, 1], [0, 0], [0, 1]]]), np.ones((3, 2), dtype=bool))
    (array([0, 1, 0]), array([0, 1]))
    """
    seen: dict[bytes, int] = {}
    path = np.empty(live.shape[0], dtype=np.int64)
    for start in range(0, path.size, CHUNK):
        some = slice(start, start + CHUNK)
        shown = np.where(live[some], x[:, some], 0.0) + 0.0  # no -0.0, which has other bytes
        keys = np.concatenate([*shown, live[some]], axis=1)
        path[some] = [seen.setdefault(row.tobytes(), len(seen)) for row in keys]
    return path, np.unique(path, return_index=True)[1].astype(np.int64)


def normal_p(estimate: float, se: float) -> float:
    """Two-sided normal p of an estimate, NaN where there is no error.

    >>> round(normal_p(1.959963984540054, 1), 12)
    0.05
    """
    return erfc(abs(estimate) / se / sqrt(2)) if se > 0 else float("nan")


def _checked(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    used: ArrayLike | None,
    cluster: ArrayLike | None,
) -> tuple[Floats, tuple[str, ...], Floats, Bools, Ints]:
    y = np.array(outcome, dtype=np.float64)
    if y.ndim != 2 or 0 in y.shape:
        raise ValueError("outcome must be a table of units by periods, neither of them empty")
    cells = np.ones(y.shape, dtype=bool) if used is None else np.array(used, dtype=bool)
    names = tuple(terms)
    x = np.zeros((len(names), *y.shape))
    for j, name in enumerate(names):
        value = np.asarray(terms[name], dtype=np.float64)
        if value.shape != y.shape or not np.isfinite(value[cells]).all():
            raise ValueError(f"the term {name} must give a finite number for each unit and period")
        x[j] = np.where(cells, value, 0.0)
    if cells.shape != y.shape or not np.isfinite(y[cells]).all() or (y[cells] < 0).any():
        raise ValueError("outcomes of the cells to be used must be finite and not negative")
    label = np.arange(y.shape[0]) if cluster is None else np.asarray(cluster)
    if label.shape != y.shape[:1]:
        raise ValueError("cluster must give one label for each unit")
    return np.where(cells, y, 0.0), names, x, cells, np.unique(label, return_inverse=True)[1]


def _refused(solved: Solved, names: tuple[str, ...], live: Bools, path: Ints) -> Refused | None:
    state, at = int(solved.state[0]), int(solved.at[0])
    if state == FITTED:
        return None
    name = names[at] if at >= 0 else ""
    if state == DEFICIENT:
        others = ", ".join(names[:at])
        told = f"the unit and period effects{' and ' + others if others else ''}"
        why = (
            f"{name} adds nothing to what {told} already say in this sample (rank deficient), "
            "so no number belongs to it: leave it out, or use more periods or units."
        )
    elif state == SEPARATED:
        cells = int((solved.vanishing[0][path] & live).sum())
        why = (
            f"{name or 'Unit and period effects'} can predict {cells} cells without an event "
            "perfectly (separation), so the estimate runs off without end: use longer periods, "
            "larger units, or a coarser term."
        )
    else:
        why = "The fit did not come to rest: rescale the terms, or use fewer."
    return Refused("poisson", name, why)


def _fit(
    names: tuple[str, ...],
    x: Floats,
    y: Floats,
    live: Bools,
    label: Ints,
    path: Ints,
    solved: Solved,
    n: int,
    k: int,
) -> Fit:
    totals = y.sum(axis=1, where=live)
    whole = solved.fitted[0].sum(axis=1, keepdims=True)
    rate = solved.fitted[0] / np.where(whole > 0, whole, 1.0)
    mean = totals[:, None] * rate[path] * live
    error = (y - mean) * live
    # What is left of a term is the same for all units of a path: only errors are added up by unit.
    left = solved.left[0]
    squares = np.zeros(left.shape[1:])
    np.add.at(squares, path, error**2)
    model = np.linalg.inv(solved.information[0])
    hc0 = model @ np.tensordot(left * squares, left, axes=([1, 2], [1, 2])) @ model
    alive = live.any(axis=1)
    kept, code = np.unique(label[alive], return_inverse=True)
    sums = np.zeros((len(names), kept.size))
    for j in range(len(names)):
        np.add.at(sums[j], code, (left[j][path] * error).sum(axis=1)[alive])
    g = int(kept.size)
    widen = g / (g - 1) * (n - 1) / (n - k) if g > 1 else np.nan
    ever = (x != 0).any(axis=2)[:, alive]
    clusters_of = np.array([np.unique(code[row]).size for row in ever], dtype=np.int64)
    deviance, loglik, pearson = _fitness(y[live], mean[live])
    dispersion = pearson / (n - k)
    lost = np.flatnonzero(~live.any(axis=1)), np.flatnonzero(~live.any(axis=0))
    return Fit(
        names=names,
        coef=solved.coef[0],
        model=_even(model),
        hc0=_even(hc0),
        hc1=_even(hc0) * n / (n - k),
        cr1=_even(model @ (sums @ sums.T) @ model) * widen,
        fitted=mean,
        used=live,
        n=n,
        k=k,
        deviance=deviance,
        loglik=loglik,
        dispersion=dispersion,
        clusters=g,
        treated_clusters=clusters_of,
        leverage=_leverage(left, rate, model)[:, path] * totals,
        dropped_units=lost[0],
        dropped_periods=lost[1],
        warnings=_warnings(names, g, clusters_of, dispersion, lost[0].size, lost[1].size),
    )


def _leverage(left: Floats, rate: Floats, model: Floats) -> Floats:
    """(K, R) leverage of each path, for each event: what all other terms leave of term k, too."""
    own = np.tensordot(model, left, axes=1)
    found: Floats = (rate * own**2).sum(axis=2) / np.diag(model)[:, None]
    return found


def _even(square: Floats) -> Floats:
    return (square + square.T) / 2


def _fitness(y: Floats, mean: Floats) -> tuple[float, float, float]:
    """Deviance, log-likelihood and Pearson's statistic."""
    from scipy.special import gammaln, xlogy

    log = xlogy(y, mean)
    deviance = 2 * float((xlogy(y, y) - log - (y - mean)).sum())
    loglik = float((log - mean - gammaln(y + 1)).sum())
    return deviance, loglik, float(((y - mean) ** 2 / mean).sum())


def _warnings(
    names: tuple[str, ...],
    clusters: int,
    treated: Ints,
    dispersion: float,
    units: int,
    periods: int,
) -> tuple[str, ...]:
    said = []
    if units or periods:
        said.append(
            "Left out, because without an event or a cell they say nothing about a ratio: units "
            f"{units}, periods {periods}."
        )
    if clusters < FEW_CLUSTERS:
        said.append(f"Only {clusters} clusters: clustered errors are likely to be too small.")
    said += [
        f"Only {count} clusters carry {name}: plain robust and clustered errors (HC1, CR1) are "
        "likely to be too small; go by CR2 and the permutation."
        for name, count in zip(names, treated.tolist(), strict=True)
        if count < FEW_TREATED
    ]
    if dispersion > 1.2:
        said.append(
            f"Counts vary {dispersion:.1f} times as much as Poisson counts: model errors are too "
            "small."
        )
    return tuple(said)
