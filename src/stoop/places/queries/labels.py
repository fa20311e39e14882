"""Which polygon a point lies in, for very many points: exact, and mostly by table look-up.

A grid is laid over the polygons. A cell that no edge comes into lies wholly in one polygon or in
none, so one test of one of its points labels all the points in it. Only points in the thin band
of cells along the borders are tested against polygons. The cell of a point is a function that
never decreases along either axis, even in floating point: points of one untouched cell therefore
have no edge between them, and the answer equals testing every point against every polygon.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from stoop.places.models import Bools, Floats, Geometries, Ints

_Cells = npt.NDArray[np.intp]
_Labels = npt.NDArray[np.int32]

# Cells of the grid to one point asked, and the sides within which the grid pays for itself.
_CELLS_PER_POINT = 0.4
_SIDES = (16, 1024)
_FEWEST_POINTS = 4_096  # below this a table costs more than it saves
_CHUNK = 32_768  # points whose cells are computed at a time, so that they stay in the cache
_PIECE = 0.9  # longest piece of an edge, in cells: it comes into four cells at most
_BORDER = -2
_OUTSIDE = -1


def first_containing(polygons: Geometries, x: Floats, y: Floats) -> Ints:
    """Index of the first polygon that contains each point, -1 for none; borders are outside.

    polygons (m,), x and y (n,); result (n,) equals asking `shapely.contains_xy` polygon by
    polygon. Points that are not finite are in none.
    """
    side = int(np.clip(np.sqrt(x.size * _CELLS_PER_POINT), *_SIDES))
    grid = None if x.size < _FEWEST_POINTS else grid_over(polygons, side)
    if grid is None:
        return _by_tests(polygons, x, y)
    labels = grid.label(polygons)
    found = np.empty(x.size, dtype=np.int64)
    border: list[Ints] = []
    for start in range(0, x.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        got = labels[grid.cells(x[part], y[part])]
        found[part] = got
        border.append(np.flatnonzero(got == _BORDER) + start)
    unsure = np.concatenate(border)
    found[unsure] = _by_tests(polygons, x[unsure], y[unsure])
    return found


def _by_tests(polygons: Geometries, x: Floats, y: Floats) -> Ints:
    """Ask each polygon about the points in its box that none before it holds."""
    found = np.full(x.size, _OUTSIDE, dtype=np.int64)
    shapely.prepare(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    # Ordered by y, the points of a box's rows are one slice: many polygons stay cheap.
    order = np.argsort(y)
    x, y = x[order], y[order]
    first, last = np.searchsorted(y, south, side="left"), np.searchsorted(y, north, side="right")
    for at, polygon in enumerate(polygons):
        band = slice(first[at], last[at])
        near = (x[band] >= west[at]) & (x[band] <= east[at]) & (found[band] == _OUTSIDE)
        rows = np.flatnonzero(near) + first[at]
        if rows.size:
            found[rows[shapely.contains_xy(polygon, x[rows], y[rows])]] = at
    in_order = np.empty_like(found)
    in_order[order] = found
    return in_order


@dataclass(frozen=True)
class Grid:
    """`side` x `side` cells over a box, and a frame of endless cells around them.

    Cells are numbered row by row from the south-west corner of the frame, `side + 2` to a row.
    """

    west: float
    south: float
    across: float  # cells to one unit of x
    up: float
    side: int

    def cells(self, x: Floats, y: Floats) -> _Cells:
        """The cell of each point; a point that is not a number is in the frame."""
        return self._steps(y, self.south, self.up) * (self.side + 2) + self._steps(
            x, self.west, self.across
        )

    def _steps(self, values: Floats, origin: float, per_unit: float) -> _Cells:
        steps = values - origin
        steps *= per_unit
        steps += 1
        np.fmax(steps, 0, out=steps)  # fmax and fmin prefer the number to the NaN
        np.fmin(steps, self.side + 1, out=steps)
        return steps.astype(np.intp)  # towards zero, which is down

    def cell(self, x: float, y: float) -> int:
        """The cell of one point, by the same arithmetic."""
        column = (x - self.west) * self.across + 1
        row = (y - self.south) * self.up + 1
        last = self.side + 1
        # A comparison with NaN is false, so that NaN lands in the frame as above.
        return (int(min(row, last)) if row > 0 else 0) * (last + 1) + (
            int(min(column, last)) if column > 0 else 0
        )

    def cover(self, polygon: Geometries) -> tuple[_Cells, _Cells]:
        """Cells that lie wholly inside a polygon, and those that its edges may come into.

        polygon (1,), prepared.
        """
        width = self.side + 2
        low, high = self._pieces(polygon)
        corners = [self.cells(x, y) for x in (low[0], high[0]) for y in (low[1], high[1])]
        touched = np.unique(np.concatenate(corners))
        rows, columns = np.divmod(touched, width)
        first_row, first_column = int(rows.min()), int(columns.min())
        box = (int(rows.max()) - first_row + 1, int(columns.max()) - first_column + 1)
        free = np.ones(box, dtype=bool)
        free[rows - first_row, columns - first_column] = False
        row, column = np.nonzero(free)
        row, column = row + first_row, column + first_column
        x = self.west + (column - 0.5) / self.across
        y = self.south + (row - 0.5) / self.up
        inside = shapely.contains_xy(polygon[0], x, y)
        return (row * width + column)[inside], touched

    def touched(self, polygons: Geometries) -> Bools:
        """Cells that an edge may come into, row by row: those of the boxes of its pieces."""
        low, high = self._pieces(polygons)
        touched = np.zeros((self.side + 2) ** 2, dtype=bool)
        for x in (low[0], high[0]):
            for y in (low[1], high[1]):
                touched[self.cells(x, y)] = True
        return touched

    def _pieces(self, polygons: Geometries) -> tuple[Floats, Floats]:
        """Edges cut into pieces shorter than a cell: lower and upper corners (2, k) of boxes."""
        rings = shapely.get_rings(shapely.get_parts(polygons))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        edge = np.flatnonzero(ring[1:] == ring[:-1])
        start, step = points[edge].T, (points[edge + 1] - points[edge]).T
        cells = np.maximum(np.abs(step[0]) * self.across, np.abs(step[1]) * self.up)
        count = np.maximum(np.ceil(cells / _PIECE), 1).astype(np.intp)
        of_edge = np.repeat(np.arange(count.size), count)
        first = np.cumsum(count) - count
        part = np.arange(of_edge.size) - first[of_edge]
        start, step = start[:, of_edge], step[:, of_edge]
        begin = start + step * (part / count[of_edge])
        end = start + step * ((part + 1) / count[of_edge])
        # A cut point is rounded, so its box is widened by more than the rounding.
        slack = 8 * np.spacing(np.abs(points).max())
        return np.minimum(begin, end) - slack, np.maximum(begin, end) + slack

    def label(self, polygons: Geometries) -> _Labels:
        """For each cell the polygon that holds all of it, -1 for none, -2 where an edge may be."""
        touched = self.touched(polygons)
        # Along a row, cells with no touched one between them are in the same polygon; and where
        # a row ends in the frame and the next begins in it, both ends are in none.
        first = np.append(0, np.flatnonzero(touched[1:] != touched[:-1]) + 1)
        free = ~touched[first]
        row, column = np.divmod(first[free], self.side + 2)
        x = self.west + (column - 0.5) / self.across
        y = self.south + (row - 0.5) / self.up
        of_run = np.full(first.size, _BORDER, dtype=np.int32)
        of_run[free] = _by_tests(polygons, x, y)
        return np.repeat(of_run, np.diff(first, append=touched.size))


def grid_over(polygons: Geometries, side: int) -> Grid | None:
    """A grid of side x side cells; None where the polygons have no extent to lay it over."""
    if len(polygons) == 0:
        return None
    west, south, east, north = (float(end) for end in shapely.total_bounds(polygons))
    # A cell must be far larger than the rounding of a coordinate.
    if not min(east - west, north - south) > 1e-9 * max(map(abs, (west, south, east, north))):
        return None
    return Grid(west, south, side / (east - west), side / (north - south), side)
