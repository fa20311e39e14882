"""Regressions with every effect as a column of its own, and the clustered sandwich in full."""

import numpy as np

from stoopstat.events import Floats, Ints


def columns(*codes: Ints) -> Floats:
    """One indicator for each value of each code, the first value of all but the first left out."""
    out = []
    for place, code in enumerate(codes):
        values = np.unique(code)[1 if place else 0 :]
        out.append((code[:, None] == values).astype(np.float64))
    return np.hstack(out)


def least_squares(y: Floats, x: Floats, cluster: Ints, weight: Floats) -> tuple[Floats, Floats]:
    """Coefficients, and their clustered covariance without any correction."""
    bread = _inverse(x, weight)
    coef: Floats = bread @ x.T @ (weight * y)
    scores = x * (weight * (y - x @ coef))[:, None]
    return coef, _sandwich(bread, scores, cluster)


def poisson(y: Floats, x: Floats, cluster: Ints, weight: Floats) -> tuple[Floats, Floats]:
    """The same for a log-linear mean, by plain Newton steps."""
    coef, bread = np.zeros(x.shape[1]), _inverse(x, weight)
    coef += bread @ x.T @ (weight * np.log(y + 0.5))
    for _ in range(60):
        mean = np.exp(x @ coef)
        bread = _inverse(x, weight * mean)
        coef += bread @ x.T @ (weight * (y - mean))
    scores = x * (weight * (y - np.exp(x @ coef)))[:, None]
    return coef, _sandwich(bread, scores, cluster)


def _inverse(x: Floats, weight: Floats) -> Floats:
    return np.asarray(np.linalg.inv(x.T @ (weight[:, None] * x)), dtype=np.float64)


def _sandwich(bread: Floats, scores: Floats, cluster: Ints) -> Floats:
    sums = np.array([scores[cluster == c].sum(axis=0) for c in np.unique(cluster)])
    covariance: Floats = bread @ sums.T @ sums @ bread
    return covariance
