"""Synthetic control by trying every set of donors, and placebos by full refits."""

from itertools import combinations

import numpy as np

from stoopstat.events import Floats


def mix(past: Floats, line: Floats) -> Floats:
    """Best weights over all supports: of each, the affine optimum, if none is negative."""
    best, found = np.inf, np.zeros(past.shape[0])
    for size in range(1, min(past.shape) + 2):
        for rows in combinations(range(past.shape[0]), size):
            x = past[list(rows)]
            matrix = np.ones((size + 1, size + 1))
            matrix[:size, :size], matrix[size, size] = x @ x.T, 0
            w = np.linalg.lstsq(matrix, np.append(x @ line, 1), rcond=None)[0][:size]
            if w.min() < 0:
                continue
            miss = float(((line - w @ x) ** 2).sum())
            if miss < best - 1e-9:
                best, found = miss, np.zeros(past.shape[0])
                found[list(rows)] = w
    return found


def ratio_and_effect(
    path: Floats, donors: Floats, onset: int, *, demeaned: bool = False
) -> tuple[float, float]:
    """Mean gap from the onset on, and the ratio of the root mean square gaps."""
    if demeaned:
        path = path - path[:onset].mean()
        donors = np.array([row - row[:onset].mean() for row in donors])
    gap = path - mix(donors[:, :onset], path[:onset]) @ donors
    before = sum(g**2 for g in gap[:onset]) / onset
    after = sum(g**2 for g in gap[onset:]) / (len(gap) - onset)
    return float(gap[onset:].mean()), float((after / before) ** 0.5)


def augmented(past: Floats, line: Floats, w: Floats) -> Floats:
    """The ridge correction with the hat matrix over donors, the other way to write it."""
    centred = past - past.mean(axis=0)
    ridge = 0.1 * np.linalg.svd(centred)[1][0] ** 2 / line.size
    inner = centred @ centred.T + ridge * np.eye(len(past))
    added: Floats = w + np.linalg.solve(inner, centred @ (line - w @ past))
    return added
