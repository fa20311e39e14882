"""Assembly: the parts of all files put together, judged as a whole, and accounted for."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers import points
from stoop.incidents.readers.areas import in_order, settle_areas
from stoop.incidents.readers.columns import Columns
from stoop.incidents.readers.dates import out_of_place
from stoop.incidents.readers.engine import Texts
from stoop.incidents.readers.files import Opened
from stoop.incidents.readers.incidents import differing, mixed, number_incidents, repeated
from stoop.incidents.readers.parts import Part
from stoop.incidents.readers.report import COUNTS_ONLY, NOTHING, FileReport, ReadReport
from stoop.incidents.readers.shootings import Shootings, frozen
from stoop.incidents.readers.sieve import Sieve
from stoop.incidents.readers.tables import Table
from stoop.incidents.readers.words import short
from stoop.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Assembled:
    """What all files say together, and which of their rows that is.

    `kept`: (rows read,) True for the rows of `shootings`, file after file.
    """

    shootings: Shootings
    kept: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Source:
    """A file, the table in it, and the roles of its columns."""

    opened: Opened
    table: Table
    columns: Columns


def assemble(
    sources: Sequence[Source],
    parts: list[Part],
    projection: points.Projection | None,
    bounds: points.Bounds | None,
    known_areas: Collection[str] | None,
    until: dt.date | None,
) -> Assembled:
    """Put the files together row by row, and judge them as a whole.

    sources, parts: one of each for a file, in one order. The rest: see `reading.read`. Raises
    Refusal when no row can be used, and when latitude and longitude have changed places.
    """
    sieve = Sieve([source.opened.name for source in sources], parts)
    date = _joined(parts, "date")
    if until is not None:
        sieve.leave(date > np.datetime64(until))
    _set_far_dates_aside(sieve, date)
    area, area_names = _areas(parts, known_areas)
    lat, lon = _joined(parts, "lat"), _joined(parts, "lon")
    lat[sieve.left] = lon[sieve.left] = np.nan
    _set_points_aside(sieve, sources, parts, lat, lon, area, bounds)
    x_m, y_m, crs, said = _metres(sieve, parts, lat, lon, projection)
    notes = [*(n for s in sources for n in s.table.notes), *(n for p in parts for n in p.notes)]
    notes += said
    kept = sieve.alive
    if not kept.any():
        raise Refusal(_nothing_usable(sieve, sources, date, until))
    whole = {
        "file": np.repeat(np.arange(len(parts), dtype=np.int16), [part.n for part in parts]),
        "row": np.concatenate([np.arange(1, part.n + 1, dtype=np.int64) for part in parts]),
        "ids": _joined(parts, "ids"),
        "date": date,
        "minute": _joined(parts, "minute"),
        "lat": lat,
        "lon": lon,
        "x_m": x_m,
        "y_m": y_m,
        "area": area,
        "fatal": _joined(parts, "fatal"),
        "perpetrator": _merged([part.perpetrator for part in parts]),
        "victim": _merged([part.victim for part in parts]),
        "victims": _joined(parts, "victims"),
        "at_least": _joined(parts, "at_least"),
    }
    everything = bool(kept.all())
    used = {name: frozen(all_ if everything else all_[kept]) for name, all_ in whole.items()}
    point = _numbered(used["lat"], used["lon"])
    incident, said = number_incidents(
        used["file"], used.pop("ids"), used["date"], used["minute"], point
    )
    duplicates = _repeated(used, incident, point)
    notes += [*said, *_differences(incident, used["date"], point), *_repeats(duplicates)]
    report = ReadReport(
        files=tuple(map(_file_report, sources, parts, map(sieve.dead_in, sieve.spans))),
        rows_later=int(sieve.left.sum()),
        rejects=sieve.rejects(),
        exact_duplicates=duplicates,
        notes=tuple(notes),
    )
    found = Shootings(**used, incident=incident, area_names=area_names, crs=crs, report=report)
    return Assembled(found if until is None else found.until(until), kept)


def _joined(parts: Sequence[Part], column: str) -> NDArray[Any]:
    return np.concatenate([getattr(part, column) for part in parts])


def _set_far_dates_aside(sieve: Sieve, date: NDArray[np.datetime64]) -> None:
    limits = out_of_place(date[sieve.alive])
    if limits is None:
        return
    far = sieve.alive & ((date < limits[0]) | (date > limits[1]))
    for row in np.flatnonzero(far).tolist():
        sieve.reject(row, f"date years away from all others: {date[row]}", NOTHING)


def _areas(
    parts: Sequence[Part], known: Collection[str] | None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    spelling = settle_areas(sorted({v for part in parts for v in part.area.values}), known)
    names = in_order(spelling.values())
    code = {name: i for i, name in enumerate(names)}
    codes = {text: code[name] for text, name in spelling.items()}
    return np.concatenate([part.area.coded(codes) for part in parts]), names


def _merged(columns: Sequence[Texts]) -> NDArray[np.int32]:
    """Codes of several files as codes into one list of their values."""
    values = sorted({value for column in columns for value in column.values})
    codes = {value: i for i, value in enumerate(values)}
    return np.concatenate([column.coded(codes) for column in columns])


def _set_points_aside(
    sieve: Sieve,
    sources: Sequence[Source],
    parts: Sequence[Part],
    lat: points.Floats,
    lon: points.Floats,
    area: NDArray[np.int32],
    bounds: points.Bounds | None,
) -> None:
    """Blot unusable points out of `lat` and `lon`, and say of each why."""
    state = points.states(lat, lon, _joined(parts, "unread"), bounds)
    points.check_not_swapped(state, lat, lon, [source.opened.name for source in sources])
    unusable = state != points.USABLE
    for span, source, part in zip(sieve.spans, sources, parts, strict=True):
        if not part.pointed:
            # The file has no coordinates at all: one note says it better than every row.
            part.notes.append(
                f"{source.opened.name} has no coordinates; its rows count by area and time alone."
            )
            for row in (span.start + np.flatnonzero(area[span] < 0)).tolist():
                sieve.reject(row, "no area", NOTHING)
            continue
        for row in (span.start + np.flatnonzero(unusable[span])).tolist():
            reason = points.REASONS[int(state[row])]
            if state[row] == points.UNREAD:
                reason += short(part.odd.get(row - span.start, ""))
            elif state[row] != points.ABSENT:
                reason += f": {lat[row]:.6g}, {lon[row]:.6g}"
            sieve.reject(row, reason, COUNTS_ONLY if area[row] >= 0 else NOTHING)
    lat[unusable] = np.nan
    lon[unusable] = np.nan


def _metres(
    sieve: Sieve,
    parts: Sequence[Part],
    lat: points.Floats,
    lon: points.Floats,
    projection: points.Projection | None,
) -> tuple[points.Floats, points.Floats, str, list[str]]:
    """Metres of every usable point, the projection's name, and notes."""
    usable = sieve.alive & ~np.isnan(lat)
    x_m, y_m = np.full(lat.size, np.nan), np.full(lat.size, np.nan)
    if not usable.any():
        return x_m, y_m, projection.name if projection else "", []
    middle = points.typical(lat[usable]), points.typical(lon[usable])
    working, notes = projection or points.zone_of(*middle), []
    stretch = working.stretch(*middle)
    if not abs(stretch) <= points.STRETCH:
        fault = (
            f"stretches distances by {stretch:.0%} here"
            if np.isfinite(stretch)
            else "is for another part of the world"
        )
        working, given = points.zone_of(*middle), working.name
        notes.append(f"{given} {fault}, so distances are measured in {working.name}.")
    x_m[usable], y_m[usable] = working.project(lat[usable], lon[usable])
    if projection is not None and working is projection:
        for span, part in zip(sieve.spans, parts, strict=True):
            notes += _own_metres(part, projection, x_m[span], y_m[span])
    return x_m, y_m, working.name, notes


def _own_metres(
    part: Part, projection: points.Projection, x_m: points.Floats, y_m: points.Floats
) -> list[str]:
    """Put a file's own projected coordinates in place where they agree with its degrees."""
    own_x, own_y = part.x * projection.to_m, part.y * projection.to_m
    both = ~(np.isnan(own_x) | np.isnan(own_y) | np.isnan(x_m))
    if not both.any():
        return []
    apart = np.hypot(own_x[both] - x_m[both], own_y[both] - y_m[both])
    near = apart <= points.AGREE_M
    if near.mean() < points.AGREE_SHARE:
        return [
            f"The projected columns of a file are not in {projection.name} (they lie"
            f" {np.median(apart):,.0f} m from latitude and longitude), so they are not used."
        ]
    use = np.flatnonzero(both)[near]
    x_m[use], y_m[use] = own_x[use], own_y[use]
    if near.all():
        return []
    return [
        f"{int((~near).sum()):,} rows have projected coordinates more than"
        f" {points.AGREE_M:.0f} m from their latitude and longitude; the latter are used."
    ]


def _numbered(lat: points.Floats, lon: points.Floats) -> NDArray[np.int64]:
    """A number for each distinct point, not negative; -1 for none."""
    number = (mixed(lat, lon) >> np.uint64(1)).astype(np.int64)
    number[np.isnan(lat)] = -1
    return number


def _differences(
    incident: NDArray[np.int64], date: NDArray[np.datetime64], point: NDArray[np.int64]
) -> list[str]:
    unlike = differing(incident, date.astype(np.int64), point)
    if not unlike:
        return []
    return [
        f"{unlike:,} incidents have rows that differ in date or place; the first row tells when"
        " and where."
    ]


def _repeated(
    used: dict[str, NDArray[Any]], incident: NDArray[np.int64], point: NDArray[np.int64]
) -> int:
    """Rows that repeat an earlier one in every column but their own number."""
    told = ("date", "minute", "x_m", "area", "fatal", "perpetrator", "victim", "victims")
    return repeated(incident, point, *(used[name] for name in (*told, "at_least")))


def _repeats(duplicates: int) -> list[str]:
    if not duplicates:
        return []
    return [
        f"{duplicates:,} rows repeat an earlier row in every column that is used (two victims"
        " who are described alike, or a row published twice); they are kept as published."
    ]


def _file_report(source: Source, part: Part, rejected: int) -> FileReport:
    return FileReport(
        name=source.opened.name,
        sha256=source.opened.sha256,
        kind=source.opened.kind,
        encoding=source.table.encoding,
        delimiter=source.table.delimiter,
        rows_read=part.n,
        rows_rejected=rejected,
        columns=source.columns.named(),
        ignored=source.columns.ignored(),
    )


def _nothing_usable(
    sieve: Sieve,
    sources: Sequence[Source],
    date: NDArray[np.datetime64],
    until: dt.date | None,
) -> str:
    if sieve.left.any():
        return (
            f"No shooting in these files happened by {until}; the first is of"
            f" {date[sieve.left].min()}: choose a later --as-of."
        )
    names = " and ".join(source.opened.name for source in sources[:3])
    return (
        f"None of the {sieve.alive.size:,} rows of {names} can be used, most for this reason:"
        f" {sieve.most_frequent()}; check the columns, and say them with --columns date=NAME,"
        "lat=NAME,lon=NAME."
    )
