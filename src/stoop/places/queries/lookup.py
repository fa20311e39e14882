"""Which areas hold a point, from an index in memory: microseconds for one, arrays for a million.

A grid is laid over all areas. A cell that no border of an area comes into lies wholly inside it
or wholly outside, so that most points are answered by looking their cell up; only areas whose
border runs through the cell are asked for the point itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from stoop.places.models import Days, Floats, Geometries, Ints
from stoop.places.queries.labels import Grid, grid_over

Codes = dict[str, tuple[str, ...]]

_SIDE = 512
_ALWAYS, _NEVER = 0, 9_999_999  # days as numbers of `date.toordinal`
_UNIX = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Row:
    """One area in one shape, as the index needs it; days as `date.toordinal` gives them."""

    kind: str
    code: str
    first: int
    past: int
    polygon: Any

    @property
    def dated(self) -> bool:
        return self.first != _ALWAYS or self.past != _NEVER


def row(kind: str, code: str, polygon: Any, start: date | None, end: date | None) -> Row:
    """A row of the index; None for a day that is open."""
    first = start.toordinal() if start else _ALWAYS
    return Row(kind, code, first, end.toordinal() if end else _NEVER, polygon)


@dataclass(frozen=True, eq=False)
class Placed:
    """Where many points lie: `which` (n,) indexes `combinations`, each the codes by kind."""

    which: Ints
    combinations: tuple[Codes, ...]


@dataclass(frozen=True)
class _Stack:
    """What lies over a cell: (row, whether its border comes into the cell), in order."""

    rows: tuple[tuple[Row, bool], ...]
    depends: tuple[int, ...]  # entries whose answer hangs on the point or its day
    mark: np.uint64  # sum of the marks of the others
    settled: Codes | None  # the answer, where nothing hangs on either


class Index:
    """All areas, ready to be asked. It never changes; a changed table gets a new one."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        polygons = np.empty(len(rows), dtype=object)
        polygons[:] = [one.polygon for one in rows]
        shapely.prepare(polygons)
        self._grid = grid_over(polygons, _SIDE)
        self._stacks: list[_Stack] = []
        if self._grid is None:
            self._stacks.append(self._stack([2 * at + 1 for at in range(len(rows))]))
            self._of_cell = np.zeros(1, dtype=np.int32)
        else:
            self._stacks.append(self._stack([]))
            self._of_cell = self._laid(self._grid, polygons)
        self._cells: list[int] = self._of_cell.tolist()

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all areas."""
        if not self.rows:
            return None
        west, south, east, north = shapely.total_bounds([one.polygon for one in self.rows])
        return float(west), float(south), float(east), float(north)

    def placed(self, lon: float, lat: float, day: int) -> Codes:
        """Codes by kind of the areas that hold the point on the day (`date.toordinal`)."""
        stack = self._stacks[self._cells[self._grid.cell(lon, lat)] if self._grid else 0]
        if stack.settled is not None:
            return dict(stack.settled)
        return _codes(
            one
            for one, border in stack.rows
            if one.first <= day < one.past
            and (not border or shapely.contains_xy(one.polygon, lon, lat))
        )

    def placed_all(self, lon: Floats, lat: Floats, days: Days) -> Placed:
        """The same for (n,) points, each on its day."""
        ordinals = days.astype("datetime64[D]").astype(np.int64) + _UNIX
        number: Ints = np.zeros(lon.size, dtype=np.int64)
        if self._grid:
            number = self._of_cell[self._grid.cells(lon, lat)].astype(np.int64)
        # The set of areas that hold a point as one number: the sum of a random number for each.
        mark = np.array([stack.mark for stack in self._stacks], dtype=np.uint64)[number]
        self._ask_borders(mark, number, lon, lat, ordinals)
        _, first, which = np.unique(mark, return_index=True, return_inverse=True)
        combinations = tuple(
            self.placed(float(lon[at]), float(lat[at]), int(ordinals[at])) for at in first
        )
        return Placed(which.astype(np.int64), combinations)

    def _ask_borders(
        self, mark: npt.NDArray[np.uint64], number: Ints, lon: Floats, lat: Floats, days: Ints
    ) -> None:
        """Add to the marks what depends on the point or its day; area by area."""
        depends = np.array([len(stack.depends) for stack in self._stacks])
        begin = np.cumsum(depends) - depends
        entries = np.array([e for stack in self._stacks for e in stack.depends], dtype=np.int64)
        asked = np.flatnonzero(depends[number] > 0)
        count = depends[number[asked]]
        point = np.repeat(asked, count)
        step = np.arange(point.size) - np.repeat(np.cumsum(count) - count, count)
        entry = entries[np.repeat(begin[number[asked]], count) + step]
        order = np.argsort(entry, kind="stable")
        point, entry = point[order], entry[order]
        starts = np.flatnonzero(np.diff(entry, prepend=-1))
        for start, end in pairwise([*starts.tolist(), entry.size]):
            mine, one = point[start:end], self.rows[int(entry[start]) // 2]
            if one.dated:
                mine = mine[(one.first <= days[mine]) & (days[mine] < one.past)]
            if entry[start] % 2:
                mine = mine[shapely.contains_xy(one.polygon, lon[mine], lat[mine])]
            mark[mine] += _mark(int(entry[start]) // 2)

    def _laid(self, grid: Grid, polygons: Geometries) -> npt.NDArray[np.int32]:
        """The stack over each cell of the grid; alike cells share one."""
        cells, entries = [], []
        for at in range(len(polygons)):
            inside, touched = grid.cover(polygons[at : at + 1])
            cells += [inside, touched]
            entries += [np.full(inside.size, 2 * at), np.full(touched.size, 2 * at + 1)]
        cell, entry = np.concatenate(cells), np.concatenate(entries)
        order = np.lexsort((entry, cell))
        cell, entry = cell[order], entry[order]
        starts = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
        ends = np.append(starts[1:], cell.size)
        number: dict[bytes, int] = {}
        of_cell = np.zeros((grid.side + 2) ** 2, dtype=np.int32)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            key = entry[start:end].tobytes()
            if key not in number:
                number[key] = len(self._stacks)
                self._stacks.append(self._stack(entry[start:end].tolist()))
            of_cell[cell[start]] = number[key]
        return of_cell

    def _stack(self, entries: Sequence[int]) -> _Stack:
        """`entries`: twice the row, and one more where its border comes into the cell."""
        rows = tuple((self.rows[entry // 2], bool(entry % 2)) for entry in entries)
        depends = tuple(e for e in entries if e % 2 or self.rows[e // 2].dated)
        always = [e // 2 for e in entries if e not in depends]
        with np.errstate(over="ignore"):
            mark = sum((_mark(at) for at in always), start=np.uint64(0))
        return _Stack(rows, depends, mark, None if depends else _codes(one for one, _ in rows))


def _codes(rows: Any) -> Codes:
    found: dict[str, tuple[str, ...]] = {}
    for one in rows:
        held = found.get(one.kind)
        if held is None:
            found[one.kind] = (one.code,)
        elif one.code not in held:
            found[one.kind] = (*held, one.code)
    return found


def _mark(row: int) -> np.uint64:
    """64 bits that look random, one and the same for a row: the finaliser of splitmix64."""
    full = (1 << 64) - 1
    z = ((row + 1) * 0x9E3779B97F4A7C15) & full
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & full
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & full
    return np.uint64(z ^ (z >> 31))
