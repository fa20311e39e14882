"""What happened: this year against last and against the long run."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from stoop.precision.studies.city import City
from stoopstat import trend

# A long run needs at least so many earlier whole years.
LONG_RUN_YEARS = 3


@dataclass(frozen=True, slots=True)
class Year:
    """Counts of a calendar year; to_date up to the same calendar day as the day of the brief."""

    year: int
    complete: bool
    incidents: int
    victims: int
    rows: int
    fatal: int
    incidents_to_date: int | None
    victims_to_date: int | None


@dataclass(frozen=True, slots=True)
class Month:
    """Counts of a calendar month; rolling_year: incidents of the twelve months up to it."""

    month: str
    complete: bool
    incidents: int
    victims: int
    rolling_year: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """now / before as a ratio, with its 95 % interval."""

    now: int
    before: int
    ratio: float
    low: float
    high: float
    method: str
    dispersion: float


@dataclass(frozen=True, slots=True)
class LongRun:
    """mean: incidents that an average earlier year had by the same day; low to high: its range."""

    first_year: int
    last_year: int
    mean: float
    low: float
    high: float
    position: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Trend:
    """this_year runs to the day of the brief. last: None on a record of one year."""

    this_year: int
    whole_year: bool
    first_date: date
    last_date: date
    years: tuple[Year, ...]
    months: tuple[Month, ...]
    incidents: Change | None
    victims: Change | None
    long_run: LongRun | None
    dispersion: float | None


def study(city: City) -> Trend:
    """Counts by year and month, the change on last year, and the place in the long run."""
    span = {"first": city.opens, "last": city.as_of}
    measures = ("incidents", "victims", "rows")
    years = {m: trend.yearly(city.day, weight=city.measure(m), **span) for m in measures}
    fatal = trend.yearly(city.day, weight=city.counted.fatal.astype(float), **span)
    months = {m: trend.monthly(city.day, weight=city.measure(m), **span) for m in measures}
    n = years["incidents"]
    spread = _dispersion(n)
    return Trend(
        this_year=int(n.years[-1]),
        whole_year=bool(n.complete[-1]),
        first_date=city.first_day,
        last_date=city.last_day,
        years=tuple(
            Year(
                int(n.years[i]),
                bool(n.complete[i]),
                int(n.counts[i]),
                int(years["victims"].counts[i]),
                int(years["rows"].counts[i]),
                int(fatal.counts[i]),
                _whole(n.to_date[i]),
                _whole(years["victims"].to_date[i]),
            )
            for i in range(n.years.size)
        ),
        months=tuple(
            Month(
                str(months["incidents"].months[i]),
                bool(months["incidents"].complete[i]),
                int(months["incidents"].counts[i]),
                int(months["victims"].counts[i]),
                _whole(months["incidents"].rolling_year[i]),
            )
            for i in range(months["incidents"].months.size)
        ),
        incidents=_change(n, spread),
        victims=_change(years["victims"], spread),
        long_run=_long_run(n),
        dispersion=spread,
    )


def _dispersion(years: trend.Years) -> float | None:
    """How many times more than Poisson counts a year differs from the one before, by the earlier
    years to the same day; None on a record too short to tell."""
    earlier = years.to_date[:-1]
    known = np.isfinite(earlier)
    if known.sum() < LONG_RUN_YEARS:
        return None
    return trend.dispersion(earlier[known], time=years.to_date_days[:-1][known])


def _change(years: trend.Years, dispersion: float | None) -> Change | None:
    if years.years.size < 2 or not np.isfinite(years.to_date[-2:]).all():
        return None
    before, now = years.to_date[-2:]
    if now + before == 0:
        return None
    days = years.to_date_days
    earlier = int(np.isfinite(years.to_date[:-1]).sum())
    found = trend.change(
        now,
        before,
        time_now=days[-1],
        time_before=days[-2],
        dispersion=dispersion,
        periods=earlier if dispersion is not None else None,
    )
    return Change(
        int(now), int(before), found.ratio, found.low, found.high, found.method, found.dispersion
    )


def _long_run(years: trend.Years) -> LongRun | None:
    """The present year to date beside the same days of the earlier years."""
    seen = np.isfinite(years.to_date[:-1])
    if seen.sum() < LONG_RUN_YEARS or not np.isfinite(years.to_date[-1]):
        return None
    counts, days = years.to_date[:-1][seen], years.to_date_days[:-1][seen]
    found = trend.long_run(
        years.to_date[-1], counts, time_now=years.to_date_days[-1], time_before=days
    )
    earlier = years.years[:-1][seen]
    return LongRun(
        int(earlier.min()),
        int(earlier.max()),
        found.mean,
        found.low,
        found.high,
        found.position,
        found.ratio,
    )


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
