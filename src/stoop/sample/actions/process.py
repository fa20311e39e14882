"""Shootings drawn from the plan: a Poisson process in place and time, with repeats and a cluster.

Month by month the addresses have one set of weights; within the month the day and the hour follow
season, year, weekday and clock. That is exactly an inhomogeneous Poisson process with rates that
are constant within a month but for day and hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from stoop.sample.actions.draws import Bools, Draws, Floats, Ints
from stoop.sample.actions.land import Land
from stoop.sample.actions.plan import (
    INCIDENTS_A_YEAR,
    REPEAT_DAYS,
    REPEAT_RADIUS_M,
    REPEAT_SHARE,
    SUMMER,
    YEARS,
    Plan,
    months,
)
from stoop.sample.actions.streets import Streets, near
from stoop.sample.models import FIRST_DAY, LAST_DAY

# Relative rates of the 24 hours: most shootings at night, fewest in the morning.
NIGHT_CLOCK = (
    8.6, 7.6, 4.6, 3.2, 2.3, 1.4, 0.9, 0.8, 0.9, 1.0, 1.2, 1.5,
    1.9, 2.2, 2.6, 3.1, 3.6, 4.0, 4.6, 5.2, 6.0, 8.4, 9.4, 9.6,
)  # fmt: skip
AFTERNOON_CLOCK = (
    3.6, 3.0, 2.0, 1.4, 1.0, 0.7, 0.6, 1.2, 1.6, 1.4, 1.6, 2.2,
    3.0, 4.0, 7.0, 12.4, 12.6, 11.2, 6.4, 4.6, 4.2, 4.2, 4.2, 4.0,
)  # fmt: skip
WEEKEND_NIGHT = 1.6
NIGHT_FROM, NIGHT_TO = 21, 2
BACKGROUND, HOT, REPEAT, CLUSTER = "background", "hot", "repeat", "cluster"
# The sun is highest in mid-July here: day 196 of the year.
PEAK_DAY = 196


@dataclass(frozen=True)
class Shootings:
    """In order of time; one element an incident.

    address: (n,) position in Streets; when: to the minute, local clock; kind: "background", "hot",
    "repeat" or "cluster"; parent: (n,) position of the shooting that a repeat follows, or -1.
    """

    address: Ints
    when: tuple[datetime, ...]
    kind: tuple[str, ...]
    parent: Ints


@dataclass(frozen=True)
class _Draft:
    address: int
    when: datetime
    kind: str
    parent: int = -1


def simulate(land: Land, streets: Streets, plan: Plan, seed: int) -> Shootings:
    draws = Draws(seed, "shootings")
    clocks = {False: _week(NIGHT_CLOCK), True: _week(AFTERNOON_CLOCK)}
    afternoon = np.asarray(land.area_before)[streets.sector] == plan.afternoon_area
    drafts: list[_Draft] = []
    for month in months():
        weights, hot_part = month_weights(land, streets, plan, month)
        days = _days(month)
        mass = day_factors(days)
        mean = INCIDENTS_A_YEAR / 365.25 * mass.cumsum()[-1] * weights.cumsum()[-1]
        chosen = draws.pick(weights, draws.poisson(float(mean)))
        is_hot = draws.uniform(len(chosen)) * weights[chosen] < hot_part[chosen]
        for address, hot in zip(chosen.tolist(), is_hot.tolist(), strict=True):
            when = _moment(days, mass, clocks[bool(afternoon[address])], draws)
            drafts.append(_Draft(address, when, HOT if hot else BACKGROUND))
    drafts += _repeats(drafts, streets, afternoon, clocks, draws)
    drafts += _cluster(streets, plan, clocks[False], draws)
    return _sorted(drafts)


def month_weights(land: Land, streets: Streets, plan: Plan, month: date) -> tuple[Floats, Floats]:
    """Expected share of each address in that month, and the hot places' part of it."""
    elapsed = ((month - FIRST_DAY).days + 15) / ((LAST_DAY - FIRST_DAY).days + 1)
    hot = np.zeros(len(streets.x_m))
    for place, (kernel, weight) in zip(plan.hot_places, plan.kernels, strict=True):
        heat = place.share * (place.first + (place.last - place.first) * elapsed)
        hot[kernel] += heat * weight
    factor = np.ones(len(land.polygons))
    for program in plan.programs:
        running = program.start is not None and program.start <= month
        if running and (program.end is None or month <= program.end):
            own = [k for k, area in enumerate(land.area_before) if area == program.area]
            factor[own] *= 1.0 + program.effect
    at = factor[streets.sector]
    return np.round((plan.background + hot) * at, 12), np.round(hot * at, 12)


def _days(month: date) -> list[date]:
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return [month + timedelta(days=k) for k in range((after - month).days)]


def day_factors(days: list[date]) -> Floats:
    """Season and year of each day; the mean over the eight years is near 1."""
    turn = np.asarray([(day.timetuple().tm_yday - PEAK_DAY) / 365.25 for day in days])
    season = 1.0 + SUMMER * np.cos(2 * np.pi * turn)
    return np.asarray(np.round(season * np.asarray([YEARS[day.year] for day in days]), 9))


def _week(clock: tuple[float, ...]) -> Floats:
    """(7, 24) rates by weekday (Monday first) and hour, mean 1 over the days.

    A weekend night begins on Friday or Saturday at 20:00 and ends at 05:00.
    """
    week = np.tile(np.asarray(clock), (7, 1))
    week[[4, 5], 20:] *= WEEKEND_NIGHT
    week[[5, 6], :5] *= WEEKEND_NIGHT
    return np.asarray(np.round(week * 7 / week.ravel().cumsum()[-1], 9))


def night_share(clock: tuple[float, ...] = NIGHT_CLOCK) -> float:
    """Expected share of the night's hours, midnight crossed."""
    week = _week(clock)
    night = [hour for hour in range(24) if hour >= NIGHT_FROM or hour < NIGHT_TO]
    return round(float(week[:, night].sum() / week.sum()), 6)


def _moment(days: list[date], mass: Floats, week: Floats, draws: Draws) -> datetime:
    table = mass[:, None] * week[[day.weekday() for day in days]]
    day, hour = divmod(int(draws.pick(table.ravel(), 1)[0]), 24)
    return _minute(days[day], hour, draws)


def _minute(day: date, hour: int, draws: Draws) -> datetime:
    """Police round: half of the minutes are a multiple of five. No clock shows the hour that is
    skipped when summer time begins (second Sunday in March), so it is put one later."""
    minute = int(draws.below(60, 1)[0])
    if draws.chance(0.5):
        minute -= minute % 5
    if day.month == 3 and day.weekday() == 6 and 8 <= day.day <= 14 and hour == 2:
        hour = 3
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001  local clock


def _repeats(
    drafts: list[_Draft],
    streets: Streets,
    afternoon: Bools,
    clocks: dict[bool, Floats],
    draws: Draws,
) -> list[_Draft]:
    """One later shooting, 1 to 13 calendar days after, so never 14 times 24 hours or more."""
    follow = draws.uniform(len(drafts)) < REPEAT_SHARE
    lag_weights = np.arange(REPEAT_DAYS - 1, 0, -1, dtype=np.float64)
    repeats = []
    for parent in np.flatnonzero(follow).tolist():
        first = drafts[parent]
        x_m, y_m = float(streets.x_m[first.address]), float(streets.y_m[first.address])
        around = near(streets, x_m, y_m, REPEAT_RADIUS_M)
        address = int(around[draws.below(len(around), 1)[0]])
        day = first.when.date() + timedelta(days=1 + int(draws.pick(lag_weights, 1)[0]))
        week = clocks[bool(afternoon[address])]
        hour = int(draws.pick(week[day.weekday()], 1)[0])
        when = _minute(day, hour, draws)
        if day <= LAST_DAY:
            repeats.append(_Draft(address, when, REPEAT, parent))
    return repeats


def _cluster(streets: Streets, plan: Plan, week: Floats, draws: Draws) -> list[_Draft]:
    cluster = plan.cluster
    around = near(streets, cluster.x_m, cluster.y_m, cluster.radius_m)
    span = (cluster.last_day - cluster.first_day).days + 1
    days = [cluster.first_day + timedelta(days=k) for k in range(span)]
    return [
        _Draft(
            int(around[draws.below(len(around), 1)[0]]),
            _moment(days, np.ones(span), week, draws),
            CLUSTER,
        )
        for _ in range(cluster.incidents)
    ]


def _sorted(drafts: list[_Draft]) -> Shootings:
    order = sorted(range(len(drafts)), key=lambda k: (drafts[k].when, drafts[k].address, k))
    place = {old: new for new, old in enumerate(order)}
    ordered = [drafts[k] for k in order]
    return Shootings(
        address=np.asarray([d.address for d in ordered], np.int64),
        when=tuple(d.when for d in ordered),
        kind=tuple(d.kind for d in ordered),
        parent=np.asarray([place[d.parent] if d.parent >= 0 else -1 for d in ordered], np.int64),
    )
