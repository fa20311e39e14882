"""Which blocks: hot spots that can be walked."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np

from stoop.kernel.errors import Refusal
from stoop.places import queries
from stoop.precision.studies.city import City, months_before
from stoopstat import concentration, grid, hotspots
from stoopstat.events import Floats, Ints

REACH_CELLS = 1.5
FALSE_DISCOVERY = 0.05
# Cells of the box around the city, land or not, that fit into a laptop's memory.
MOST_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A cell amid more incidents than chance placing gives.

    cell_x, cell_y: lower-left corner, metres of the projection. incidents: in the cell;
    around: in the cell and its neighbours. spot: number of the connected patch it belongs to.
    """

    cell_x: float
    cell_y: float
    lon: float
    lat: float
    area: str
    spot: int
    incidents: int
    around: int
    z: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class HotSpots:
    """cells: significant ones, most incidents around first.

    half_on: the least share of land cells that held half of the incidents. gini: how unevenly
    incidents lie on cells, adjusted for few incidents; gini_by_chance: the same if each had
    fallen on a land cell at random. moved_ashore: incidents just off the land, counted in the
    nearest cell; off_land: those too far off to be counted.
    """

    cell_m: float
    reach_m: float
    months: int
    first: date
    false_discovery: float
    land_cells: int
    land_km2: float
    land_source: str
    incidents: int
    incidents_in: int
    patches: int
    moved_ashore: int
    off_land: int
    half_on: float | None
    gini: float
    gini_by_chance: float
    cells: tuple[HotSpot, ...]


@dataclass(frozen=True, slots=True)
class Lattice:
    """The grid of the city, with place and area of each land cell (cells,) and its incidents in
    the last 12 months."""

    grid: grid.Grid
    land_source: str
    lon: Floats
    lat: Floats
    area: tuple[str, ...]
    last_12: Ints


def lattice(city: City, *, cell_m: float) -> Lattice | None:
    """Cells over the land of the areas, or near incidents where there are no outlines.

    None when no incident has a point on that land; Refusal for cells too small for the city.
    """
    if not city.placed.any():
        return None
    cells, source = _land(city, cell_m)
    x, y = city.x_m[city.placed], city.y_m[city.placed]
    if not cells.cells or not cells.counts(x, y).any():
        return None
    x, y = cells.centers()
    lon, lat = queries.unproject(x, y, city.crs)
    recent = city.placed & city.since(months_before(city.as_of, 12))
    return Lattice(
        grid=cells,
        land_source=source,
        lon=lon,
        lat=lat,
        area=_areas_of_cells(city, cells, lon, lat),
        last_12=cells.counts(city.x_m[recent], city.y_m[recent]),
    )


def _land(city: City, cell_m: float) -> tuple[grid.Grid, str]:
    x, y = city.x_m[city.placed], city.y_m[city.placed]
    if city.areas is None:
        _check_size(x, y, cell_m)
        return grid.land_from_events(x, y, cell_m=cell_m), "near past incidents"
    west, south, east, north = queries.bounds(city.areas, margin_m=cell_m)
    corner_x, corner_y = queries.project(
        np.array([west, west, east, east]), np.array([south, north, south, north]), city.crs
    )
    _check_size(corner_x, corner_y, cell_m)
    box = grid.grid_over(corner_x, corner_y, cell_m=cell_m)
    rows, columns = box.land.shape
    mask = queries.land_mask(
        city.areas,
        city.crs,
        first_column=box.first_column,
        first_row=box.first_row,
        n_columns=columns,
        n_rows=rows,
        cell_m=cell_m,
    )
    return box.with_land(mask), "outlines of the areas"


def _check_size(x: Floats, y: Floats, cell_m: float) -> None:
    wide, high = float(np.ptp(x)) / 1000, float(np.ptp(y)) / 1000
    if wide * high * 1e6 > MOST_CELLS * cell_m**2:
        raise Refusal(
            f"Cells of {cell_m:g} m are too small for a place {wide:,.0f} km wide and {high:,.0f}"
            " km high; choose a larger --cell."
        )


def _areas_of_cells(city: City, cells: grid.Grid, lon: Floats, lat: Floats) -> tuple[str, ...]:
    """Code of the area of each cell: where its centre lies, or where its incidents were filed."""
    if city.areas is not None:
        row = queries.locate(city.areas, lon, lat, on=city.as_of)
        off = row < 0
        row[off] = queries.nearest(
            city.areas, lon[off], lat[off], within_m=cells.cell_m, on=city.as_of
        )
        return tuple(np.array([*city.areas.codes, ""], dtype=object)[row])
    placed = city.placed & (city.area >= 0)
    cell = cells.place(city.x_m[placed], city.y_m[placed]).cell
    filed = Counter(zip(cell.tolist(), city.area[placed].tolist(), strict=True))
    names = [""] * cells.cells
    # The area with the most incidents comes last and stays; of equals the first by its code.
    for c, a in sorted(filed, key=lambda pair: (filed[pair], -pair[1])):
        if c >= 0:
            names[c] = city.area_codes[a]
    return tuple(names)


def hot_spots(city: City, on: Lattice, *, months: int) -> HotSpots:
    """Cells that stand out in the last `months`, with false discoveries held down."""
    months = min(months, city.months_on_file)
    first = months_before(city.as_of, months)
    window = city.placed & city.since(first)
    placement = on.grid.place(city.x_m[window], city.y_m[window])
    counts = on.grid.counts(city.x_m[window], city.y_m[window])
    reach_m = REACH_CELLS * on.grid.cell_m
    found = hotspots.gi_star(counts, on.grid, radius_m=reach_m, false_discovery=FALSE_DISCOVERY)
    spread = concentration.lorenz(counts)
    hot = np.flatnonzero(found.significant)
    order = hot[np.lexsort((hot, -counts[hot], -found.total[hot]))]
    patch = hotspots.joined(found.significant, on.grid)
    x, y = on.grid.corners()
    return HotSpots(
        cell_m=on.grid.cell_m,
        reach_m=reach_m,
        months=months,
        first=first,
        false_discovery=FALSE_DISCOVERY,
        land_cells=on.grid.cells,
        land_km2=on.grid.land_area_m2 / 1e6,
        land_source=on.land_source,
        incidents=int(counts.sum()),
        incidents_in=int(counts[hot].sum()),
        patches=int(patch.max()),
        moved_ashore=int(placement.moved.sum()),
        off_land=int((placement.cell < 0).sum()),
        half_on=_half_on(spread),
        gini=spread.gini_adjusted,
        gini_by_chance=spread.adjusted_chance,
        cells=tuple(
            HotSpot(
                float(x[i]),
                float(y[i]),
                round(float(on.lon[i]), 6),
                round(float(on.lat[i]), 6),
                on.area[i],
                int(patch[i]),
                int(counts[i]),
                int(found.total[i]),
                float(found.z[i]),
                float(found.p[i]),
                float(found.q[i]),
            )
            for i in order
        ),
    )


def _half_on(spread: concentration.Lorenz) -> float | None:
    """Share of the land cells, the most harmed first, that holds half of the incidents."""
    if not np.isfinite(spread.share_of_harm).all():
        return None
    return float(np.interp(0.5, spread.share_of_harm, spread.share_of_places))
