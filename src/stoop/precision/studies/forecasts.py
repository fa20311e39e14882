"""Where the next month is likely to fall, and what such a forecast is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from stoop.precision.studies.blocks import HotSpots, Lattice
from stoop.precision.studies.city import City, month_index
from stoopstat import backtest, forecast, grid
from stoopstat.events import Floats, Ints

SHARES = (0.01, 0.02, 0.05)
BACKTEST_MONTHS = 24
# History that a forecast needs before the first month it is judged on.
HISTORY_MONTHS = 12
# Of fewer months with incidents, a back-test has no interval to speak of.
ENOUGH_MONTHS = 6
MODEL: forecast.Method = "shrunk"
BASELINE: forecast.Method = "decayed"


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


def next_month(city: City, on: Lattice, spots: HotSpots, *, seed: int) -> Forecast:
    """The month after the day of the brief, by the method that its back-test supports.

    It is made from whole months: a month just begun would count as a calm one. Forecasts know no
    season, so that of the month after the last whole one serves for the next calendar month.
    """
    x, y = city.x_m[city.placed], city.y_m[city.placed]
    month = month_index(city.day[city.placed])
    now = int(month_index(np.array([np.datetime64(city.as_of)]))[0])
    judged, method = _backtest(x, y, month, on.grid, city, now, seed)
    whole = last_whole_month(city.as_of)
    known = whole if whole >= _opens(city) else now
    made = forecast.forecast(
        x, y, month, on.grid, target_month=known + 1, method=method, first_month=_opens(city)
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
