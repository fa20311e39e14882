"""Standard errors from what each unit contributes to an estimate."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Refused


def clustered_se(influence: ArrayLike, cluster: Ints | None = None) -> Any:
    """Square root of the summed squared contributions, those of one cluster added first.

    influence: (U,) or (U, J), one row a unit, so scaled that the error of the estimate is their
    sum. cluster: (U,) codes from 0; each unit its own by default.

    >>> float(clustered_se([3.0, 4.0])), float(clustered_se([3.0, 4.0], np.array([0, 0])))
    (5.0, 7.0)
    """
    rows = np.asarray(influence, dtype=np.float64)
    if cluster is not None:
        rows = _by_cluster(rows, cluster)
    return np.sqrt((rows**2).sum(axis=0))


def _by_cluster(rows: Floats, cluster: Ints) -> Floats:
    out = np.zeros((int(cluster.max()) + 1, *rows.shape[1:]))
    np.add.at(out, cluster, rows)
    return out


def codes(cluster: ArrayLike | None, units: int) -> Ints | None:
    """Clusters of any names as (U,) codes from 0, None where each unit is its own."""
    if cluster is None:
        return None
    named = np.asarray(cluster)
    if named.shape != (units,):
        raise ValueError("cluster must name one cluster for each unit")
    return np.unique(named, return_inverse=True)[1].astype(np.int64)


def two_sided(estimate: float, se: float) -> float:
    """Normal two-sided p of no effect; NaN where the standard error is 0 or unknown."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(estimate) / se)) if se > 0 else float("nan")


# Where more than this share of an average stands on cohorts of one unit, nothing tells its error.
LONE = 0.25


def known(errors: ArrayLike, lone: ArrayLike) -> Any:
    """Errors, NaN where too large a share of the estimate stands on cohorts of one unit.

    Such a unit is its cohort's mean, so an error that is measured from that mean holds nothing of
    it. On Sample City, where every cohort is one unit, such intervals cover 3 times in 10 instead
    of 19 in 20 (docs/reference/recovery.md).

    >>> known([1.0, 1.0], [0.2, 0.5]).tolist()
    [1.0, nan]
    """
    return np.where(np.asarray(lone) > LONE, np.nan, np.asarray(errors, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Joint:
    """Wald test that several estimates are all 0.

    p: of the statistic held against chi-squared with `terms` degrees of freedom; or, where it is
    known how few clusters carry them, against F with `terms` and `rest`, which is NaN otherwise.
    """

    statistic: float
    terms: int
    p: float
    rest: float = float("nan")


def joint(
    estimator: str,
    estimates: ArrayLike,
    influence: Floats,
    cluster: Ints | None = None,
    *,
    carriers: int | None = None,
) -> Joint | Refused:
    """Are these estimates together different from 0?

    estimates: (J,). influence: (U, J) and cluster as in clustered_se. estimator: named in the
    refusal: with as few clusters as terms the errors of some combination are 0. carriers: how many
    clusters carry the terms, m; then the statistic times (m - J) / (J m) is held against F with J
    and m - J degrees of freedom, which is exact for the mean of m normal rows, and m <= J is
    refused.

    When it lies: without carriers it rejects far too often with few clusters for each term: on
    Sample City, 4 terms and 6 treated units, in 6 cases of 10 instead of 1 in 20.

    Source: H. Hotelling, Annals of Mathematical Statistics 2 (1931) 360-378.

    >>> j = joint("made", [2.0], np.array([[0.6], [0.8]]))
    >>> round(j.statistic, 6), round(j.p, 4)
    (4.0, 0.0455)
    >>> round(joint("made", [2.0], np.array([[0.6], [0.8]]), carriers=2).p, 4)
    0.3918
    """
    from scipy.special import chdtrc, fdtrc

    values = np.asarray(estimates, dtype=np.float64)
    rows = influence if cluster is None else _by_cluster(influence, cluster)
    covariance = rows.T @ rows
    spread = np.sqrt(np.diag(covariance))
    j = values.size
    few = carriers is not None and carriers <= j
    if j == 0:
        return Refused(estimator, "joint test", "no term of it has a number; join periods")
    if few or not spread.all() or not _full(covariance / np.outer(spread, spread)):
        why = f"{j} terms cannot be told apart by so few clusters; test fewer periods"
        return Refused(estimator, "joint test", why)
    statistic = float(values @ np.linalg.solve(covariance, values))
    if carriers is None:
        return Joint(statistic, j, float(chdtrc(j, statistic)))
    scaled = statistic * (carriers - j) / (j * carriers)
    return Joint(scaled, j, float(fdtrc(j, carriers - j, scaled)), float(carriers - j))


def carrying(influence: Floats, members: Bools, cluster: Ints | None) -> int:
    """How many clusters of the marked units contribute anything.

    >>> carrying(np.array([[0.0], [1.0], [1.0]]), np.array([True, True, False]), None)
    1
    """
    active = members & (influence != 0).any(axis=1)
    group = np.arange(active.size) if cluster is None else cluster
    return int(np.unique(group[active]).size)


def _full(correlation: Floats) -> bool:
    return float(np.linalg.eigvalsh(correlation)[0]) > 1e-9
