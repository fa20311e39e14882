"""Which blocks: hot spots that can be walked, and where the next month is likely to fall."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from stoop.kernel.errors import Refusal
from stoop.places import queries
from stoop.precision.studies.city import City, month_index, months_before
from stoopstat import backtest, concentration, forecast, grid, hotspots
from stoopstat.events import Floats, Ints

REACH_CELLS = 1.5
FALSE_DISCOVERY = 0.05
SHARES = (0.01, 0.02, 0.05)
BACKTEST_MONTHS = 24
# History that a forecast needs before the first month it is judged on.
HISTORY_MONTHS = 12
# Of fewer months with incidents, a back-test has no interval to speak of.
ENOUGH_MONTHS = 6
# Cells of the box around the city, land or not, that fit into a laptop's memory.
MOST_CELLS = 5_000_000
MODEL: forecast.Method = "shrunk"
BASELINE: forecast.Method = "decayed"


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
    fallen on a land cell at random.
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
    half_on: float | None
    gini: float
    gini_by_chance: float
    cells: tuple[HotSpot, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """A cell of the forecast: incidents expected next month, and seen in the last 12 months."""

    cell_x: float
    cell_y: float
    lon: float
    lat: float
    area: str
    score: float
    last_12_months: int
    hot: bool


@dataclass(frozen=True, slots=True)
class Method:
    """Back-test of one method at each share of land."""

    method: str
    hit_rate: tuple[float, ...]
    pai: tuple[float, ...]
    pei: tuple[float, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Against:
    """The proposed model's hit rate less a baseline's, with its 95 % interval, at each share."""

    baseline: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """months: how many were foretold from what came before them."""

    first_month: str
    last_month: str
    months: int
    incidents: int
    shares: tuple[float, ...]
    methods: tuple[Method, ...]
    model: str
    against: tuple[Against, ...]
    beats_decayed: bool
    surely: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """cells: the top share of land, highest first. backtest: None on too short a record."""

    month: str
    method: str
    parameters: dict[str, float]
    expected_total: float
    share_of_land: float
    backtest: Backtest | None
    cells: tuple[Expected, ...]


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


def next_month(city: City, on: Lattice, spots: HotSpots, *, seed: int) -> Forecast:
    """The month after the day of the brief, by the method that its back-test supports."""
    x, y = city.x_m[city.placed], city.y_m[city.placed]
    month = month_index(city.day[city.placed])
    now = int(month_index(np.array([np.datetime64(city.as_of)]))[0])
    judged, method = _backtest(x, y, month, on.grid, city, now, seed)
    made = forecast.forecast(
        x, y, month, on.grid, target_month=now + 1, method=method, first_month=_opens(city)
    )
    top = max(1, round(SHARES[0] * on.grid.cells))
    order = np.lexsort((np.arange(on.grid.cells), -made.score))[:top]
    corner_x, corner_y = on.grid.corners()
    hot = {(s.cell_x, s.cell_y) for s in spots.cells}
    return Forecast(
        month=str(np.datetime64(now + 1, "M")),
        method=method,
        parameters={k: float(v) for k, v in made.parameters.items()},
        expected_total=float(made.score.sum()),
        share_of_land=SHARES[0],
        backtest=judged,
        cells=tuple(
            Expected(
                float(corner_x[i]),
                float(corner_y[i]),
                round(float(on.lon[i]), 6),
                round(float(on.lat[i]), 6),
                on.area[i],
                float(made.score[i]),
                int(on.last_12[i]),
                (float(corner_x[i]), float(corner_y[i])) in hot,
            )
            for i in order
        ),
    )


def rolling(
    city: City, on: Lattice, *, first: int, last: int, method: forecast.Method = MODEL
) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Month by month, first to last: its name, the cells' corners, their scores.

    Each forecast is made only from incidents before its month, its land too where no outlines
    say what land is.
    """
    x, y = city.x_m[city.placed], city.y_m[city.placed]
    month = month_index(city.day[city.placed])
    for target in range(first, last + 1):
        cells = _land_by(target, city, on.grid, x, y, month)
        made = forecast.forecast(
            x, y, month, cells, target_month=target, method=method, first_month=_opens(city)
        )
        yield str(np.datetime64(target, "M")), *cells.corners(), made.score


def _land_by(
    target: int, city: City, cells: grid.Grid, x: Floats, y: Floats, month: Ints
) -> grid.Grid:
    """The land as known before a month: where it is read off incidents, off earlier ones alone.

    Else a month's own incidents would have drawn the map on which they are then foretold.
    """
    if city.areas is not None:
        return cells
    before = month < target
    return grid.land_from_events(x[before], y[before], cell_m=cells.cell_m)


def _opens(city: City) -> int:
    return int(month_index(np.array([np.datetime64(city.first_day)]))[0])


def last_whole_month(day: date) -> int:
    """Index of the last calendar month that has ended by a day."""
    return int(month_index(np.array([np.datetime64(day) + 1]))[0]) - 1


def _backtest(
    x: Floats, y: Floats, month: Ints, cells: grid.Grid, city: City, now: int, seed: int
) -> tuple[Backtest | None, forecast.Method]:
    """Back-test over the last whole months, and the method it leaves standing."""
    last = last_whole_month(city.as_of)
    first = max(last - BACKTEST_MONTHS + 1, _opens(city) + HISTORY_MONTHS)
    judged = np.unique(month[(month >= first) & (month <= last)])
    if judged.size < ENOUGH_MONTHS:
        return None, BASELINE
    found = backtest.backtest(
        x,
        y,
        month,
        _land_by(first, city, cells, x, y, month),
        first_month=first,
        last_month=last,
        shares=SHARES,
        rng=np.random.default_rng(seed),
    )
    choice = backtest.choose(found, model=MODEL, baseline=BASELINE)
    others = [m for m in found.methods if m != MODEL]
    return Backtest(
        first_month=str(np.datetime64(first, "M")),
        last_month=str(np.datetime64(last, "M")),
        months=int(found.months.size),
        incidents=int(found.incidents.sum()),
        shares=SHARES,
        methods=tuple(
            Method(
                name,
                tuple(found.hit_rate[i].tolist()),
                tuple(found.pai[i].tolist()),
                tuple(found.pei[i].tolist()),
                name == choice.method,
            )
            for i, name in enumerate(found.methods)
        ),
        model=MODEL,
        against=tuple(_against(found, other) for other in others),
        beats_decayed=choice.beats,
        surely=choice.surely,
    ), choice.method


def _against(found: backtest.Backtest, baseline: forecast.Method) -> Against:
    d = found.against(MODEL, baseline)
    return Against(baseline, tuple(d.mean.tolist()), tuple(d.low.tolist()), tuple(d.high.tolist()))
