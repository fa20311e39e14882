"""After a shooting: how far, for how long, and by how much the risk is raised, honestly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stoop.precision.studies.city import City
from stoopstat import nearrepeat

DISTANCE_M = (100.0, 200.0, 300.0, 400.0)
WINDOW_DAYS = (7, 14, 21, 28)
PERMUTATIONS = 999


@dataclass(frozen=True, slots=True)
class Null:
    """One way to shuffle the dates. Tables: distances x windows, each cell from 0 to its edge."""

    name: str
    observed: tuple[tuple[int, ...], ...]
    expected: tuple[tuple[float, ...], ...]
    ratio: tuple[tuple[float, ...], ...]
    ratio_low: tuple[tuple[float, ...], ...]
    ratio_high: tuple[tuple[float, ...], ...]
    p: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """The watch zone of one shooting; raised is False when nothing could be told from chance."""

    raised: bool
    radius_m: float
    days: int
    about_radius_m: float
    about_days: int
    ratio: float
    ratio_low: float
    ratio_high: float
    extra_per_incident: float
    extra_low: float
    extra_high: float
    p: float


@dataclass(frozen=True, slots=True)
class NearRepeat:
    """within_year is the null to act on; all_time shows what drift of hot places would add."""

    incidents: int
    first_year: int
    last_year: int
    distance_m: tuple[float, ...]
    window_days: tuple[int, ...]
    permutations: int
    within_year: Null
    all_time: Null
    zone: Zone


def study(
    city: City,
    *,
    seed: int,
    distance_m: Sequence[float] = DISTANCE_M,
    window_days: Sequence[int] = WINDOW_DAYS,
    permutations: int = PERMUTATIONS,
) -> NearRepeat | None:
    """Knox test of all incidents with a point, by both nulls; None with fewer than three."""
    events = city.events()
    if len(events) < 3:
        return None
    years = events.t_days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    rng = np.random.default_rng(seed)
    bands = {"distance_m": distance_m, "window_days": window_days, "permutations": permutations}
    within = nearrepeat.knox(events, rng=rng, strata=years, **bands)  # type: ignore[arg-type]
    freely = nearrepeat.knox(events, rng=rng, **bands)  # type: ignore[arg-type]
    zone = nearrepeat.watch_zone(within)
    return NearRepeat(
        incidents=len(events),
        first_year=int(years.min()),
        last_year=int(years.max()),
        distance_m=tuple(float(d) for d in within.distance_m),
        window_days=tuple(int(w) for w in within.window_days),
        permutations=permutations,
        within_year=_null("within each year", within.within),
        all_time=_null("over all years", freely.within),
        zone=Zone(
            **{name: getattr(zone, name) for name in Zone.__dataclass_fields__},
        ),
    )


def _null(name: str, table: nearrepeat.KnoxTable) -> Null:
    def rows(field: str) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(row) for row in getattr(table, field).tolist())

    return Null(
        name,
        tuple(tuple(int(n) for n in row) for row in table.observed),
        rows("expected"),
        rows("ratio"),
        rows("ratio_low"),
        rows("ratio_high"),
        rows("p"),
    )
