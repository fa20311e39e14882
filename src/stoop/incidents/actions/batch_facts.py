"""What the rows of files say, incident by incident, as arrays: facts ready to be kept."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.models import Incident
from stoop.incidents.readers import Shootings, Verbatim, mixed, persons
from stoop.places import queries as places

# A point is kept to a tenth of a metre, as a report's is.
DIGITS = 6
REF_LENGTH = 80
_PLAIN = REF_LENGTH - 20  # leaves room for a day and a count behind the source's own number
NOON = 12 * 60
NONE = -1  # stands for "not said" in arrays of whole numbers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Facts:
    """k incidents in order of time, as arrays of one length; rows by incident.

    refs: the source's own numbers, each once. days: their local days. moment: datetime64[s], UTC.
    killed, hurt: NONE where the source does not say. which: index into `areas` (codes by kind) and
    `area` (the code of the main kind). file: index of the file of the first row. rows: row numbers
    of all incidents, one after the other; `ends[i]` is where those of incident i end.
    """

    refs: list[str]
    days: NDArray[np.datetime64]
    moment: NDArray[np.datetime64]
    time_known: NDArray[np.bool_]
    lon: Floats
    lat: Floats
    killed: Ints
    hurt: Ints
    shots: NDArray[np.bool_]
    published: Ints
    which: Ints
    areas: tuple[dict[str, list[str]], ...]
    area: tuple[str, ...]
    file: Ints
    rows: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.refs)

    def plain(self, at: int) -> dict[str, Any]:
        """The facts of one incident as a Version keeps them."""
        moment: datetime = self.moment[at].astype(object)
        lon = None if np.isnan(self.lon[at]) else float(self.lon[at])
        kind = Incident.Kind.SHOTS if self.shots[at] else Incident.Kind.SHOOTING
        return {
            "kind": str(kind),
            "occurred_at": f"{moment.isoformat(timespec='seconds')}+00:00",
            "time_known": bool(self.time_known[at]),
            "lon": lon,
            "lat": None if lon is None else float(self.lat[at]),
            "block": "",
            "killed": _said(self.killed[at]),
            "hurt": _said(self.hurt[at]),
        }


def facts_of(read: Verbatim, zone: ZoneInfo) -> Facts:
    """The facts of every incident: when and where by its first row, persons by all of them."""
    shootings = read.shootings
    first = shootings.first_of_each_incident()
    moment, known = _moments(shootings.date[first], shootings.minute[first], zone)
    order = np.argsort(moment, kind="stable")
    first, moment, known = first[order], moment[order], known[order]
    lon, lat = np.round(shootings.lon[first], DIGITS), np.round(shootings.lat[first], DIGITS)
    found = persons(shootings, read.killed)
    which, areas, area = _placed(shootings, first, lon, lat)
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    of_row = place[shootings.incident]
    return Facts(
        refs=_refs(read, first),
        days=shootings.date[first],
        moment=moment,
        time_known=known,
        lon=lon,
        lat=lat,
        killed=np.where(found.fate_known, found.killed, NONE)[order],
        hurt=found.hurt[order],
        shots=(found.hit == 0)[order],
        published=found.rows[order],
        which=which,
        areas=areas,
        area=area,
        file=shootings.file[first].astype(np.int64),
        rows=np.argsort(of_row, kind="stable"),
        ends=np.cumsum(found.rows[order]),
    )


def _moments(
    day: NDArray[np.datetime64], minute: NDArray[np.int16], zone: ZoneInfo
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Local days and minutes in UTC; noon where no time is known, so that no zone moves the day.

    Of an hour that happens twice the first is meant; an hour that never was is read as if the
    clock had not been put forward yet.
    """
    known = minute >= 0
    local = np.where(known, minute, NOON).astype(np.int64)
    days, of_day = np.unique(day, return_inverse=True)
    starts = np.array([_offset(d, 0, zone) for d in days.astype(object)], dtype=np.int64)
    ends = np.array([_offset(d, 24 * 60, zone) for d in days.astype(object)], dtype=np.int64)
    offset = starts[of_day]
    for at in np.flatnonzero(starts != ends).tolist():
        mine = np.flatnonzero(of_day == at)
        the_day: date = days[at].astype(object)
        offset[mine] = [_offset(the_day, int(local[each]), zone) for each in mine]
    seconds = day.astype("datetime64[s]") + (local * 60 - offset).astype("timedelta64[s]")
    return seconds, known


def _offset(day: date, minute: int, zone: ZoneInfo) -> int:
    """Seconds that the zone is ahead of UTC at a local minute of the day."""
    moment = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    ahead = moment.utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0


def _placed(
    shootings: Shootings, first: Ints, lon: Floats, lat: Floats
) -> tuple[Ints, tuple[dict[str, list[str]], ...], tuple[str, ...]]:
    """Areas of each incident by the boundaries of its day; without a point the recorded one."""
    main = places.main_kind()
    placed = places.placed_all(lon, lat, on=shootings.date[first])
    areas = [{kind: list(codes) for kind, codes in one.items()} for one in placed.combinations]
    which = placed.which.copy()
    lost = np.isnan(lon) & (shootings.area[first] >= 0)
    if main and lost.any():
        known = set(places.areas(main).values_list("code", flat=True))
        for recorded in np.unique(shootings.area[first][lost]).tolist():
            name = shootings.area_names[recorded]
            if name in known:
                which[lost & (shootings.area[first] == recorded)] = len(areas)
                areas.append({main: [name]})
    return which, tuple(areas), tuple(next(iter(one.get(main, ())), "") for one in areas)


def _refs(read: Verbatim, first: Ints) -> list[str]:
    """A name for each incident that the next release will give it too.

    The source's own number; with its day where the same number stands for several days; and where
    there is none, a digest of when and where, counted on where these are alike.
    """
    shootings = read.shootings
    numbers: list[str] = read.number[first].tolist()
    unique = set(numbers)
    if len(unique) == len(numbers) and "" not in unique and max(map(len, unique)) <= _PLAIN:
        return numbers
    days = shootings.date[first]
    lat, lon = np.round(shootings.lat[first], DIGITS), np.round(shootings.lon[first], DIGITS)
    content: Any = None
    seen: dict[str, int] = {}
    refs: list[str] = []
    for at, number in enumerate(numbers):
        if not number:
            if content is None:
                content = mixed(days.astype(np.int64), shootings.minute[first], lat, lon)
            number = f"at-{int(content[at]):016x}"
        ref = number if len(number) <= _PLAIN else _shortened(number)
        if ref in seen:
            ref = f"{ref}@{days[at]}"
        count = seen.get(ref, 0)
        seen[ref] = count + 1
        refs.append(ref if not count else f"{ref}#{count + 1}")
    return refs


def _shortened(number: str) -> str:
    digest = hashlib.sha256(number.encode()).hexdigest()[:16]
    return f"{number[: REF_LENGTH - 40]}~{digest}"


def _said(number: np.int64) -> int | None:
    return None if number == NONE else int(number)


def as_json(facts: Facts) -> Iterator[str]:
    """The areas of each combination as the table keeps them."""
    return (json.dumps(one) for one in facts.areas)
