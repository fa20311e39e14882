"""What is new: emerging clusters, or the plain word that none stands out."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from stoop.places import queries
from stoop.precision.studies.city import City, month_index, months_before
from stoopstat import scan

YEARS = 3
MAX_RADIUS_M = 2_000.0
MAX_WINDOW_DAYS = 30
REPLICATIONS = 999
# A cluster is named as standing out when chance alone gives one as strong in at most this share
# of searches; below it, the brief says "none stands out".
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Cluster:
    """A circle and a span of days with more incidents than place and time apart would give.

    least_p: no shuffle was as strong, so p is the least that so many shuffles can give, and
    recurrence_days is "more than", not "about".
    """

    rank: int
    lon: float
    lat: float
    x_m: float
    y_m: float
    radius_m: float
    first_day: date
    last_day: date
    observed: int
    expected: float
    llr: float
    p: float
    least_p: bool
    recurrence_days: float
    areas: tuple[str, ...]
    stands_out: bool


@dataclass(frozen=True, slots=True)
class Clusters:
    """clusters: non-overlapping, strongest first; stands_out says which are news."""

    kind: str
    unit: str
    first_date: date
    last_date: date
    incidents: int
    locations: int
    max_radius_m: float
    max_window: int
    replications: int
    level: float
    clusters: tuple[Cluster, ...]

    @property
    def standing_out(self) -> tuple[Cluster, ...]:
        return tuple(c for c in self.clusters if c.stands_out)


def study(
    city: City,
    *,
    seed: int,
    kind: scan.Kind = "prospective",
    unit: str = "day",
    max_window: int = MAX_WINDOW_DAYS,
    max_radius_m: float = MAX_RADIUS_M,
    replications: int = REPLICATIONS,
    first: date | None = None,
) -> Clusters | None:
    """Scan the record from `first` (default: the last three years); None with too few incidents."""
    first = max(first or months_before(city.as_of, 12 * YEARS), city.first_day)
    keep = city.in_time_order(city.since(first))
    if keep.size < 3:
        return None
    day = city.day[keep].astype("datetime64[D]")
    time = day.astype(np.int64) if unit == "day" else month_index(day)
    last = np.array([city.as_of], dtype="datetime64[D]")
    found = scan.scan(
        city.x_m[keep],
        city.y_m[keep],
        time,
        kind=kind,
        max_window=max_window,
        max_radius_m=max_radius_m,
        replications=replications,
        end=int(last.astype(np.int64)[0] if unit == "day" else month_index(last)[0]),
        rng=np.random.default_rng(seed),
    )
    area = city.area[keep]
    return Clusters(
        kind=kind,
        unit=unit,
        first_date=first,
        last_date=city.as_of,
        incidents=int(keep.size),
        locations=found.locations,
        max_radius_m=max_radius_m,
        max_window=max_window,
        replications=replications,
        level=LEVEL,
        clusters=tuple(
            _cluster(city, cluster, rank, unit, area, replications)
            for rank, cluster in enumerate(found.clusters, 1)
        ),
    )


def _cluster(
    city: City,
    cluster: scan.Cluster,
    rank: int,
    unit: str,
    area: np.ndarray,
    replications: int,
) -> Cluster:
    lon, lat = queries.unproject(np.array([cluster.x_m]), np.array([cluster.y_m]), city.crs)
    inside = np.unique(area[cluster.events])
    days_per_unit = 1.0 if unit == "day" else 365.25 / 12
    return Cluster(
        rank=rank,
        lon=round(float(lon[0]), 6),
        lat=round(float(lat[0]), 6),
        x_m=cluster.x_m,
        y_m=cluster.y_m,
        radius_m=cluster.radius_m,
        first_day=_day(cluster.first_unit, unit),
        last_day=min(_day(cluster.last_unit, unit, last=True), city.as_of),
        observed=cluster.observed,
        expected=cluster.expected,
        llr=cluster.llr,
        p=cluster.p,
        least_p=cluster.p <= 1 / (replications + 1),
        recurrence_days=cluster.recurrence_units * days_per_unit,
        areas=tuple(city.area_codes[i] for i in inside if i >= 0),
        stands_out=cluster.p <= LEVEL,
    )


def _day(index: int, unit: str, *, last: bool = False) -> date:
    """First (or last) day of a time unit counted from 1970."""
    if unit == "day":
        day = np.datetime64(index, "D")
    else:
        month = np.datetime64(index + last, "M")
        day = month.astype("datetime64[D]") - int(last)
    value: date = day.item()
    return value
