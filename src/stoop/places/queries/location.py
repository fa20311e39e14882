"""Which area a point lies in on a day, and which one it is nearest to."""

from datetime import date

import numpy as np
import shapely
from numpy.typing import ArrayLike

from stoop.places.models import Areas, Bools, Days, Floats, Ints
from stoop.places.queries.labels import first_containing
from stoop.places.queries.projection import metric_crs, project, project_polygons

When = date | str | np.datetime64 | Days | None


def locate(areas: Areas, lon: ArrayLike, lat: ArrayLike, *, on: When = None) -> Ints:
    """Row in `areas` of the polygon that holds each point on its day; -1 where none does.

    lon, lat (n,) in degrees; `on` one day for all or (n,) days; None, and NaT for a row without a
    date, mean the newest generation of polygons. Result (n,) int64, the same as testing every
    point with `shapely.contains_xy`: a point on a border is in neither area, and of overlapping
    polygons the first in order wins. Points without coordinates are in none.
    """
    x, y = _flat(lon), _flat(lat)
    if x.shape != y.shape:
        raise ValueError("lon and lat must have one length")
    found = np.full(x.size, -1, dtype=np.int64)
    for points, rows in _by_generation(areas, on, x.size):
        inside = first_containing(areas.polygons[rows], x[points], y[points])
        # Row -1 of the extended table stands for "none".
        found[points] = np.append(rows, -1)[inside]
    return found


def nearest(
    areas: Areas, lon: ArrayLike, lat: ArrayLike, *, within_m: float, on: When = None
) -> Ints:
    """Row in `areas` of the nearest polygon within `within_m` metres, -1 where there is none.

    For points just outside every polygon, where a shore was simplified or a pier left out; a
    point inside a polygon gets the first that covers it. Of polygons equally near the first in
    order wins. Distances are in the UTM zone of the areas.
    """
    x, y = _flat(lon), _flat(lat)
    found = np.full(x.size, -1, dtype=np.int64)
    if not len(areas) or not within_m > 0:
        return found
    crs = _zone(areas)
    polygons = project_polygons(areas, crs)
    for points, rows in _by_generation(areas, on, x.size):
        x_m, y_m = project(x[points], y[points], crs)
        usable = np.flatnonzero(np.isfinite(x_m) & np.isfinite(y_m))
        asked = shapely.points(x_m[usable], y_m[usable])
        tree = shapely.STRtree(polygons[rows])
        pairs = tree.query_nearest(asked, max_distance=within_m, all_matches=True)
        best = np.full(usable.size, len(rows), dtype=np.int64)
        np.minimum.at(best, pairs[0], pairs[1])
        found[np.arange(x.size)[points][usable]] = np.append(rows, -1)[best]
    return found


def near_area(
    areas: Areas,
    codes: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    within_m: float,
    on: When = None,
) -> Bools:
    """Whether each point lies in the area of its code, or within `within_m` metres of it.

    codes (n,) text, lon and lat (n,) degrees; False where the code has no polygon on the day, and
    for points without coordinates. Shootings are often put on a crossing, and borders run along
    streets: a point of the recorded area that lies a hair across its border is no contradiction.
    """
    x, y = _flat(lon), _flat(lat)
    found = np.zeros(x.size, dtype=bool)
    if not len(areas):
        return found
    crs = _zone(areas)
    polygons = project_polygons(areas, crs)
    shapely.prepare(polygons)
    x_m, y_m = project(x, y, crs)
    names, of_row = np.unique(np.asarray(codes, str), return_inverse=True)
    of_row = np.where(np.isfinite(x_m) & np.isfinite(y_m), of_row, -1)
    for points, rows in _by_generation(areas, on, x.size):
        row_of = {areas.codes[row]: row for row in rows}
        which, group = np.arange(x.size)[points], of_row[points]
        for at, code in enumerate(names.tolist()):
            mine = which[group == at]
            if code in row_of and mine.size:
                asked = shapely.points(x_m[mine], y_m[mine])
                found[mine] = shapely.dwithin(polygons[row_of[code]], asked, within_m)
    return found


def rows_on(areas: Areas, on: When) -> Ints:
    """Rows of `areas` that hold on one day; None means the newest generation."""
    [(_, rows)] = _by_generation(areas, on, 1)
    return rows


def _zone(areas: Areas) -> str:
    west, south, east, north = shapely.total_bounds(areas.polygons)
    return metric_crs([(west + east) / 2], [(south + north) / 2])


def _flat(values: ArrayLike) -> Floats:
    return np.ascontiguousarray(np.atleast_1d(np.asarray(values, dtype=np.float64)))


def _by_generation(areas: Areas, on: When, n: int) -> list[tuple[Ints | slice, Ints]]:
    """Groups of points with the rows of `areas` that hold on their days."""
    cuts = np.concatenate([areas.valid_from, areas.valid_to])
    cuts = np.unique(cuts[~np.isnat(cuts)])
    if not cuts.size:
        return [(slice(None), np.arange(len(areas)))]
    days = np.asarray(on, dtype="datetime64[D]")
    if days.ndim and days.size != n:
        raise ValueError("on must be one day or one day for each point")
    # Stretch k lies between cut k - 1 and cut k; a missing day takes the last one that has areas.
    holding = [_rows_in(areas, cuts, k) for k in range(cuts.size + 1)]
    newest = max((k for k in range(len(holding)) if holding[k].size), default=0)
    stretch = np.where(np.isnat(days), newest, np.searchsorted(cuts, days, side="right"))
    if not days.ndim:
        return [(slice(None), holding[int(stretch)])]
    groups: dict[bytes, tuple[list[Ints], Ints]] = {}
    for k in np.unique(stretch):
        points = np.flatnonzero(stretch == k)
        groups.setdefault(holding[k].tobytes(), ([], holding[k]))[0].append(points)
    return [(np.concatenate(points), rows) for points, rows in groups.values()]


def _rows_in(areas: Areas, cuts: Days, stretch: int) -> Ints:
    """Rows that hold over the whole stretch; cuts are where validity begins or ends."""
    if stretch == 0:
        begun, ended = np.isnat(areas.valid_from), np.zeros(len(areas), dtype=bool)
    else:
        first = cuts[stretch - 1]
        begun = np.isnat(areas.valid_from) | (areas.valid_from <= first)
        ended = areas.valid_to <= first
    return np.flatnonzero(begun & ~ended)
