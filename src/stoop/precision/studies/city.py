"""The city as a brief sees it: one record per incident, on the day that the brief is made for.

Everything that a section counts comes from here, so that the day (`as_of`), the measure and the
area of an incident are decided once.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers import Shootings, read_within
from stoop.kernel.errors import Refusal
from stoop.places import queries, readers
from stoop.places.readers import Areas, Program
from stoop.precision.studies import record
from stoopstat.events import Bools, Events, Floats, Ints, events
from stoopstat.measures import Measures, measures

# A recorded code is believed when at least this share of the rows carry a code that the
# outlines know; below it the column speaks of another kind of area.
RECORDED_IS_KNOWN = 0.8
# An outline is unknown to the file when fewer than this share of its incidents carry its code.
HARDLY_ANY = 0.1
# Points this far outside every outline still belong to the nearest one: simplified shores, piers.
SHORE_M = 250.0

Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Request:
    """What the analyst asked for; `run.json` repeats it."""

    files: tuple[Path, ...]
    areas: Path | None = None
    area_field: str | None = None
    sites: Path | None = None
    population: Path | None = None
    columns: Mapping[str, str] | None = None
    crs: str | None = None
    timezone: str | None = None
    as_of: date | None = None
    title: str = "Precision Prevention brief"
    top: int = 30
    months: int = 36
    cell_m: float = 250.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class City:
    """Incidents (k of them, in file order) with the outlines and programs they are read against.

    day (k,) · minute (k,) of the local day, -1 unknown · x_m, y_m, lon, lat (k,) NaN without a
    usable point · area (k,) index into area_codes, -1 where no area is known · counted: the three
    measures of each incident.
    """

    shootings: Shootings
    as_of: date
    day: Days
    minute: Ints
    x_m: Floats
    y_m: Floats
    lon: Floats
    lat: Floats
    area: Ints
    area_codes: tuple[str, ...]
    area_source: str
    counted: Measures
    areas: Areas | None
    programs: tuple[Program, ...] = ()
    population: Mapping[str, float] = field(default_factory=dict)
    rows_after: int = 0
    no_recorded_rows: tuple[str, ...] = ()

    @property
    def crs(self) -> str:
        """The projection of x_m and y_m; of the outlines, where no incident has a point."""
        if self.shootings.crs or self.areas is None:
            return self.shootings.crs
        west, south, east, north = queries.bounds(self.areas, margin_m=0)
        return queries.metric_crs([west, east], [south, north])

    @property
    def first_day(self) -> date:
        return _as_date(self.day.min())

    @property
    def opens(self) -> date:
        """First day of the record: the first of a year or month when its first shooting is early
        in it, since a record begins with a month or a year and not with its first shooting."""
        first = self.first_day
        if first.timetuple().tm_yday <= 15:
            return first.replace(month=1, day=1)
        return first.replace(day=1) if first.day <= 10 else first

    @property
    def months_on_file(self) -> int:
        """Whole months of the record up to the day of the brief, at least one."""
        after, opens = self.as_of + timedelta(days=1), self.opens
        months = (after.year - opens.year) * 12 + after.month - opens.month
        return max(1, months - (after.day < opens.day))

    @property
    def last_day(self) -> date:
        return _as_date(self.day.max())

    @property
    def placed(self) -> Bools:
        """(k,) whether the incident has a usable point."""
        return np.isfinite(self.x_m)

    def since(self, first: date) -> Bools:
        """(k,) whether the incident happened on `first` or later."""
        return self.day >= np.datetime64(first)

    def in_time_order(self, mask: Bools) -> Ints:
        """The incidents with a point in `mask`, by day and place: the order of files and rows
        moves no draw of chance."""
        keep = np.flatnonzero(self.placed & mask)
        order = np.lexsort((self.y_m[keep], self.x_m[keep], self.day[keep]))
        return keep[order]

    def events(self, mask: Bools | None = None) -> Events:
        """The incidents with a point (and in `mask`) as events; days counted from 1970-01-01."""
        keep = self.in_time_order(np.ones(self.day.size, dtype=bool) if mask is None else mask)
        days = self.day[keep].astype("datetime64[D]").astype(np.int64)
        return events(self.x_m[keep], self.y_m[keep], days)

    def measure(self, name: str) -> Floats:
        """(k,) what each incident counts for under a measure: incidents, victims or rows."""
        if name == "incidents":
            return np.ones(self.day.size)
        per_incident = {
            "victims": self.counted.incident_victims,
            "rows": self.counted.incident_rows,
        }
        return per_incident[name].astype(np.float64)


def load(request: Request) -> City:
    """Read the files, stop at the day of the brief, and give each incident its place."""
    areas = _read_areas(request)
    known = read_within(
        areas,
        list(request.files),
        columns=request.columns,
        timezone=request.timezone,
        crs=request.crs,
        until=request.as_of,
    )
    as_of = request.as_of or _as_date(known.date.max())
    first = known.first_of_each_incident()
    record.check_end(known.date[first], as_of)
    area, codes, source, unrecorded = _areas_of(known, first, areas, as_of)
    return City(
        shootings=known,
        as_of=as_of,
        day=known.date[first],
        minute=known.minute[first].astype(np.int64),
        x_m=known.x_m[first],
        y_m=known.y_m[first],
        lon=known.lon[first],
        lat=known.lat[first],
        area=area,
        area_codes=codes,
        area_source=source,
        counted=measures(**known.counted),
        areas=areas,
        programs=_programs(request, codes),
        population=_population(request, codes, as_of.year),
        rows_after=known.report.rows_later,
        no_recorded_rows=unrecorded,
    )


def _read_areas(request: Request) -> Areas | None:
    if request.areas is None:
        return None
    return readers.read_areas(request.areas, field=request.area_field)


def _programs(request: Request, codes: tuple[str, ...]) -> tuple[Program, ...]:
    if request.sites is None:
        return ()
    programs = readers.read_programs(request.sites)
    _check_known([program.area for program in programs], codes, request.sites)
    return programs


def _population(request: Request, codes: tuple[str, ...], year: int) -> Mapping[str, float]:
    if request.population is None:
        return {}
    population = readers.read_population(request.population, year=year)
    _check_known(list(population), codes, request.population)
    return population


def _check_known(named: list[str], codes: tuple[str, ...], path: Path) -> None:
    """A file that speaks of other areas would leave every area without a rate or a program."""
    if codes and named and not set(named) & set(codes):
        raise Refusal(
            f"None of the areas in {path.name} ({', '.join(named[:3])}...) is one of the"
            f" {len(codes)} areas here ({', '.join(codes[:3])}...); write them alike."
        )


def _areas_of(
    shootings: Shootings, first: Ints, areas: Areas | None, as_of: date
) -> tuple[Ints, tuple[str, ...], str, tuple[str, ...]]:
    """Area of each incident as the city stands on `as_of`, the codes, and where they come from.

    The recorded code is used where the file has one that the outlines know, since it is what
    the city published. Where an area's outline has changed since the shooting, the code of that
    day says too little, and the point is looked up in today's outline instead.
    """
    recorded = shootings.area[first]
    names = np.array([*shootings.area_names, ""], dtype=object)
    codes_recorded = names[recorded]
    if areas is None:
        codes = tuple(sorted({str(c) for c in codes_recorded if c}, key=queries.area_order))
        return index_of(codes_recorded, codes), codes, "recorded", ()

    today = queries.rows_on(areas, as_of)
    if not today.size:
        raise Refusal(
            f"No outline of {areas.file} holds on {as_of}; mend its valid_from and valid_to, or"
            " choose another --as-of."
        )
    codes = tuple(sorted({areas.codes[i] for i in today}, key=queries.area_order))
    lon, lat = shootings.lon[first], shootings.lat[first]
    mapped = _mapped(areas, lon, lat, as_of)
    codes_mapped = np.array([*areas.codes, ""], dtype=object)[mapped]
    in_mapped = index_of(codes_mapped, codes)
    known = np.isin(codes_recorded, areas.codes)
    if known.mean() < RECORDED_IS_KNOWN:
        return in_mapped, codes, "mapped", ()

    same = _same_outline(areas, codes_recorded, shootings.date[first], as_of)
    area = np.where(same, index_of(codes_recorded, codes), in_mapped)
    unrecorded = _unrecorded(codes, area, in_mapped)
    # A point inside an outline that the file has no code for keeps the code it was filed under.
    kept = tuple(c for c in codes if c not in unrecorded)
    final = np.array([*codes, ""], dtype=object)[area]
    lost = np.isin(final, unrecorded)
    final[lost] = codes_recorded[lost]
    return index_of(final, kept), kept, "recorded", unrecorded


def _unrecorded(codes: tuple[str, ...], area: Ints, mapped: Ints) -> tuple[str, ...]:
    """Areas of the map that the file does not know: incidents lie in them, hardly any is filed
    there. They were drawn later, and ranking them would compare what was never counted."""
    filed, lie = (np.bincount(i[i >= 0], minlength=len(codes)) for i in (area, mapped))
    return tuple(c for c, f, n in zip(codes, filed, lie, strict=True) if f < n * HARDLY_ANY)


def _mapped(areas: Areas, lon: Floats, lat: Floats, on: date) -> Ints:
    """Index into areas of the outline that holds each point on a day, or the nearest by a shore."""
    found = queries.locate(areas, lon, lat, on=on)
    stray = (found < 0) & np.isfinite(lon)
    if stray.any():
        found[stray] = queries.nearest(areas, lon[stray], lat[stray], within_m=SHORE_M, on=on)
    return found


def _same_outline(areas: Areas, codes: NDArray[np.object_], days: Days, as_of: date) -> Bools:
    """(k,) whether the area recorded on the day still has that outline on `as_of`."""
    same = np.zeros(codes.size, dtype=bool)
    for i in queries.rows_on(areas, as_of):
        begun = areas.valid_from[i]
        same |= (codes == areas.codes[i]) & (np.isnat(begun) | (days >= begun))
    return same


def index_of(values: NDArray[np.object_], codes: tuple[str, ...]) -> Ints:
    """Index of each value in codes, -1 where it is not one of them."""
    place = {code: i for i, code in enumerate(codes)}
    return np.array([place.get(value, -1) for value in values], dtype=np.int64)


def months_before(day: date, months: int) -> date:
    """First day of the window of whole months that ends with `day` (36 before 2020-12-31 begins
    on 2018-01-01)."""
    after = day + timedelta(days=1)
    index = after.year * 12 + after.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(after.day, monthrange(year, month + 1)[1]))


def month_index(days: Days) -> Ints:
    """Whole months since January 1970 of each day."""
    return days.astype("datetime64[M]").astype(np.int64)


def _as_date(day: np.datetime64) -> date:
    value = day.astype("datetime64[D]").item()
    if not isinstance(value, date):
        raise TypeError(f"not a day: {day}")
    return value
