"""A grid of square cells over a city, and which of them are land."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints, coordinates

# A grid beyond this is nearly always one stray coordinate, not a city.
MOST_CELLS = 25_000_000


@dataclass(frozen=True, slots=True)
class Placement:
    """Which land cell each point falls in.

    cell: (n,) index of the land cell, -1 where the point is off land. moved: (n,) True where the
    point's own cell is not land and it was given the nearest one.
    """

    cell: Ints
    moved: Bools

    @property
    def off_land(self) -> int:
        """How many points have no land cell."""
        return int(np.count_nonzero(self.cell < 0))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Square cells whose lower-left corners are whole multiples of cell_m from the origin.

    Column i covers cell_m*i <= x < cell_m*(i+1), and rows likewise, so two grids of one cell size
    in one projection always fit on each other. land: (rows, columns), True where a cell counts;
    first_column, first_row: index of its lower-left cell. Land cells are numbered row by row from
    the lower left; every array "per land cell" in this package has that order.
    """

    cell_m: float
    first_column: int
    first_row: int
    land: Bools

    @property
    def cells(self) -> int:
        """Number of land cells."""
        return int(np.count_nonzero(self.land))

    @property
    def land_area_m2(self) -> float:
        """Area of all land cells, in square metres."""
        return self.cells * self.cell_m**2

    def corners(self) -> tuple[Floats, Floats]:
        """x_m and y_m of the lower-left corner of each land cell."""
        row, column = np.nonzero(self.land)
        x = (column + self.first_column).astype(np.float64) * self.cell_m
        y = (row + self.first_row).astype(np.float64) * self.cell_m
        return x, y

    def centers(self) -> tuple[Floats, Floats]:
        """x_m and y_m of the centre of each land cell."""
        x, y = self.corners()
        return x + self.cell_m / 2, y + self.cell_m / 2

    def with_land(self, land: ArrayLike) -> "Grid":
        """The same cells with another land mask, (rows, columns)."""
        mask = np.array(land, dtype=np.bool_)
        if mask.shape != self.land.shape:
            raise ValueError(f"land must have the grid's shape, {self.land.shape}")
        if not mask.any():
            raise ValueError("a grid needs at least one land cell")
        mask.flags.writeable = False
        return replace(self, land=mask)

    def with_land_where(self, inside: Callable[[Floats, Floats], ArrayLike]) -> "Grid":
        """Land is where `inside(x_m, y_m)` of the cell centres, (cells,) each, is true."""
        every = self.with_land(np.ones(self.land.shape, dtype=np.bool_))
        return self.with_land(np.asarray(inside(*every.centers())).reshape(self.land.shape))

    def cell_of(self, x_m: ArrayLike, y_m: ArrayLike) -> Ints:
        """Index of the land cell that holds each point; -1 outside the grid and off land."""
        x, y = coordinates(x_m, y_m)
        column = _index(x, self.cell_m) - self.first_column
        row = _index(y, self.cell_m) - self.first_row
        rows, columns = self.land.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        number = np.where(self.land, np.cumsum(self.land).reshape(self.land.shape) - 1, -1)
        cell = np.full(x.shape, -1, dtype=np.int64)
        cell[inside] = number[row[inside], column[inside]]
        return cell

    def place(self, x_m: ArrayLike, y_m: ArrayLike, *, within_m: float | None = None) -> Placement:
        """Like cell_of, but a point just off land goes to the nearest land cell.

        A shoreline is drawn roughly, so an incident on a pier may lie in a cell whose centre is
        water. It is given the land cell whose square is nearest, when that is at most `within_m`
        away (default: one cell; 0 moves nothing). Points farther off keep -1.
        """
        reach = self.cell_m if within_m is None else float(within_m)
        x, y = coordinates(x_m, y_m)
        cell = self.cell_of(x, y)
        moved = np.zeros(x.shape, dtype=np.bool_)
        astray = np.flatnonzero(cell < 0)
        if astray.size and reach > 0:
            corner_x, corner_y = self.corners()
            for i in astray:
                # Distance from a point to a square: what sticks out on each axis.
                dx = np.maximum(np.maximum(corner_x - x[i], x[i] - corner_x - self.cell_m), 0)
                dy = np.maximum(np.maximum(corner_y - y[i], y[i] - corner_y - self.cell_m), 0)
                squared = dx * dx + dy * dy
                nearest = int(np.argmin(squared))
                if squared[nearest] <= reach * reach:
                    cell[i], moved[i] = nearest, True
        return Placement(cell, moved)

    def counts(self, x_m: ArrayLike, y_m: ArrayLike, *, within_m: float | None = None) -> Ints:
        """Points per land cell, (cells,); `place` says which were moved and which left out."""
        cell = self.place(x_m, y_m, within_m=within_m).cell
        return np.bincount(cell[cell >= 0], minlength=self.cells).astype(np.int64)

    def raster(self, per_cell: ArrayLike, *, fill: float = np.nan) -> Floats:
        """Values per land cell as a (rows, columns) picture, `fill` off land."""
        picture = np.full(self.land.shape, fill, dtype=np.float64)
        picture[self.land] = per_cell
        return picture


def grid_over(x_m: ArrayLike, y_m: ArrayLike, *, cell_m: float) -> Grid:
    """The smallest grid over all given points (or the corners of a box); every cell is land.

    Raises ValueError without points, for a cell size that is not positive, and when the box holds
    more than 25 million cells.

    >>> grid = grid_over([10.0, 1290.0], [-5.0, 490.0], cell_m=250)
    >>> grid.first_column, grid.first_row, grid.land.shape
    (0, -1, (3, 6))
    >>> grid.cell_of([260.0, 9000.0], [10.0, 10.0])
    array([ 7, -1])
    """
    x, y = coordinates(x_m, y_m)
    if not x.size:
        raise ValueError("a grid needs at least one point to cover")
    if not (np.isfinite(cell_m) and cell_m > 0):
        raise ValueError("cell_m must be positive")
    ends = np.array([[x.min(), x.max()], [y.min(), y.max()]])
    if (np.ceil((ends[:, 1] - ends[:, 0]) / cell_m) + 1).prod() > MOST_CELLS:
        raise ValueError(
            "the grid would hold more than 25 million cells: check for stray coordinates, or use "
            "larger cells"
        )
    (left, right), (bottom, top) = _index(ends, float(cell_m)).tolist()
    land = np.ones((top - bottom + 1, right - left + 1), dtype=np.bool_)
    land.flags.writeable = False
    return Grid(float(cell_m), left, bottom, land)


def land_from_events(
    x_m: ArrayLike, y_m: ArrayLike, *, cell_m: float, within_m: float = 1_000.0
) -> Grid:
    """A stand-in for land where no polygons are known: cells near any event.

    A cell is land when an event is in it, or within `within_m` of its centre. Places that never
    saw an event, however far, are not part of such a land: shares of "land area" then mean shares
    of the area near past events, a smaller whole than the city, and hit rates at 1 % of it are
    not to be compared with hit rates at 1 % of real land.
    """
    from scipy.spatial import cKDTree

    x, y = coordinates(x_m, y_m)
    if not (np.isfinite(within_m) and within_m >= 0):
        raise ValueError("within_m must be zero or more")
    if not x.size:
        raise ValueError("a grid needs at least one point to cover")
    reach = within_m + cell_m
    box = grid_over(
        [x.min() - reach, x.max() + reach], [y.min() - reach, y.max() + reach], cell_m=cell_m
    )
    distance, _ = cKDTree(np.column_stack([x, y])).query(np.column_stack(box.centers()))
    land = distance <= within_m
    land[box.cell_of(x, y)] = True
    mask = land.reshape(box.land.shape)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    mask.flags.writeable = False
    return Grid(box.cell_m, box.first_column + int(columns[0]), box.first_row + int(rows[0]), mask)


def _index(metres: Floats, cell_m: float) -> Ints:
    """The whole number i with i*cell <= metres < (i+1)*cell, also where the division rounds."""
    index = np.floor(metres / cell_m)
    index -= metres < index * cell_m
    index += metres >= (index + 1) * cell_m
    return index.astype(np.int64)
