"""Standard errors from what each unit contributes to an estimate."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats, Ints


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
