"""CR2 and its degrees of freedom with every dummy, unit by unit, on matrices of cells by cells."""

import numpy as np

from stoopstat.events import Bools, Floats
from stoopstat.reference.poisson import design


def cr2(y: Floats, mean: Floats, terms: Floats, used: Bools, j: int) -> tuple[float, float]:
    """Error of term j and its degrees of freedom."""
    X, root = design(terms, used), np.sqrt(mean[used])
    at = X.shape[1] - terms.shape[0] + j
    weighted = root[:, None] * X
    bread = np.linalg.pinv(weighted.T @ weighted)
    maker = np.eye(root.size) - weighted @ bread @ weighted.T
    error = (y[used] - mean[used]) / root
    unit = np.broadcast_to(np.arange(used.shape[0])[:, None], used.shape)[used]
    variance, rows = 0.0, []
    for one in np.unique(unit):
        own = unit == one
        value, vector = np.linalg.eigh(maker[np.ix_(own, own)])
        raised = np.where(value > 1e-8, 1 / np.sqrt(np.maximum(value, 1e-8)), 0.0)
        pull = vector @ np.diag(raised) @ vector.T @ weighted[own] @ bread[:, at]
        variance += float(pull @ error[own]) ** 2
        rows.append(pull @ maker[own])
    gram = np.array(rows) @ np.array(rows).T
    return float(np.sqrt(variance)), float(np.trace(gram) ** 2 / (gram**2).sum())
