"""When: hours and days, for the city and for each priority area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stoop.precision.studies.city import City, months_before
from stoopstat import hours, windows
from stoopstat.events import Bools, Ints

Rng = np.random.Generator

# Occupying the Block: the hours that credible messengers stand on high-risk blocks.
OCCUPY_START, OCCUPY_END = 21 * 60, 1 * 60
WINDOW_MINUTES = 240
# Fewer incidents with a known time than this, and an area's own hours are noise.
ENOUGH = 30
# Fewer incidents at 00:00 than this share of what the full hours around it have is no chance.
SCARCE = 0.25


@dataclass(frozen=True, slots=True)
class Span:
    """A window of clock time and the share of incidents in it, with its 95 % interval."""

    start_minute: int
    end_minute: int
    incidents: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AreaHours:
    """Hours of one area: its best window (None where too few incidents) and the fixed one."""

    area: str
    known: int
    best: Span | None
    best_earlier_share: float | None
    occupy: Span
    by_hour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """counts: 7 x 24, Monday first. best: chosen on the years before the last, judged on it.

    at_midnight: incidents at exactly 00:00; midnight_expected: by the full hours around it.
    midnight_suspicious: far more than that, as where unknown times are written 00:00;
    midnight_scarce: far fewer, as where midnight is written otherwise. weekend: the nights that
    begin on Friday, Saturday and Sunday, 18:00 to 06:00.
    """

    counts: tuple[tuple[int, ...], ...]
    known: int
    unknown: int
    midnight_suspicious: bool
    midnight_scarce: bool
    at_midnight: int
    midnight_expected: float
    best: Span | None
    best_earlier_share: float | None
    occupy: Span
    weekend: Span | None
    areas: tuple[AreaHours, ...]


def study(city: City, priority: Sequence[str], *, seed: int) -> Hours:
    """Hours of the city and of the priority areas, on all incidents with a known time."""
    rng = np.random.default_rng(seed)
    weekday = (city.day.astype("datetime64[D]").astype(np.int64) + 3) % 7
    found = hours.hours(weekday, city.minute, rng=rng, draws=0)
    last_year = city.since(months_before(city.as_of, 12))
    best, earlier = _best(weekday, city.minute, last_year, rng)
    weekend = windows.window_share(
        weekday, city.minute, start_minute=18 * 60, end_minute=6 * 60, weekdays=(4, 5, 6)
    )
    index = {code: i for i, code in enumerate(city.area_codes)}
    return Hours(
        counts=tuple(tuple(int(n) for n in row) for row in found.counts),
        known=found.known,
        unknown=found.unknown,
        midnight_suspicious=found.midnight_suspicious,
        midnight_scarce=(
            found.midnight_expected >= ENOUGH
            and found.at_midnight < SCARCE * found.midnight_expected
        ),
        at_midnight=found.at_midnight,
        midnight_expected=found.midnight_expected,
        best=best,
        best_earlier_share=earlier,
        occupy=_occupy(weekday, city.minute),
        weekend=_span(weekend) if weekend.known else None,
        areas=tuple(
            _area(code, weekday[here], city.minute[here], last_year[here], rng)
            for code in priority
            for here in [city.area == index[code]]
        ),
    )


def _area(code: str, weekday: Ints, minute: Ints, last_year: Bools, rng: Rng) -> AreaHours:
    known = minute >= 0
    best, earlier = _best(weekday, minute, last_year, rng)
    return AreaHours(
        area=code,
        known=int(known.sum()),
        best=best,
        best_earlier_share=earlier,
        occupy=_occupy(weekday, minute),
        by_hour=tuple(int(n) for n in np.bincount(minute[known] // 60, minlength=24)),
    )


def _best(
    weekday: Ints, minute: Ints, last_year: Bools, rng: Rng
) -> tuple[Span | None, float | None]:
    """The window chosen on the earlier years, with the share it held in the last year."""
    known = minute >= 0
    if (known & ~last_year).sum() < ENOUGH or not (known & last_year).any():
        return None, None
    judged = windows.judged_window(
        weekday, minute, last_year, length_minutes=WINDOW_MINUTES, rng=rng, draws=0
    )
    return _span(judged.later), judged.chosen.share


def _occupy(weekday: Ints, minute: Ints) -> Span:
    return _span(
        windows.window_share(weekday, minute, start_minute=OCCUPY_START, end_minute=OCCUPY_END)
    )


def _span(window: windows.Window) -> Span:
    return Span(
        window.start_minute,
        window.end_minute % (24 * 60),
        window.count,
        window.known,
        window.share,
        window.low,
        window.high,
    )
