"""Standard errors from what each unit contributes to an estimate."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats, Ints
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


@dataclass(frozen=True, slots=True)
class Joint:
    """Wald test that several estimates are all 0: chi-squared with `terms` degrees of freedom."""

    statistic: float
    terms: int
    p: float


def joint(
    estimator: str, estimates: ArrayLike, influence: Floats, cluster: Ints | None = None
) -> Joint | Refused:
    """Are these estimates together different from 0?

    estimates: (J,). influence: (U, J) and cluster as in clustered_se. estimator: named in the
    refusal: with as few clusters as terms the errors of some combination are 0.

    When it lies: with few clusters for each term it rejects far too often.

    >>> j = joint("made", [2.0], np.array([[0.6], [0.8]]))
    >>> round(j.statistic, 6), round(j.p, 4)
    (4.0, 0.0455)
    """
    from scipy.special import chdtrc

    values = np.asarray(estimates, dtype=np.float64)
    rows = influence if cluster is None else _by_cluster(influence, cluster)
    covariance = rows.T @ rows
    spread = np.sqrt(np.diag(covariance))
    if values.size == 0 or not spread.all() or not _full(covariance / np.outer(spread, spread)):
        why = f"{values.size} terms cannot be told apart by so few clusters; test fewer periods"
        return Refused(estimator, "joint test", why)
    statistic = float(values @ np.linalg.solve(covariance, values))
    return Joint(statistic, values.size, float(chdtrc(values.size, statistic)))


def _full(correlation: Floats) -> bool:
    return float(np.linalg.eigvalsh(correlation)[0]) > 1e-9
