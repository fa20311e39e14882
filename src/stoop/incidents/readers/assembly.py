"""Assembly: the parts of all files put together, judged as a whole, and accounted for."""

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
from stoop.incidents.readers.ledger import Ledger
from stoop.incidents.readers.parts import Part
from stoop.incidents.readers.report import COUNTS_ONLY, NOTHING, FileReport, ReadReport
from stoop.incidents.readers.shootings import Shootings, frozen
from stoop.incidents.readers.tables import Table
from stoop.incidents.readers.words import short
from stoop.kernel.errors import Refusal


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
) -> Shootings:
    ledger = Ledger([source.opened.name for source in sources], parts)
    file = np.repeat(np.arange(len(parts), dtype=np.int16), [part.n for part in parts])
    row = np.concatenate([np.arange(1, part.n + 1, dtype=np.int64) for part in parts])
    date = np.concatenate([part.date for part in parts])
    _set_far_dates_aside(ledger, date)
    area, area_names = _areas(parts, known_areas)
    lat, lon = (np.concatenate([getattr(p, c) for p in parts]) for c in ("lat", "lon"))
    _points(ledger, sources, parts, lat, lon, area, bounds)
    x_m, y_m, crs, said = _metres(parts, lat, lon, projection, ledger.alive)
    notes = [*(note for part in parts for note in part.notes), *said]
    kept = ledger.alive
    if not kept.any():
        raise Refusal(_nothing_usable(ledger, sources))
    everything = bool(kept.all())

    def pick(array: NDArray[Any]) -> NDArray[Any]:
        return frozen(array if everything else array[kept])

    perpetrator, victim = (
        _merged([getattr(p, c) for p in parts]) for c in ("perpetrator", "victim")
    )
    minute, fatal, victims, ids = (
        pick(np.concatenate([getattr(p, c) for p in parts]))
        for c in ("minute", "fatal", "victims", "ids")
    )
    file, row, date, lat, lon, x_m, y_m, area, perpetrator, victim = map(
        pick, (file, row, date, lat, lon, x_m, y_m, area, perpetrator, victim)
    )
    place = _place(lat, lon)
    incident, said = number_incidents(file, ids, date, minute, place)
    notes += said
    notes += _differences(incident, date, place)
    duplicates = repeated(
        incident, date, minute, place, x_m, area, fatal, perpetrator, victim, victims
    )
    if duplicates:
        notes.append(
            f"{duplicates:,} rows repeat an earlier row in every column that is used (two victims"
            " who are described alike, or a row published twice); they are kept as published."
        )
    report = ReadReport(
        files=tuple(
            _file_report(source, part, ledger, i)
            for i, (source, part) in enumerate(zip(sources, parts, strict=True))
        ),
        rejects=ledger.rejects(),
        exact_duplicates=duplicates,
        notes=(*(n for s in sources for n in s.table.notes), *notes),
    )
    return Shootings(
        file, row, incident, date, minute, lat, lon, x_m, y_m, area, area_names, fatal,
        perpetrator, victim, victims, crs, report,
    )  # fmt: skip


def _set_far_dates_aside(ledger: Ledger, date: NDArray[np.datetime64]) -> None:
    limits = out_of_place(date[ledger.alive])
    if limits is None:
        return
    far = ledger.alive & ((date < limits[0]) | (date > limits[1]))
    for place in np.flatnonzero(far):
        ledger.reject(int(place), f"date years away from all others: {date[place]}", NOTHING)


def _areas(
    parts: Sequence[Part], known: Collection[str] | None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    spelling = settle_areas(sorted({v for part in parts for v in part.area.values}), known)
    names = in_order(spelling.values())
    place = {name: i for i, name in enumerate(names)}
    codes = []
    for part in parts:
        to = np.array([*(place[spelling[v]] for v in part.area.values), -1], dtype=np.int32)
        codes.append(to[part.area.code])
    return np.concatenate(codes), names


def _points(
    ledger: Ledger,
    sources: Sequence[Source],
    parts: Sequence[Part],
    lat: points.Floats,
    lon: points.Floats,
    area: NDArray[np.int32],
    bounds: points.Bounds | None,
) -> None:
    """Set unusable points aside, in place, with their reasons."""
    unread = np.concatenate([part.unread for part in parts])
    state = points.states(lat, lon, unread, bounds)
    points.check_not_swapped(state, lat, lon, [source.opened.name for source in sources])
    for start, source, part in zip(ledger.starts, sources, parts, strict=False):
        for offset in np.flatnonzero(state[start : start + part.n] != points.USABLE):
            place = int(start + offset)
            recorded = area[place] >= 0
            if not part.pointed:
                # The file has no coordinates at all: one note says it better than every row.
                if not recorded:
                    ledger.reject(place, "no area", NOTHING)
                continue
            reason = points.REASONS[int(state[place])]
            if state[place] == points.UNREAD:
                reason += short(part.odd.get(int(offset), ""))
            elif state[place] != points.ABSENT:
                reason += f": {lat[place]:.6g}, {lon[place]:.6g}"
            ledger.reject(place, reason, COUNTS_ONLY if recorded else NOTHING)
        if not part.pointed:
            part.notes.append(
                f"{source.opened.name} has no coordinates; its rows count by area and time alone."
            )
    lat[state != points.USABLE] = np.nan
    lon[state != points.USABLE] = np.nan


def _metres(
    parts: Sequence[Part],
    lat: points.Floats,
    lon: points.Floats,
    projection: points.Projection | None,
    alive: NDArray[np.bool_],
) -> tuple[points.Floats, points.Floats, str, list[str]]:
    """Metres of every usable point, the projection's name, and notes."""
    usable = alive & ~np.isnan(lat)
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
        start = 0
        for part in parts:
            here = slice(start, start + part.n)
            start += part.n
            notes += _own_metres(part, projection, x_m[here], y_m[here])
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


def _merged(columns: Sequence[Texts]) -> NDArray[np.int32]:
    """Codes of several files as codes into one list of their values."""
    values = sorted({value for column in columns for value in column.values})
    place = {value: i for i, value in enumerate(values)}
    codes = []
    for column in columns:
        to = np.array([*(place[value] for value in column.values), -1], dtype=np.int32)
        codes.append(to[column.code])
    return np.concatenate(codes)


def _place(lat: points.Floats, lon: points.Floats) -> NDArray[np.int64]:
    """A number for each distinct point, not negative; -1 for none."""
    number = (mixed(lat, lon) >> np.uint64(1)).astype(np.int64)
    number[np.isnan(lat)] = -1
    return number


def _differences(
    incident: NDArray[np.int64], date: NDArray[np.datetime64], place: NDArray[np.int64]
) -> list[str]:
    unlike = differing(incident, date.astype(np.int64), place)
    if not unlike:
        return []
    return [
        f"{unlike:,} incidents have rows that differ in date or place; the first row tells when"
        " and where."
    ]


def _file_report(source: Source, part: Part, ledger: Ledger, i: int) -> FileReport:
    return FileReport(
        name=source.opened.name,
        sha256=source.opened.sha256,
        kind=source.opened.kind,
        encoding=source.table.encoding,
        delimiter=source.table.delimiter,
        rows_read=part.n,
        rows_rejected=ledger.dead_in(i),
        columns=source.columns.named(),
        ignored=source.columns.ignored(),
    )


def _nothing_usable(ledger: Ledger, sources: Sequence[Source]) -> str:
    names = " and ".join(source.opened.name for source in sources[:3])
    return (
        f"None of the {ledger.alive.size:,} rows of {names} can be used, most for this reason:"
        f" {ledger.most_frequent()}; check the columns, and say them with --columns date=NAME,"
        "lat=NAME,lon=NAME."
    )
