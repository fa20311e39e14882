"""Kernel density on a grid: where events lie thick, as a smooth surface that keeps its mass."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, coordinates
from stoopstat.grid import Grid

Edge = Literal["land", "none"]
At = Literal["cell", "center"]

# Beyond this many bandwidths a kernel is below 6.1e-13 of its peak.
REACH = 7.5
# Wide kernels are laid on nodes first: what share of their variance, and on nodes how many
# bandwidths apart.
FIRST = 0.35
STEP = 0.38
# An event whose kernel puts less than this share on land is too far off to be shared out there.
LEAST_SHARE = 1e-6


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
    x, y = coordinates(x_m, y_m)
    w = np.ones(x.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if x.shape != w.shape:
        raise ValueError("x_m, y_m and weight must be flat arrays of one length")
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
    """Sum of all kernels on (rows, columns), and the weight left out; by the cheaper way."""
    x, y, w = _merge(x, y, w)
    rows, columns = grid.land.shape
    nodes = _between(grid, h)
    first, then = (2 * REACH * np.sqrt(share) / STEP for share in (FIRST, 1 - FIRST))
    direct = x.size * (2 * REACH * h / grid.cell_m) ** 2
    by_nodes = x.size * first**2 + 2 * then * rows * (columns + nodes.land.shape[1])
    way = _laid if direct <= by_nodes else _laid_by_nodes
    return way(x, y, w, grid, grid.land, h, edge, at)


def _laid(
    x: Floats,
    y: Floats,
    w: Floats,
    grid: Grid,
    land: Floats | Bools,
    h: float,
    edge: Edge,
    at: At,
) -> tuple[Floats, float]:
    """Each kernel straight onto the grid; land: how much each cell keeps, (rows, columns)."""
    from stoopstat.kernels.spread import spread

    surface, left_out = spread(
        x,
        y,
        w,
        np.asarray(land, dtype=np.float64) if edge == "land" else np.empty(grid.land.shape),
        np.array([grid.first_column, grid.first_row], dtype=np.float64),
        grid.cell_m,
        h,
        # A cell's mean is not nil until all of the cell is out of reach.
        REACH * h + (grid.cell_m if at == "cell" else 0.0),
        LEAST_SHARE,
        at == "cell",
        edge == "land",
    )
    return surface, float(left_out)


def _between(grid: Grid, h: float) -> Grid:
    """Nodes STEP bandwidths apart over all that the two steps can join to the grid."""
    step = STEP * h
    rows, columns = grid.land.shape
    margin = REACH * h * (np.sqrt(FIRST) + np.sqrt(1 - FIRST))
    low = np.floor((np.array([grid.first_column, grid.first_row]) * grid.cell_m - margin) / step)
    high = np.array([grid.first_column + columns, grid.first_row + rows]) * grid.cell_m + margin
    across, down = (np.ceil(high / step) - low).astype(int).tolist()
    # Only its shape is read: no cell of it is asked whether it is land.
    mask = np.broadcast_to(np.bool_(True), (down, across))
    return Grid(step, int(low[0]), int(low[1]), mask)


def _laid_by_nodes(
    x: Floats,
    y: Floats,
    w: Floats,
    grid: Grid,
    land: Floats | Bools,
    h: float,
    edge: Edge,
    at: At,
) -> tuple[Floats, float]:
    """Wide kernels in two steps: a narrower kernel to coarse nodes, the rest from there.

    A Gaussian of variance h^2 is one of variance a h^2 (a = FIRST) convolved with one of variance
    (1 - a) h^2. That integral, taken as a sum over nodes STEP * h apart, is off by
    exp(-2 pi^2 a (1 - a) / STEP^2) of itself, 3e-14, because a Gaussian's spectrum dies as fast as
    it does. So a wide kernel costs no more than a narrow one.
    """
    from stoopstat.kernels.spread import banded_product

    nodes = _between(grid, h)
    rest = h * float(np.sqrt(1 - FIRST))
    rows, columns = grid.land.shape
    to_x = _passed(_middles(grid.first_column, columns, grid.cell_m), nodes, 1, rest, grid, at)
    to_y = _passed(_middles(grid.first_row, rows, grid.cell_m), nodes, 0, rest, grid, at)
    kept = np.empty(nodes.land.shape)
    if edge == "land":
        # What a node passes on to land, as a share: it takes the place of land for the first step.
        kept = banded_product(to_y.T.copy(), np.asarray(land, dtype=np.float64)).T.copy()
        kept = banded_product(to_x.T.copy(), kept).T.copy() * (grid.cell_m / nodes.cell_m) ** 2
    surface, left_out = _laid(x, y, w, nodes, kept, h * float(np.sqrt(FIRST)), edge, "center")
    joined = banded_product(to_x, banded_product(to_y, surface).T.copy())
    return joined.T, left_out


def _middles(first: int, count: int, cell_m: float) -> Floats:
    return np.asarray((np.arange(first, first + count) + 0.5) * cell_m, dtype=np.float64)


def _passed(middles: Floats, nodes: Grid, axis: int, rest: float, grid: Grid, at: At) -> Floats:
    """One axis of what each node passes to each cell, (cells, nodes), nil out of reach."""
    first = nodes.first_column if axis else nodes.first_row
    off = _middles(first, nodes.land.shape[axis], nodes.cell_m) - middles[:, None]
    near = np.abs(off) <= REACH * rest + (grid.cell_m if at == "cell" else 0.0)
    off = off[near]
    passed = np.zeros(near.shape)
    if at == "center":
        passed[near] = np.exp(-0.5 * (off / rest) ** 2) / (rest * np.sqrt(2 * np.pi))
    else:
        from scipy.special import ndtr

        side = grid.cell_m / 2
        passed[near] = (ndtr((side - off) / rest) - ndtr((-side - off) / rest)) / grid.cell_m
    return passed * nodes.cell_m
