"""Shapes for maps and grids: the extent of areas, their land, their outlines."""

import math
from typing import Any, Literal

import numpy as np
import shapely

from stoop.places.models import Areas, Bools, Floats, Outline
from stoop.places.queries.labels import first_containing
from stoop.places.queries.location import When, rows_on
from stoop.places.queries.projection import project_polygons

_METRES_PER_DEGREE = 111_320.0


def bounds(areas: Areas, margin_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees of all the polygons, widened by at least `margin_m`."""
    west, south, east, north = (float(side) for side in shapely.total_bounds(areas.polygons))
    up = margin_m / 110_500.0
    # A degree of longitude is shortest at the latitude farthest from the equator.
    farthest = min(max(abs(south), abs(north)) + up, 89.0)
    across = margin_m / (_METRES_PER_DEGREE * math.cos(math.radians(farthest)))
    return west - across, south - up, east + across, north + up


def land_mask(
    areas: Areas,
    crs: str,
    *,
    first_column: int,
    first_row: int,
    n_columns: int,
    n_rows: int,
    cell_m: float,
    rule: Literal["touch", "centre"] = "touch",
) -> Bools:
    """Which cells of a grid are land, by the polygons of any day; (n_rows, n_columns).

    Cell (row, column) of the result has its lower-left corner at ((first_column + column) *
    cell_m, (first_row + row) * cell_m) metres in `crs`. By the rule "touch" a cell is land when
    any part of it is: no shooting on a quay falls out of the map, and the shore makes the land
    look larger (New York at 250 m: 13,899 cells). By the rule "centre" its centre must be
    (12,538 cells, whose area is the land's to 0.1 %).
    """
    polygons = project_polygons(areas, crs)
    x = (first_column + np.arange(n_columns + 1)) * cell_m
    y = (first_row + np.arange(n_rows + 1)) * cell_m
    centre_x, centre_y = (
        side.ravel() for side in np.meshgrid((x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2)
    )
    land = first_containing(polygons, centre_x, centre_y) >= 0
    if rule == "touch":
        unsure = np.flatnonzero(~land)
        row, column = unsure // n_columns, unsure % n_columns
        cells = shapely.STRtree(shapely.box(x[column], y[row], x[column + 1], y[row + 1]))
        land[unsure[cells.query(polygons, predicate="intersects")[1]]] = True
    return land.reshape(n_rows, n_columns)


def outline(areas: Areas, crs: str, *, tolerance_m: float, on: When = None) -> tuple[Outline, ...]:
    """Simplified outlines to draw, in metres in `crs`, of the polygons that hold on a day.

    A border between two areas is simplified once, so that both keep it in common. Islands and
    holes smaller than a square of `tolerance_m` are left out, but each area keeps its largest
    part. None takes the newest generation, as `locate` does.
    """
    rows = rows_on(areas, on)
    polygons = project_polygons(areas, crs)[rows]
    if tolerance_m > 0:
        polygons = shapely.coverage_simplify(polygons, tolerance_m)
    least = tolerance_m**2
    return tuple(
        Outline(int(row), areas.codes[row], _rings(polygon, least))
        for row, polygon in zip(rows, polygons, strict=True)
    )


def _rings(polygon: Any, least_m2: float) -> tuple[Floats, ...]:
    parts = shapely.get_parts(polygon)
    sizes = shapely.area(parts)
    kept = parts[(sizes >= least_m2) | (sizes == sizes.max())]
    return tuple(
        shapely.get_coordinates(ring)
        for part in kept
        for at, ring in enumerate(shapely.get_rings(part))
        if at == 0 or shapely.area(shapely.polygons(ring)) >= least_m2
    )
