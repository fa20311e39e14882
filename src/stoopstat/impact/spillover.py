"""Next door to treatment: neighbours that are partly treated, as terms of their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats
from stoopstat.impact.design import Estimate, Treated, treated
from stoopstat.impact.poisson import Fit, normal_p
from stoopstat.impact.terms import terms

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Net:
    """Outcomes more (below 0: fewer) than had all stayed as it began, over the whole panel. direct:
    in cells under treatment of their own. diffuse: in the others that are exposed. net: both."""

    direct: Estimate
    diffuse: Estimate
    net: Estimate


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


def graded_terms(panel: Treated, within: ArrayLike) -> dict[str, Floats]:
    """The share of each unit's ground in each ring around treatment: R1, R2... from near to far.

    What it asks: how do counts differ where all of the ground lies in a ring, beside where none
    does? A large unit of which a corner is near is exposed by that corner alone.

    within: (R, U, T) share of the unit's ground within the distance of each ring's outer edge, so
    that it rises with R. Ground counts to the nearest ring: R1 = within[0], R2 = within[1] -
    within[0]. From its own onset on a unit has no share: its own term is all that happens there.

    When it lies: it takes an effect to be in proportion to ground, wherever in the unit people are;
    and log-linear in it, so that half the ground in a ring is the root of the whole ratio. Ground
    beyond the last ring is taken to feel nothing: a wider spread makes all terms too small.

    Raises ValueError for shares outside 0 to 1 or that fall with distance.

    >>> from stoopstat.impact.design import NEVER
    >>> panel = treated([[3, 1], [5, 4]], [1, NEVER])
    >>> found = graded_terms(panel, [[[0, 0], [0, 0.25]], [[0, 0.5], [0, 1]]])
    >>> found["R1"].tolist(), found["R2"].tolist()
    ([[0.0, 0.0], [0.0, 0.25]], [[0.0, 0.0], [0.0, 0.75]])
    """
    reached = np.array(within, dtype=np.float64)
    if reached.ndim != 3 or reached.shape[1:] != panel.outcome.shape:
        raise ValueError("within must give a share for each ring, unit and period")
    step = np.diff(reached, axis=0, prepend=0.0)
    if not ((reached >= 0) & (reached <= 1)).all() or (step < -ROUNDING).any():
        raise ValueError("shares must lie between 0 and 1 and not fall from ring to ring")
    # What the circle of a ring is short by must not become a sliver of the next.
    step = np.where((panel.event_time >= 0)[None] | (step < ROUNDING), 0.0, step)
    return {f"R{number}": each for number, each in enumerate(step, start=1)}


def net_effect(fit: Fit, x: Mapping[str, ArrayLike], *, own: ArrayLike) -> Net:
    """Outcomes that the terms of a fit add or take away, at treated units and beside them.

    What it asks: of what fell where the program worked, how much is left when what rose (or fell)
    next door is counted in? A direct fall with a diffuse rise reads as displacement: shootings
    moved, and net says what is left. Both falling reads as diffusion: help reached further.

    x: the terms of the fit by name. own: (U, T) cells under treatment of their own. With m the
    fitted means and eta = sum of b_k (x_k less what x_k was in the unit's first period), a cell
    gives m (1 - exp(-eta)): what is there less what would be, had all stayed as it began. What a
    unit was under throughout is in its own level and tells nothing, so a unit treated from the
    first period on, or beside such a one, adds nothing for it. se: delta method on b with the
    clustered covariance, m held fixed; it does not say how much chance there is in the counts
    themselves.

    When it lies: as the fit does. Where the comparison rose for a reason of its own near programs
    (they stand side by side in the same part of town), that reads as displacement.

    Source: S. Greenland and K. Drescher, Biometrics 49 (1993) 865-872 (numbers attributable to an
    exposure in a log-linear model); R. Guerette and K. Bowers, Criminology 47 (2009) 1331-1368
    (how displacement and diffusion are read).

    >>> from stoopstat.impact.poisson import poisson
    >>> on = np.array([[0, 0], [0, 1.0], [0, 0]])
    >>> fit = poisson([[30, 20], [40, 20], [8, 8]], {"on": on})
    >>> found = net_effect(fit, {"on": on}, own=on)
    >>> round(found.net.estimate, 3), round(20 * (1 - float(np.exp(-fit.coef[0]))), 3)
    (-9.474, -9.474)
    """
    values = np.array([np.asarray(x[name], dtype=np.float64) for name in fit.names])
    values = values - values[:, :, :1]
    left = np.exp(-np.tensordot(fit.coef, values, axes=1))
    here = np.asarray(own, dtype=bool)

    def over(cells: Bools, term: str) -> Estimate:
        m = fit.fitted * cells
        more = float((m * (1 - left)).sum())
        slope = (values * m * left).sum(axis=(1, 2))
        se = sqrt(max(float(slope @ fit.cr1 @ slope), 0.0))
        return Estimate("poisson", term, more, se, "CR1", normal_p(more, se), fit.n, "count")

    everywhere = np.ones_like(here)
    return Net(over(here, "direct"), over(~here, "diffuse"), over(everywhere, "net"))


def renamed(found: dict[str, Floats], name: str) -> dict[str, Floats]:
    """Terms with a name put behind the letters of their codes.

    >>> list(renamed({"on": np.zeros(1), "yrs2": np.zeros(1), "lag6": np.zeros(1)}, "SO"))
    ['onSO', 'yrsSO2', 'lagSO6']
    """
    return {re.sub(r"(\d*)$", rf"{name}\1", code, count=1): term for code, term in found.items()}
