"""Which polygon a point lies in, for very many points: exact, and mostly by table look-up.

A grid is laid over the polygons. A cell that no edge comes near lies wholly in one polygon or in
none, so one test of one of its points labels all the points in it. Only points in the thin band
of cells along the borders are tested against polygons. The cell of a point is a function that
never decreases along either axis, even in floating point: points of one untouched cell therefore
have no edge between them, and the answer equals testing every point against every polygon.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from stoop.places.models import Bools, Floats, Geometries, Ints

# Cells of the grid to one point asked, and the bounds within which the grid pays for itself.
_CELLS_PER_POINT = 0.25
_FEWEST_POINTS = 4_096
_SIDE = (16, 1024)
_CHUNK = 65_536  # points whose cells are computed at a time, to stay in the cache
_BORDER = np.int32(-2)
_OUTSIDE = -1


def first_containing(polygons: Geometries, x: Floats, y: Floats) -> Ints:
    """Index of the first polygon that contains each point, -1 for none; borders are outside.

    polygons (m,), x and y (n,); result (n,) equals asking `shapely.contains_xy` polygon by
    polygon. Points that are not finite are in none.
    """
    if x.size < _FEWEST_POINTS or len(polygons) == 0:
        return _by_tests(polygons, x, y)
    grid = _Grid.over(polygons, x.size)
    labels = grid.label(polygons)
    found = np.empty(x.size, dtype=np.int64)
    border: list[Ints] = []
    for start in range(0, x.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        got = labels[grid.cells(x[part], y[part])]
        found[part] = got
        border.append(np.flatnonzero(got == _BORDER) + start)
    hard = np.concatenate(border)
    found[hard] = _by_tests(polygons, x[hard], y[hard])
    return found


def _by_tests(polygons: Geometries, x: Floats, y: Floats) -> Ints:
    found = np.full(x.size, _OUTSIDE, dtype=np.int64)
    shapely.prepare(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    for at, polygon in enumerate(polygons):
        box = (x >= west[at]) & (x <= east[at]) & (y >= south[at]) & (y <= north[at])
        rows = np.flatnonzero(box & (found == _OUTSIDE))
        if rows.size:
            found[rows[shapely.contains_xy(polygon, x[rows], y[rows])]] = at
    return found


@dataclass(frozen=True)
class _Grid:
    """`columns` x `rows` cells over a box, in row order, and one more cell for all beyond it."""

    west: float
    south: float
    across: float
    up: float
    columns: int
    rows: int

    @classmethod
    def over(cls, polygons: Geometries, n_points: int) -> "_Grid":
        west, south, east, north = shapely.total_bounds(polygons)
        side = int(np.clip(np.sqrt(n_points * _CELLS_PER_POINT), *_SIDE))
        return cls(west, south, side / (east - west), side / (north - south), side, side)

    def columns_of(self, x: Floats) -> Floats:
        return np.floor((x - self.west) * self.across)

    def rows_of(self, y: Floats) -> Floats:
        return np.floor((y - self.south) * self.up)

    def cells(self, x: Floats, y: Floats) -> Ints:
        column, row = self.columns_of(x), self.rows_of(y)
        # The far edge of the box is the last cell's; comparisons with NaN are false.
        inside = (column >= 0) & (column <= self.columns) & (row >= 0) & (row <= self.rows)
        column = np.minimum(column, self.columns - 1)
        row = np.minimum(row, self.rows - 1)
        cell = row * self.columns + column
        return np.where(inside, cell, self.columns * self.rows).astype(np.int64)

    def touched(self, polygons: Geometries) -> Bools:
        """Cells that an edge may come into: those of its bounding box."""
        coordinates, ring = _rings(polygons)
        same = ring[1:] == ring[:-1]
        column = np.clip(self.columns_of(coordinates[:, 0]), 0, self.columns - 1).astype(np.int64)
        row = np.clip(self.rows_of(coordinates[:, 1]), 0, self.rows - 1).astype(np.int64)
        first_c, last_c = _ordered(column[:-1][same], column[1:][same])
        first_r, last_r = _ordered(row[:-1][same], row[1:][same])
        # Each box adds 1 at its corners with alternating signs; sums along both axes fill it.
        width, size = self.columns + 1, (self.columns + 1) * (self.rows + 1)
        total = np.zeros(size, dtype=np.int64)
        for sign, r, c in (
            (1, first_r, first_c), (-1, first_r, last_c + 1),
            (-1, last_r + 1, first_c), (1, last_r + 1, last_c + 1),
        ):  # fmt: skip
            total += sign * np.bincount(r * width + c, minlength=size)
        covered = total.reshape(self.rows + 1, width).cumsum(axis=0).cumsum(axis=1)
        return covered[: self.rows, : self.columns] > 0

    def label(self, polygons: Geometries) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """For each cell the polygon that holds all of it, -1 for none, -2 where an edge is near."""
        touched = self.touched(polygons)
        # Along a row, cells with no touched cell between them are in the same polygon.
        begins = ~touched
        begins[:, 1:] &= touched[:, :-1]
        row, column = np.nonzero(begins)
        x = self.west + (column.astype(np.float64) + 0.5) / self.across
        y = self.south + (row.astype(np.float64) + 0.5) / self.up
        of_run = _by_tests(polygons, x, y)
        run = np.cumsum(begins) - 1
        inner = np.where(touched.ravel(), _BORDER, of_run[np.maximum(run, 0)])
        return np.append(inner, _OUTSIDE).astype(np.int32)


def _rings(polygons: Geometries) -> tuple[Floats, Ints]:
    rings = shapely.get_rings(shapely.get_parts(polygons))
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    return coordinates, ring


def _ordered(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    return np.minimum(a, b), np.maximum(a, b)
