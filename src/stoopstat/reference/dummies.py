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
    bread = np.linalg.inv(x.T @ (weight[:, None] * x))
    coef = bread @ x.T @ (weight * y)
    return coef, bread @ _meat(x * (weight * (y - x @ coef))[:, None], cluster) @ bread


def poisson(y: Floats, x: Floats, cluster: Ints, weight: Floats) -> tuple[Floats, Floats]:
    """The same for a log-linear mean, by plain Newton steps."""
    coef = np.linalg.lstsq(x, np.log(y + 0.5), rcond=None)[0]
    for _ in range(60):
        mean = np.exp(x @ coef)
        bread = np.linalg.inv(x.T @ ((weight * mean)[:, None] * x))
        coef = coef + bread @ x.T @ (weight * (y - mean))
    mean = np.exp(x @ coef)
    return coef, bread @ _meat(x * (weight * (y - mean))[:, None], cluster) @ bread


def _meat(scores: Floats, cluster: Ints) -> Floats:
    sums = np.array([scores[cluster == c].sum(axis=0) for c in np.unique(cluster)])
    return sums.T @ sums
