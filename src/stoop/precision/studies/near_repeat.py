"""After a shooting: how far, for how long, and by how much the risk is raised, honestly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stoop.places import queries
from stoop.precision.studies.city import City, Days, month_index
from stoopstat.events import Bools, Events, Floats, events
from stoopstat.nearrepeat import KnoxTable, knox
from stoopstat.watchzone import WatchZone, watch_zone

DISTANCE_M = (100.0, 200.0, 300.0, 400.0)
WINDOW_DAYS = (7, 14, 21, 28)
PERMUTATIONS = 999
# Pairs grow with the square of the incidents; more than these would keep a reader waiting for
# hours, and the latest years say more of the next shooting than the first ones.
MOST_INCIDENTS = 40_000


@dataclass(frozen=True, slots=True)
class NearRepeat:
    """Tables of pairs within each distance and window, by three ways to shuffle the dates.

    within_quarter is the null to act on; the others show what the drift of hot places adds, inside
    a year and over all time. zone: the watch zone of one shooting, by the first.
    """

    incidents: int
    first_year: int
    last_year: int
    distance_m: tuple[float, ...]
    window_days: tuple[int, ...]
    permutations: int
    within_quarter: KnoxTable
    within_year: KnoxTable
    all_time: KnoxTable
    zone: WatchZone


def study(
    city: City,
    *,
    seed: int,
    distance_m: Sequence[float] = DISTANCE_M,
    window_days: Sequence[int] = WINDOW_DAYS,
    permutations: int = PERMUTATIONS,
) -> NearRepeat | None:
    """Knox test of the incidents with a point, by three nulls; None with fewer than three.

    All of them, or those of the latest whole years that hold no more than MOST_INCIDENTS.

    A place that is busy for a few months has its incidents close in time without one following
    from another, and a shuffle within the year breaks that up like a shuffle over all time: on
    made-up cities with such drift and no repeats, the interval within years held the truth in 37
    to 60 of 100 at 200 m and 14 days, the one within calendar quarters in 90. So the zone is read
    off the quarters, which cost a true effect about a fifth of its size.
    """
    return of_events(
        city.events(_latest(city)),
        seed=seed,
        distance_m=distance_m,
        window_days=window_days,
        permutations=permutations,
    )


def of_points(lon: Floats, lat: Floats, day: Days, *, seed: int) -> NearRepeat | None:
    """The same of incidents given by (k,) degrees and days, at most the latest MOST_INCIDENTS.

    They are put in the order of day and place first: the order of rows moves no draw of chance.
    """
    x_m, y_m = queries.project(lon, lat, queries.metric_crs(lon, lat))
    order = np.lexsort((y_m, x_m, day))[-MOST_INCIDENTS:]
    days = day[order].astype("datetime64[D]").astype(np.int64)
    return of_events(events(x_m[order], y_m[order], days), seed=seed)


def of_events(
    happened: Events,
    *,
    seed: int,
    distance_m: Sequence[float] = DISTANCE_M,
    window_days: Sequence[int] = WINDOW_DAYS,
    permutations: int = PERMUTATIONS,
) -> NearRepeat | None:
    """The same of events in metres and days since 1970-01-01; None with fewer than three."""
    if len(happened) < 3:
        return None
    month = month_index(happened.t_days.astype("datetime64[D]"))
    years = 1970 + month // 12
    rng = np.random.default_rng(seed)
    bands = {"distance_m": distance_m, "window_days": window_days, "permutations": permutations}
    within = knox(happened, rng=rng, strata=years, **bands)  # type: ignore[arg-type]
    freely = knox(happened, rng=rng, **bands)  # type: ignore[arg-type]
    closely = knox(happened, rng=rng, strata=month // 3, **bands)  # type: ignore[arg-type]
    return NearRepeat(
        incidents=len(happened),
        first_year=int(years.min()),
        last_year=int(years.max()),
        distance_m=tuple(float(d) for d in within.distance_m),
        window_days=tuple(int(w) for w in within.window_days),
        permutations=permutations,
        within_quarter=closely.within,
        within_year=within.within,
        all_time=freely.within,
        zone=watch_zone(closely),
    )


def _latest(city: City) -> Bools:
    """(k,) whether an incident is of the latest years that are few enough; the last one always."""
    year = city.day.astype("datetime64[Y]").astype(np.int64)
    first, last = int(year.min()), int(year.max())
    while first < last and int((city.placed & (year >= first)).sum()) > MOST_INCIDENTS:
        first += 1
    return np.asarray(year >= first)
