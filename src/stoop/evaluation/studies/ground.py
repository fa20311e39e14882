"""The ground of a study: the outlines of its units, and what lies next to whom and how near."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from stoop.evaluation.models import Bools, Days, Design, Floats, Ints, Site
from stoop.evaluation.studies.words import listed
from stoop.kernel.errors import Refusal
from stoop.places import queries, readers
from stoop.places.queries import Areas

# Outlines that are nearer than this touch: simplified borders leave slits.
TOUCHING_M = 10.0
# Less than this share of an outline is the raggedness of borders, not ground.
SLIVER = 1e-6
# More than this share of other ground is no redrawn border any more.
RAGGED = 1e-3
# Corners of a quarter of the circle around a corner: the ground inside is short by 1 in 10,000.
ARC = 32

Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """Outlines that do not share ground: catchments first, then what is left of each area.

    read: the areas as their file has them. areas: those that points are placed in; metric: the
    same in metres; owner: unit of each, parts joined. catchments: codes that are catchments.
    each_day: whether the outlines of each day hold, or those of the last throughout. days: first
    and last of the panel. said: what was decided.
    """

    read: Areas
    areas: Areas
    metric: Shapes
    owner: tuple[str, ...]
    catchments: frozenset[str]
    each_day: bool
    days: Days
    said: tuple[str, ...] = ()

    @property
    def last_day(self) -> np.datetime64:
        last: np.datetime64 = self.days[-1]
        return last

    def rows(self, day: np.datetime64) -> Ints:
        """Outlines that hold on a day, or on the last where those hold throughout."""
        return queries.rows_on(self.areas, day if self.each_day else self.last_day)

    def place(self, lon: Floats, lat: Floats, days: Days) -> NDArray[np.object_]:
        """(n,) code of the unit in whose outline each point lies; empty where in none."""
        on = days if self.each_day else self.last_day
        at = queries.locate(self.areas, lon, lat, on=on)
        return np.array([*self.owner, ""], dtype=object)[at]

    @property
    def units(self) -> set[str]:
        """Codes with an outline on some day that counts."""
        days = self._turns() if self.each_day else [self.last_day]
        return {self.owner[row] for day in days for row in self.rows(day)}

    @property
    def partly(self) -> set[str]:
        """Codes that have an outline on some day of the panel and on another have none."""
        present = [
            {self.owner[row] for row in queries.rows_on(self.areas, day)} for day in self._turns()
        ]
        return set.union(*present) - set.intersection(*present)

    @property
    def moved(self) -> set[str]:
        """Codes that hold throughout, but not on the same ground; parts that are joined do."""
        grounds: dict[str, dict[tuple[int, ...], None]] = {}
        for day in self._turns():
            held = queries.rows_on(self.areas, day)
            for code in {self.owner[row] for row in held} - self.partly:
                own = tuple(int(row) for row in held if self.owner[row] == code)
                grounds.setdefault(code, {})[own] = None
        return {code for code, found in grounds.items() if self._differ(list(found))}

    def _differ(self, held: Sequence[tuple[int, ...]]) -> bool:
        first, *later = (shapely.union_all(self.metric[list(rows)]) for rows in held)
        apart = shapely.area(shapely.symmetric_difference(first, later)) if later else np.zeros(0)
        return bool((apart > RAGGED * shapely.area(first)).any())

    def _turns(self) -> list[np.datetime64]:
        """The first day of the panel, and each day inside it on which some outline changes."""
        cuts = np.concatenate([self.areas.valid_from, self.areas.valid_to])
        inside = np.unique(cuts[(cuts > self.days[0]) & (cuts <= self.last_day)])
        return [self.days[0], *inside]

    def shapes(self, units: Sequence[str], day: np.datetime64) -> Shapes:
        """(U,) outline of each unit on a day in metres, empty where it has none."""
        own: dict[str, list[Any]] = {}
        for row in self.rows(day):
            own.setdefault(self.owner[row], []).append(self.metric[row])
        return np.array([shapely.union_all(own.get(code, [])) for code in units], dtype=object)


def read_ground(design: Design, sites: Sequence[Site]) -> Ground | None:
    """The outlines that a design names, catchments laid over areas; None without outlines."""
    if design.outlines is None:
        return None
    read = readers.read_areas(design.outlines, field=design.field, kind=design.kind)
    owner = tuple(design.parts.get(code, code) for code in read.codes)
    starts = {site.area: site.start for site in sorted(sites, key=_start, reverse=True)}
    areas, owner, said = _earliest_first(read, owner, starts)
    edges = design.calendar.edges
    days = np.array([edges[0], edges[-1] - 1])
    ground = Ground(
        read=read,
        areas=areas,
        metric=areas.polygons,
        owner=owner,
        catchments=frozenset(),
        each_day=design.as_of == "each day",
        days=days,
        said=said,
    )
    if design.catchments is not None:
        drawn = readers.read_areas(design.catchments, field=design.catchment_field)
        ground = _laid_over(ground, drawn, starts)
    if not ground.rows(ground.last_day).size:
        raise Refusal(
            f"No outline of {areas.file} holds on {ground.last_day}, the last day of the panel; "
            "mend its valid_from and valid_to, or end earlier."
        )
    west, south, east, north = queries.bounds(areas, margin_m=0)
    crs = queries.metric_crs([west, east], [south, north])
    ground = replace(ground, metric=queries.project_polygons(ground.areas, crs))
    return replace(ground, said=(*ground.said, *_said(ground)))


def _start(site: Site) -> date:
    return site.start


def _earliest_first(
    areas: Areas, owner: tuple[str, ...], starts: Mapping[str, date]
) -> tuple[Areas, tuple[str, ...], tuple[str, ...]]:
    """Outlines in the order in which shared ground counts, the rule of `_laid_over`; and a sentence
    where there is any. Of overlapping outlines the first in order holds a point."""
    one, other = shapely.STRtree(areas.polygons).query(areas.polygons, predicate="intersects")
    size, shared = shapely.area(areas.polygons), []
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a < b and owner[a] != owner[b] and _at_once(areas, a, b):
            common = shapely.area(shapely.intersection(areas.polygons[a], areas.polygons[b]))
            if common > RAGGED * min(size[a], size[b]):
                shared.append(f"{owner[a]} and {owner[b]}")
    if not shared:
        return areas, owner, ()
    rows = sorted(range(len(owner)), key=lambda row: starts.get(owner[row], date.max))
    sorted_areas = replace(
        areas,
        codes=tuple(areas.codes[row] for row in rows),
        polygons=areas.polygons[rows],
        valid_from=areas.valid_from[rows],
        valid_to=areas.valid_to[rows],
        names=(),
    )
    said = (
        f"Outlines overlap: {'; '.join(sorted(set(shared))[:3])}. By the map, what they share "
        "counts to the one whose program started first, then to the first of the file."
    )
    return sorted_areas, tuple(owner[row] for row in rows), (said,)


def _at_once(areas: Areas, one: int, other: int) -> bool:
    """Whether two outlines hold on some day together."""
    since, until = areas.valid_from[[one, other]], areas.valid_to[[one, other]]
    return not any(
        since[a] >= until[b]
        for a, b in ((0, 1), (1, 0))
        if not np.isnat([since[a], until[b]]).any()
    )


def _laid_over(ground: Ground, drawn: Areas, starts: Mapping[str, date]) -> Ground:
    """Catchments as units on the ground of areas, which keep the rest.

    A catchment has one outline throughout, the last that began by the end of the panel: were its
    ground to come with its program, its counts would begin with it. Where catchments overlap, the
    ground counts to the one whose program started first, then to the first in the order of codes.
    """
    begun = np.isnat(drawn.valid_from) | (drawn.valid_from <= ground.last_day)
    newest: dict[str, int] = {}
    since = drawn.valid_from.astype(np.int64)  # no date at all is the smallest number
    for row in sorted(np.flatnonzero(begun).tolist(), key=lambda row: int(since[row])):
        newest[drawn.codes[row]] = row
    if not newest:
        raise Refusal(f"No catchment of {drawn.file} begins by {ground.last_day}; mend its dates.")
    if both := set(newest) & {*ground.owner, *ground.read.codes}:
        raise Refusal(
            f"{listed(both)} is a catchment of {drawn.file} and an area of {ground.read.file}; "
            "give the catchments codes of their own."
        )
    first = {code: starts.get(code, date.max) for code in newest}
    order = sorted(newest, key=lambda code: (first[code], queries.area_order(code)))
    shapes, shared = _exclusive(drawn, [newest[code] for code in order])
    rest = _without(ground.areas.polygons, shapely.union_all(shapes))
    keep = shapely.area(rest) > SLIVER * shapely.area(ground.areas.polygons)
    kept, none = np.flatnonzero(keep), np.full(len(order), "NaT", dtype="datetime64[D]")
    said = [
        f"Catchments of {drawn.file} are units of their own ({len(order)}), each by one outline "
        "throughout; an area counts without them."
    ]
    if shared:
        said.append(
            f"Catchments overlap: {'; '.join(shared[:3])}. What they share counts to the one "
            "whose program started first."
        )
    if gone := set(ground.owner) - {ground.owner[row] for row in kept}:
        said.append(f"All of it catchment, and so no unit beside them: {listed(gone)}.")
    areas = replace(
        ground.areas,
        codes=(*order, *(ground.areas.codes[row] for row in kept)),
        polygons=np.concatenate([shapes, rest[kept]]),
        valid_from=np.concatenate([none, ground.areas.valid_from[kept]]),
        valid_to=np.concatenate([none, ground.areas.valid_to[kept]]),
        names=(),
    )
    owner = (*order, *(ground.owner[row] for row in kept))
    said = [*ground.said, *said]
    return replace(ground, areas=areas, owner=owner, catchments=frozenset(order), said=tuple(said))


def _exclusive(drawn: Areas, rows: list[int]) -> tuple[Shapes, list[str]]:
    """Outlines without what those before them hold, and who shared ground with whom."""
    shapes, shared = np.empty(len(rows), dtype=object), []
    for at, row in enumerate(rows):
        whole = drawn.polygons[row]
        for before, other in enumerate(rows[:at]):
            common = shapely.intersection(whole, drawn.polygons[other])
            if shapely.area(common) > SLIVER * shapely.area(whole):
                shared.append(f"{drawn.codes[rows[before]]} and {drawn.codes[row]}")
        taken = shapely.union_all(shapes[:at]) if at else shapely.Polygon()
        shapes[at] = _without(np.array([whole], dtype=object), taken)[0]
        if not shapely.area(shapes[at]) > SLIVER * shapely.area(whole):
            raise Refusal(
                f"The catchment {drawn.codes[row]} of {drawn.file} lies wholly within those that "
                "start earlier, so nothing is left to count in it; take it out, or draw it apart."
            )
    return shapes, shared


def _without(shapes: Shapes, taken: Any) -> Shapes:
    """What is left of each outline, as polygons alone."""
    left = np.asarray(shapely.difference(shapes, taken), dtype=object)
    mixed = shapely.get_type_id(left) == 7  # a collection: lines where borders run alongside
    for row in np.flatnonzero(mixed):
        parts = shapely.get_parts(left[row])
        left[row] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return left


def _said(ground: Ground) -> list[str]:
    said = []
    if ground.moved and ground.each_day:
        said.append(
            f"Outlines moved within the panel: {listed(ground.moved)}. A point counts by the "
            "outlines of its day, so the ground behind their counts changes."
        )
    elif ground.moved | ground.partly:
        said.append(
            f"Outlines moved, began or ended within the panel: "
            f"{listed(ground.moved | ground.partly)}. Points and neighbours go by those of "
            f"{ground.last_day} throughout; a recorded area is that of its day."
        )
    return said


def beside(
    ground: Ground, units: Sequence[str], began: Days, *, within_m: float = TOUCHING_M
) -> Bools:
    """(U, U) whether the unit of the row lies within so many metres of the unit of the column.

    By the outlines of the last day; where those of each day count, by those of the day on which
    the program of the column began, if that is a day of the panel.
    """
    days = np.full(len(units), ground.last_day)
    if ground.each_day:
        inside = (began >= ground.days[0]) & (began <= ground.last_day)
        days[inside] = began[inside]
    near = np.zeros((len(units), len(units)), dtype=bool)
    for day in np.unique(days):
        shapes = ground.shapes(units, day)
        one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=within_m)
        on_day = days[other] == day
        near[one[on_day], other[on_day]] = True
    np.fill_diagonal(near, False)
    return near


def within_reach(
    ground: Ground, units: Sequence[str], onset: Floats, edges: Days, rings_m: Sequence[float]
) -> Floats:
    """(R, U, T) share of each unit's ground within each distance of the other units at work by
    then; by the outlines of the last day, or of the last day of each period.

    Ground and not shootings: these are what is to be explained, and few in one period.
    """
    size = edges.size - 1
    found = np.zeros((len(rings_m), len(units), size))
    columns: dict[bytes, list[int]] = {}
    for column in range(size):
        rows = ground.rows(edges[column + 1] - 1)
        columns.setdefault(rows.tobytes(), []).append(column)
    for held in columns.values():
        shapes = ground.shapes(units, edges[held[0] + 1] - 1)
        for ring, reach_m in enumerate(rings_m):
            found[ring][:, held] = _covered(shapes, onset, size, reach_m)[:, held]
    return found


def _covered(shapes: Shapes, onset: Floats, size: int, reach_m: float) -> Floats:
    """(U, T) share of each outline within reach of those that are at work by then."""
    found = np.zeros((shapes.size, size))
    sources = np.flatnonzero((onset < size) & ~shapely.is_empty(shapes))
    around = shapely.buffer(shapes[sources], reach_m, quad_segs=ARC)
    area = shapely.area(shapes)
    unit, source = shapely.STRtree(around).query(shapes, predicate="intersects")
    for row in np.unique(unit[area[unit] > 0]):
        near = source[(unit == row) & (sources[source] != row)]
        since = np.maximum(onset[sources[near]], 0).astype(np.int64)
        for start in np.unique(since):
            reached = shapely.union_all(around[near[since <= start]])
            common = shapely.area(shapely.intersection(shapes[row], reached))
            found[row, start:] = common / area[row]
    return np.clip(found, 0, 1)
