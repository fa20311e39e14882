"""Next door to treatment: neighbours that are partly treated, as terms of their own."""

import re

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats
from stoopstat.impact.design import Treated, treated
from stoopstat.impact.terms import terms


def exposed(panel: Treated, adjacent: ArrayLike) -> Treated:
    """The same counts, with the first treated neighbour's onset and the highest neighbour's dose.

    What it asks: since when, and how much, has something been going on next door?

    adjacent: (U, U), true where the unit of the column is a neighbour of the unit of the row; a
    unit is no neighbour of its own. A treated unit keeps its second dose, so that beside it the own
    treatment's term is what that adds to treated neighbours.

    When it lies: neighbours are those of the map given; people cross more borders than those. A
    large unit touches many and is soon "exposed" whatever its size.

    Raises ValueError when adjacent is not a table of units by units.

    >>> from stoopstat.impact.design import NEVER
    >>> panel = treated([[3, 1], [2, 2], [5, 4]], [1, NEVER, NEVER])
    >>> exposed(panel, [[0, 1, 0], [1, 0, 1], [0, 1, 0]]).onset.tolist()
    [inf, 1.0, inf]
    """
    near = np.array(adjacent, dtype=bool)
    size = panel.outcome.shape[0]
    if near.shape != (size, size):
        raise ValueError("adjacent must be a table of units by units")
    np.fill_diagonal(near, False)
    onset, dose = np.full(size, np.inf), np.zeros(panel.outcome.shape)
    for j in np.flatnonzero(np.isfinite(panel.onset) | panel.dose.any(axis=1)):
        beside = near[:, j]
        onset[beside] = np.minimum(onset[beside], panel.onset[j])
        dose[beside] = np.maximum(dose[beside], panel.dose[j])
    return treated(panel.outcome, onset, dose=dose)


def spillover_terms(
    panel: Treated, adjacent: ArrayLike, *, kind: str = "binary", name: str = "SO"
) -> dict[str, Floats]:
    """The terms of the neighbours' treatment, to stand beside those of the own.

    kind: as in terms. name: goes into the codes: onSO, yrsSO, yrsSO2.

    When it lies: what is seen next door may have moved there (displacement) or spread there
    (diffusion), or both at once and so not be seen; and the comparison is then only with units that
    have no treated neighbour.

    Source: P. Aronow and C. Samii, Annals of Applied Statistics 11 (2017) 1912-1947 (exposure
    mappings); the codes are those of the published New York study.

    >>> from stoopstat.impact.design import NEVER
    >>> panel = treated([[3, 1], [2, 2], [5, 4]], [1, NEVER, NEVER])
    >>> found = spillover_terms(panel, [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> found["onSO"].tolist()
    [[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    return renamed(terms(exposed(panel, adjacent), kind), name)


def ring_terms(
    panel: Treated, distance_m: ArrayLike, *, edges_m: ArrayLike, kind: str = "binary"
) -> dict[str, Floats]:
    """A second dose for each ring of distance, from near to far: onR1, onR2...

    distance_m: (U, U). edges_m: rising ends of the rings, as in rings. Compare the farthest ring
    with what is beyond: rings should fade outwards if the near ones are an effect.

    >>> from stoopstat.impact.design import NEVER
    >>> panel = treated([[3, 1], [2, 2], [5, 4]], [1, NEVER, NEVER])
    >>> far = [[0, 400, 900], [400, 0, 500], [900, 500, 0]]
    >>> found = ring_terms(panel, far, edges_m=[500, 1000])
    >>> found["onR1"][:, 1].tolist(), found["onR2"][:, 1].tolist()
    ([0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    """
    found: dict[str, Floats] = {}
    for number, near in enumerate(rings(distance_m, edges_m=edges_m), start=1):
        found |= spillover_terms(panel, near, kind=kind, name=f"R{number}")
    return found


def rings(distance_m: ArrayLike, *, edges_m: ArrayLike) -> Bools:
    """(R, U, U) neighbours by distance: ring r holds edges[r - 1] < distance <= edges[r].

    The first ring begins at 0, which it includes; no unit is in a ring of its own.

    Raises ValueError when distances are no square table or the edges do not rise above 0.

    >>> rings([[0, 400], [400, 0]], edges_m=[300, 500])[:, 0, 1].tolist()
    [False, True]
    """
    far, edges = np.asarray(distance_m, dtype=np.float64), np.asarray(edges_m, dtype=np.float64)
    if far.ndim != 2 or far.shape[0] != far.shape[1] or not (far >= 0).all():
        raise ValueError("distance_m must be a square table of distances not below zero")
    if edges.ndim != 1 or not edges.size or not (np.diff(edges, prepend=0.0) > 0).all():
        raise ValueError("edges_m must rise, from above zero")
    ring = np.searchsorted(edges, far, side="left")
    ring[np.diag_indices_from(ring)] = -1
    found: Bools = ring[None] == np.arange(edges.size)[:, None, None]
    return found


def renamed(found: dict[str, Floats], name: str) -> dict[str, Floats]:
    """Terms with a name put behind the letters of their codes.

    >>> list(renamed({"on": np.zeros(1), "yrs2": np.zeros(1), "lag6": np.zeros(1)}, "SO"))
    ['onSO', 'yrsSO2', 'lagSO6']
    """
    return {re.sub(r"(\d*)$", rf"{name}\1", code, count=1): term for code, term in found.items()}
