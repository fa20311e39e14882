"""Poisson regression with a dummy for each unit and period; separation by a linear programme.

Nothing is eliminated, absorbed or grouped: one design matrix, Newton's method on all of it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import gammaln

from stoopstat.events import Bools, Floats, Ints


@dataclass(frozen=True)
class Plain:
    coef: Floats
    model: Floats
    hc0: Floats
    hc1: Floats
    cr1: Floats
    fitted: Floats
    k: int
    deviance: float
    loglik: float
    dispersion: float


def design(terms: Floats, used: Bools) -> Floats:
    """(n, U + T - 1 + K): a dummy for each unit, each period but the first, then the terms."""
    units, periods = used.shape
    rows = []
    for i, t in zip(*np.nonzero(used), strict=True):
        unit, period = np.zeros(units), np.zeros(periods)
        unit[i], period[t] = 1, 1
        rows.append(np.concatenate([unit, period[1:], terms[:, i, t]]))
    return np.array(rows)


def fit(y: Floats, terms: Floats, used: Bools, cluster: Ints) -> Plain:
    """By Newton's method on all parameters; every unit and period must have an event."""
    X, counts = design(terms, used), y[used]
    group = np.broadcast_to(cluster[:, None], y.shape)[used]
    n, k = X.shape
    b = np.linalg.lstsq(X, np.log(counts + 0.5), rcond=None)[0].astype(np.float64)
    for _ in range(100):
        mean = np.exp(X @ b)
        step = np.linalg.solve(X.T @ (mean[:, None] * X), X.T @ (counts - mean))
        b += step * min(1.0, 2 / float(np.abs(step).max()))
        if np.abs(step).max() < 1e-13:
            break
    mean = np.exp(X @ b)
    bread = np.linalg.inv(X.T @ (mean[:, None] * X)).astype(np.float64)
    error = counts - mean
    meat, clustered = np.zeros((k, k)), np.zeros((k, k))
    for row, e in zip(X, error, strict=True):
        meat += e * e * np.outer(row, row)
    for label in np.unique(group):
        s = X[group == label].T @ error[group == label]
        clustered += np.outer(s, s)
    last = slice(k - terms.shape[0], None)
    g = np.unique(group).size
    hc0 = bread @ meat @ bread
    cr1 = bread @ clustered @ bread * g / (g - 1) * (n - 1) / (n - k)
    fitted = np.zeros(y.shape)
    fitted[used] = mean
    logs = np.log(np.where(counts > 0, counts, 1) / mean)
    return Plain(
        coef=b[last],
        model=bread[last, last],
        hc0=hc0[last, last],
        hc1=hc0[last, last] * n / (n - k),
        cr1=cr1[last, last],
        fitted=fitted,
        k=k,
        deviance=float(2 * (counts * logs * (counts > 0) - error).sum()),
        loglik=float((counts * np.log(mean) - mean - gammaln(counts + 1)).sum()),
        dispersion=float((error**2 / mean).sum() / (n - k)),
    )


def exists(y: Floats, terms: Floats, used: Bools) -> bool:
    """Whether the likelihood has a highest point: no combination of the regressors is 0 wherever
    something happened and at most 0, somewhere below, where nothing did (Correia et al. 2019)."""
    X, counts = design(terms, used), y[used]
    some, none = X[counts > 0], X[counts == 0]
    if none.size == 0:
        return True
    best = linprog(
        none.sum(axis=0),
        A_ub=np.vstack([none, -none]),
        b_ub=np.concatenate([np.zeros(len(none)), np.ones(len(none))]),
        A_eq=some,
        b_eq=np.zeros(len(some)),
        bounds=(None, None),
    )
    return bool(best.fun > -1e-7)
