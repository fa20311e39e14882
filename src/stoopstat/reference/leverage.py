"""Leverage and residuals with a dummy for each unit and period, cell by cell."""

from math import sqrt

import numpy as np

from stoopstat.events import Bools, Floats
from stoopstat.reference.poisson import design


def shares(mean: Floats, terms: Floats, used: Bools, j: int) -> Floats:
    """(U,) what each unit adds to the weighted squares of term j on everything else."""
    X, weight = design(terms, used), mean[used]
    at = X.shape[1] - terms.shape[0] + j
    rest, own, root = np.delete(X, at, axis=1), X[:, at], np.sqrt(weight)
    coef = np.linalg.lstsq(root[:, None] * rest, root * own, rcond=None)[0]
    squares = np.zeros(used.shape)
    squares[used] = weight * (own - rest @ coef) ** 2
    added = squares.sum(axis=1)
    return np.asarray(added / added.sum())


def memory(y: Floats, mean: Floats, used: Bools) -> float:
    """Mean product of neighbouring Pearson residuals over their mean square."""
    products, squares = [], []
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            if used[i, t]:
                squares.append((y[i, t] - mean[i, t]) ** 2 / mean[i, t])
            if t and used[i, t] and used[i, t - 1]:
                now = (y[i, t] - mean[i, t]) / sqrt(mean[i, t])
                before = (y[i, t - 1] - mean[i, t - 1]) / sqrt(mean[i, t - 1])
                products.append(now * before)
    return float(np.mean(products) / np.mean(squares))
