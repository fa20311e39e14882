"""Getis-Ord Gi*: cells whose neighbourhood holds more incidents than chance placing would."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.grid import Grid

Control = Literal["bh", "by"]

# exp(-150) is 1e-65: neighbourhood sizes this unlikely under one tilt get a tilt of their own, so
# that chances down to about 1e-240 keep all their digits.
FARTHEST_TILT = 150.0


@dataclass(frozen=True, slots=True)
class GiStar:
    """Gi* per land cell; all arrays are (cells,) in the order of the grid's land cells.

    z: standardised neighbourhood sum. p: chance of a sum as large or larger, exact. p_cold: as
    small or smaller. q: p adjusted for looking at every cell. significant: q <= false_discovery.
    neighbours: cells in the neighbourhood, itself and land only. total: incidents in it.
    """

    z: Floats
    p: Floats
    p_cold: Floats
    q: Floats
    significant: Bools
    neighbours: Ints
    total: Ints
    radius_m: float
    false_discovery: float
    control: Control


def gi_star(
    counts: ArrayLike,
    grid: Grid,
    *,
    radius_m: float,
    false_discovery: float = 0.05,
    control: Control = "bh",
) -> GiStar:
    """Which cells sit amid more incidents than if the cells' counts were dealt out anew.

    Asks: of n land cells with counts x, is the sum S_i over the k_i land cells whose centres lie
    within radius_m of cell i's centre (itself included) larger than k_i cells drawn at random
    would give? With mean m and s^2 = sum x^2 / n - m^2,

        z_i = (S_i - k_i m) / (s sqrt((n k_i - k_i^2) / (n - 1)))

    and z = 0 where nothing can vary (all counts alike, or the neighbourhood is all the land).

    p_i = P(S >= S_i) is exact: the sum of k cells drawn without replacement depends on the cells
    only through how many of them, n_c, have each count c, so its distribution is the coefficient
    of y^k in prod_c (1 + y x^c)^(n_c), divided by C(n, k). Nothing is simulated, ties count in
    full, and p can be far below one in a million. The work grows with the square of the largest
    neighbourhood: keep it to tens or hundreds of cells. With counts of 0 and 1 it is the
    hypergeometric tail.

    q is Benjamini and Hochberg's (control="bh"), which holds the expected share of false cells
    among those flagged when tests are independent or positively dependent; control="by" holds it
    under any dependence, at the price of a factor sum(1/i).

    Source: Ord and Getis 1995, Geographical Analysis 27:286; Benjamini and Hochberg 1995, JRSS B
    57:289; Benjamini and Yekutieli 2001, Annals of Statistics 29:1165.

    When it lies: the comparison is with counts dealt out over *all* land, parks and airports
    too, so in a city most busy quarters are "significant"; that says where violence is dense, not
    that it is new or higher than people's number would explain. A cell without an incident may be
    flagged for its neighbours. Flagged cells overlap in what they count: read them as areas.

    Raises ValueError unless counts are whole, not negative, and one per land cell.

    >>> from stoopstat.grid import grid_over
    >>> row = grid_over([0.0, 9.0], [0.0, 0.0], cell_m=1)
    >>> found = gi_star([0, 0, 0, 1, 1, 1, 0, 0, 0, 0], row, radius_m=1)
    >>> found.total[4], round(float(found.p[4]), 6)  # all three of three ones: 1 / C(10, 3)
    (np.int64(3), 0.008333)
    """
    x = _whole_counts(counts, grid)
    if not (np.isfinite(radius_m) and radius_m >= 0):
        raise ValueError("radius_m must be zero or more")
    if not 0 < false_discovery < 1 or control not in ("bh", "by"):
        raise ValueError('false_discovery lies between 0 and 1, control is "bh" or "by"')
    picture = np.zeros(grid.land.shape, dtype=np.int64)
    picture[grid.land] = x
    total = _disc_sums(picture, radius_m / grid.cell_m)[grid.land]
    neighbours = _disc_sums(grid.land.astype(np.int64), radius_m / grid.cell_m)[grid.land]
    p, p_cold = _exact_tails(x, neighbours, total)
    q = adjusted(p, control=control)
    return GiStar(
        z=_z(x, neighbours, total),
        p=p,
        p_cold=p_cold,
        q=q,
        significant=q <= false_discovery,
        neighbours=neighbours,
        total=total,
        radius_m=float(radius_m),
        false_discovery=float(false_discovery),
        control=control,
    )


def joined(chosen: ArrayLike, grid: Grid) -> Ints:
    """Number of the area that each chosen land cell belongs to, 1, 2, ...; 0 for the others.

    Cells that share a side or a corner are one area. Areas are numbered from the largest down,
    those of one size by their lowest land cell.

    >>> from stoopstat.grid import grid_over
    >>> row = grid_over([0.0, 6.0], [0.0, 0.0], cell_m=1)
    >>> joined([True, False, True, True, False, False, True], row).tolist()
    [2, 0, 1, 1, 0, 0, 3]
    """
    from scipy.ndimage import label

    cells = np.asarray(chosen, dtype=np.bool_)
    if cells.shape != (grid.cells,):
        raise ValueError(f"chosen must hold one value per land cell, {grid.cells}")
    picture = np.zeros(grid.land.shape, dtype=np.bool_)
    picture[grid.land] = cells
    found, areas = label(picture, structure=np.ones((3, 3), dtype=int))
    area = found[grid.land]
    # scipy numbers areas by their first cell, and a stable sort keeps that among equals.
    largest_first = np.argsort(-np.bincount(area, minlength=areas + 1)[1:], kind="stable")
    number = np.zeros(areas + 1, dtype=np.int64)
    number[largest_first + 1] = np.arange(1, areas + 1)
    return np.asarray(number[area], dtype=np.int64)


def adjusted(p: ArrayLike, *, control: Control = "bh") -> Floats:
    """False-discovery adjusted p-values: the level at which each test would be flagged.

    q_(i) = min over j >= i of p_(j) * n * c / j in ascending order, at most 1; c = 1 for "bh"
    (Benjamini and Hochberg 1995), c = 1 + 1/2 + ... + 1/n for "by" (Benjamini, Yekutieli 2001).

    >>> adjusted([0.01, 0.04, 0.03, 0.9]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.9]
    """
    values = np.asarray(p, dtype=np.float64)
    n = values.size
    rank = np.arange(1, n + 1)
    price = float((1 / rank).sum()) if control == "by" else 1.0
    order = np.argsort(values, kind="stable")
    climbing = np.minimum.accumulate((values[order] * (n * price) / rank)[::-1])[::-1]
    q = np.empty(n)
    q[order] = np.minimum(climbing, 1.0)
    return q


def _whole_counts(counts: ArrayLike, grid: Grid) -> Ints:
    given = np.asarray(counts)
    if given.shape != (grid.cells,):
        raise ValueError(f"counts must hold one number per land cell, {grid.cells}")
    if not grid.cells:
        raise ValueError("the grid has no land")
    x = given.astype(np.int64)
    if not np.array_equal(x, given) or (x < 0).any():
        raise ValueError("counts must be whole numbers and not negative")
    return x


def _disc_sums(picture: Ints, reach: float) -> Ints:
    """Sum over the cells whose centres lie within `reach` cells; outside the picture is zero."""
    rows, columns = picture.shape
    # A hair of slack, so that a radius of exactly two cells reaches two cells whatever the units.
    squared = reach * reach * (1 + 1e-9)
    whole = min(int(np.sqrt(squared)), rows + columns)
    running = np.zeros((rows, columns + 1), dtype=np.int64)
    np.cumsum(picture, axis=1, out=running[:, 1:])
    sums = np.zeros_like(picture)
    column = np.arange(columns)
    for step in range(-min(whole, rows - 1), min(whole, rows - 1) + 1):
        half = int(np.sqrt(squared - step * step))
        right = np.minimum(column + half + 1, columns)
        left = np.maximum(column - half, 0)
        source = running[max(step, 0) : rows + min(step, 0)]
        sums[max(-step, 0) : rows + min(-step, 0)] += source[:, right] - source[:, left]
    return sums


def _z(x: Ints, neighbours: Ints, total: Ints) -> Floats:
    n, k = x.size, neighbours.astype(np.float64)
    mean = x.mean()
    spread = np.square(x - mean).mean()
    if n < 2 or x.min() == x.max():
        return np.zeros(n)
    deviation = np.sqrt(spread * (n * k - k * k) / (n - 1))
    vary = deviation > 0
    return np.asarray(np.where(vary, (total - k * mean) / np.where(vary, deviation, 1.0), 0.0))


def _exact_tails(x: Ints, neighbours: Ints, total: Ints) -> tuple[Floats, Floats]:
    """P(S >= total) and P(S <= total) for k cells of x drawn without replacement."""
    upper, lower = np.ones(x.size), np.ones(x.size)
    for sizes in _tilts(np.unique(neighbours)):
        among = np.isin(neighbours, sizes)
        cap = int(total[among].max()) + 1
        joint, none = _joint_law(x, int(sizes.max()), cap)
        for k in sizes:
            # The k - j cells that are not among the j counted ones hold nothing.
            law = none[k::-1] @ joint[: k + 1]
            of_size = neighbours == k
            above = np.cumsum(law[::-1])[::-1]
            whole = above[0]
            upper[of_size] = above[total[of_size]] / whole
            lower[of_size] = np.cumsum(law)[total[of_size]] / whole
    return np.minimum(upper, 1.0), np.minimum(lower, 1.0)


def _tilts(sizes: Ints) -> Iterator[Ints]:
    """Sizes in groups, largest first, that one tilt serves without underflow."""
    left = np.sort(sizes)[::-1]
    while left.size:
        k = float(left[0])
        # Log-likelihood lost when a Poisson of mean k is asked for another size.
        lost = k - left + left * np.log(left / k)
        yield left[lost <= FARTHEST_TILT]
        left = left[lost > FARTHEST_TILT]


def _joint_law(x: Ints, largest: int, cap: int) -> tuple[Floats, Floats]:
    """Law of (cells drawn that hold something, their sum), and of cells drawn that hold nothing.

    Every cell is drawn on its own with one chance; conditioning on how many were drawn then
    gives sampling without replacement, whatever that chance was, and all terms are positive
    probabilities: none overflows, none cancels. Sums of `cap` and more share the last column.
    """
    from scipy.stats import binom

    # Over one more than all cells: a chance of one would leave smaller neighbourhoods no law.
    chance = largest / (x.size + 1)
    values, sizes = np.unique(x, return_counts=True)
    drawn = np.arange(largest + 1)
    none = np.zeros(largest + 1)
    none[0] = 1.0
    joint = np.zeros((largest + 1, cap + 1))
    joint[0, 0] = 1.0
    for value, size in zip(values.tolist(), sizes.tolist(), strict=True):
        weight = binom.pmf(drawn, size, chance)
        if value == 0:
            none = weight
            continue
        joint = _convolved(joint, weight[: size + 1], value)
    return joint, none


def _convolved(joint: Floats, weight: Floats, value: int) -> Floats:
    """Add i cells of `value` each with chance weight[i], the last column absorbing."""
    rows, columns = joint.shape
    cap = columns - 1
    mixed: Floats = weight[0] * joint
    for i in range(1, min(weight.size, rows)):
        if weight[i] == 0.0:
            continue
        shift = min(i * value, cap)
        part = weight[i] * joint[: rows - i]
        mixed[i:, shift:cap] += part[:, : cap - shift]
        mixed[i:, cap] += part[:, cap - shift :].sum(axis=1)
    return mixed
