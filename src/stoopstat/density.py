"""Kernel density on a grid: where events lie thick, as a smooth surface that keeps its mass."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats
from stoopstat.grid import Grid

Edge = Literal["land", "none"]
At = Literal["cell", "center"]

# Beyond this many bandwidths a kernel is below 6.1e-13 of its peak.
REACH = 7.5
# An event whose kernel puts less than this share on land is too far off to be shared out there.
LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Density:
    """Density per land cell.

    value: (cells,) weight per square metre, in the order of the grid's land cells. mass: the sum
    of value times cell area. left_out: weight of events too far from land to be shared out.
    """

    value: Floats
    bandwidth_m: float
    edge: Edge
    at: At
    mass: float
    left_out: float


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """A chosen bandwidth. candidates_m, log_likelihood: (k,) mean per event, for each tried."""

    bandwidth_m: float
    candidates_m: Floats
    log_likelihood: Floats


def kernel_density(
    x_m: ArrayLike,
    y_m: ArrayLike,
    grid: Grid,
    *,
    bandwidth_m: float,
    weight: ArrayLike | None = None,
    edge: Edge = "land",
    at: At = "cell",
) -> Density:
    """How much weight lies around each land cell, per square metre.

    Asks: where are events dense, at the scale of bandwidth_m? Gaussian kernels of standard
    deviation h = bandwidth_m, w_i the weights (1 each by default):

        f(s) = sum_i  w_i / m_i * exp(-|s - s_i|^2 / 2 h^2) / (2 pi h^2)

    at="cell" gives the mean of f over each cell, by the error function; at="center" gives f at
    its centre. edge="none" takes m_i = 1, and what a kernel spreads on water is lost. edge="land"
    takes for m_i the share of event i's own kernel that falls on land cells, so that land holds
    the whole weight, to rounding: the sum of value * cell area is the sum of the weights. Kernels
    are followed for 7.5 bandwidths (beyond, they are below 6.1e-13 of their peak).

    Source: Diggle 1985, Applied Statistics 34:138 (kernel intensity with edge correction); the
    per-event correction is Jones 1993, Statistics and Computing 3:135.

    When it lies: the picture is the bandwidth's; peaks grow taller and thinner as it shrinks.
    It shows where events were, not where they will be, and not risk per person. Near a shore
    edge="land" returns weight to land and so raises it there a little above a ratio estimate.
    at="center" on cells much larger than the bandwidth misses events between centres.

    Raises ValueError for a bandwidth that is not positive or weights that are negative.

    >>> from stoopstat.grid import grid_over
    >>> grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=100)
    >>> there = kernel_density([150.0, 150.0, 820.0], [150.0, 160.0, 840.0], grid, bandwidth_m=80)
    >>> round(there.mass, 9)
    3.0
    >>> int(there.value.argmax()), int(grid.cell_of([150.0], [155.0])[0])
    (11, 11)
    """
    x, y, w = _weighted(x_m, y_m, weight)
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise ValueError("bandwidth_m must be positive")
    if edge not in ("land", "none") or at not in ("cell", "center"):
        raise ValueError('edge is "land" or "none", at is "cell" or "center"')
    surface, left_out = _surface(x, y, w, grid, float(bandwidth_m), edge, at)
    value = surface[grid.land]
    mass = float(value.sum() * grid.cell_m**2)
    return Density(value, float(bandwidth_m), edge, at, mass, left_out)


def choose_bandwidth(x_m: ArrayLike, y_m: ArrayLike, *, candidates_m: ArrayLike) -> Bandwidth:
    """The candidate bandwidth under which events best foretell one another.

    Asks: how far does one event's neighbourhood reach? For each candidate h, the mean over events
    of log f(s_i), where f is the Gaussian density of all events at *other* locations. Leaving out
    the whole location and not just the one event matters: records are rounded to corners and
    blocks, so exact repeats are many, and plain leave-one-out would always take the smallest h.

    Source: likelihood cross-validation, Habbema, Hermans and van den Broek 1974; Silverman 1986,
    section 3.4.4.

    When it lies: a few far-off events can push the choice up, since a Gaussian has thin tails; it
    is best for the middle of the map and says nothing about next month (back-test for that).

    Raises ValueError without two different locations or without positive candidates.

    >>> x = [0.0, 10.0, 20.0, 500.0, 510.0, 520.0]
    >>> choose_bandwidth(x, [0.0] * 6, candidates_m=[1.0, 10.0, 400.0]).bandwidth_m
    10.0
    """
    x, y, w = _weighted(x_m, y_m, None)
    candidates = np.array(candidates_m, dtype=np.float64).ravel()
    if not candidates.size or not (np.isfinite(candidates).all() and (candidates > 0).all()):
        raise ValueError("candidates_m must be positive")
    x, y, w = _merge(x, y, w)
    if x.size < 2:
        raise ValueError("choosing a bandwidth needs events at two locations or more")
    from scipy.spatial import cKDTree

    from stoopstat.kernels.pairsum import sums_above_nearest

    points = np.column_stack([x, y])
    nearest = cKDTree(points).query(points, k=2)[0][:, 1] ** 2
    order = np.argsort(x, kind="stable")
    sums = sums_above_nearest(x[order], y[order], w[order], nearest[order], candidates)
    w, nearest = w[order], nearest[order]
    two_h2 = 2 * candidates**2
    log_f = np.log(sums) - nearest[:, None] / two_h2 - np.log(np.pi * two_h2)
    log_f -= np.log(w.sum() - w)[:, None]
    fit = np.asarray(w @ log_f / w.sum())
    return Bandwidth(float(candidates[int(fit.argmax())]), candidates, fit)


def _weighted(
    x_m: ArrayLike, y_m: ArrayLike, weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    w = np.ones(x.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if x.ndim != 1 or not (x.shape == y.shape == w.shape):
        raise ValueError("x_m, y_m and weight must be flat arrays of one length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("every event needs finite coordinates")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    return x, y, w


def _merge(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Events at one location become one with their summed weight; those of no weight go.

    In order of y, then x, so that neighbours in the list are neighbours on the map.
    """
    order = np.lexsort((x, y))
    order = order[w[order] > 0]
    if not order.size:
        return x[order], y[order], w[order]
    x, y = x[order], y[order]
    new = np.ones(x.size, dtype=np.bool_)
    new[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    return x[new], y[new], np.add.reduceat(w[order], np.flatnonzero(new))


def _surface(
    x: Floats, y: Floats, w: Floats, grid: Grid, h: float, edge: Edge, at: At
) -> tuple[Floats, float]:
    """Sum of all kernels on (rows, columns), and the weight left out."""
    from stoopstat.kernels.spread import spread

    # A cell's mean is not nil until all of the cell is out of reach.
    reach = REACH * h + (grid.cell_m if at == "cell" else 0.0)
    surface, left_out = spread(
        *_merge(x, y, w),
        grid.land.astype(np.float64),
        np.array([grid.first_column, grid.first_row], dtype=np.float64),
        grid.cell_m,
        h,
        reach,
        LEAST_SHARE,
        at == "cell",
        edge == "land",
    )
    return surface, float(left_out)
