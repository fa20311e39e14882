"""Reading: files in, shootings out; every row accounted for."""

import tempfile
import zoneinfo
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from stoop.incidents.readers import points
from stoop.incidents.readers.assembly import Assembled, Source, assemble
from stoop.incidents.readers.columns import Columns, check_said, find_columns, key, missing
from stoop.incidents.readers.csvs import read_csv, reread_csv
from stoop.incidents.readers.engine import Raw, Texts, engine, extract
from stoop.incidents.readers.files import Opened, open_file
from stoop.incidents.readers.geojsons import read_geojson
from stoop.incidents.readers.parquets import read_parquet
from stoop.incidents.readers.parts import Part, read_part
from stoop.incidents.readers.shootings import Shootings
from stoop.incidents.readers.tables import Table
from stoop.incidents.readers.verbatim import Verbatim, put_together
from stoop.incidents.readers.workbooks import read_workbook
from stoop.kernel.errors import Refusal
from stoop.places import queries

BEYOND_M = 5_000.0  # a point further than this from every outline lies in another city


def read(
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    crs: str | None = None,
    bounds: points.Bounds | None = None,
    known_areas: Collection[str] | None = None,
    until: date | None = None,
) -> Shootings:
    """Read published files of shootings into columns, in the order of files and rows.

    columns: role to header, where the synonyms do not do ('' for "no such column"; several
    headers of one role joined by '+'). timezone: the city's zone, to which times with an offset
    are converted. crs: the projection to measure in, and that of projected columns; without it
    the UTM zone of the median point. bounds: west, south, east, north of the city in degrees;
    points outside are set aside, without bounds those further than one degree from the median.
    known_areas: the city's area names, for their spelling. until: rows dated later are left out
    before anything is judged, so that they choose no box, no projection and no spelling; the
    report counts them as rows_later.

    Raises Refusal for files, columns and parameters that cannot be used, never anything else.
    """
    given = _Given(columns, timezone, crs, bounds, known_areas, until)
    return _read(paths, given, verbatim=False)[0].shootings


def read_within(
    outlines: queries.Areas | None,
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    crs: str | None = None,
    until: date | None = None,
) -> Shootings:
    """The same for a city whose outlines are known: points more than 5 km beyond all of them are
    set aside, and the areas are spelled as theirs. Without outlines, as `read`."""
    return read(
        paths,
        columns=columns,
        timezone=timezone,
        crs=crs,
        bounds=queries.bounds(outlines, margin_m=BEYOND_M) if outlines else None,
        known_areas=set(outlines.codes) if outlines else None,
        until=until,
    )


def read_verbatim(
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    crs: str | None = None,
    bounds: points.Bounds | None = None,
    known_areas: Collection[str] | None = None,
    placeless: bool = False,
) -> Verbatim:
    """The same, with every row word for word beside it, for a table that keeps both.

    `placeless` keeps what says nothing of where it was; all rows are then of one area, the city.
    """
    given = _Given(columns, timezone, crs, bounds, known_areas, None, placeless)
    assembled, sources, raws, parts = _read(paths, given, verbatim=True)
    return put_together(
        assembled,
        headers=[source.table.header for source in sources],
        raws=raws,
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class _Given:
    columns: Mapping[str, str] | None
    timezone: str | None
    crs: str | None
    bounds: points.Bounds | None
    known_areas: Collection[str] | None
    until: date | None
    placeless: bool = False


def _read(
    paths: Sequence[Path], given: _Given, *, verbatim: bool
) -> tuple[Assembled, list[Source], list[Raw], list[Part]]:
    said = {role.strip().casefold(): header for role, header in (given.columns or {}).items()}
    check_said(said)
    zone = _zone(given.timezone)
    projection = points.projection(given.crs) if given.crs else None
    names = _names([Path(path) for path in paths])
    with tempfile.TemporaryDirectory(prefix="stoop-") as folder:
        scratch = Path(folder)
        opened = [
            open_file(Path(path), name, scratch) for path, name in zip(paths, names, strict=True)
        ]
        _refuse_twins(opened)
        with engine(scratch) as connection:
            sources = list(_sources(opened, said, connection, scratch, given.placeless))
            parts, raws = [], []
            for source in sources:
                raw = _extract(connection, source, scratch, verbatim=verbatim)
                part = read_part(raw, source.columns, source.opened.name, zone, projection)
                if given.placeless:
                    part = replace(part, area=Texts(np.zeros(part.n, dtype=np.int32), ("city",)))
                parts.append(part)
                if verbatim:
                    raws.append(raw)
    assembled = assemble(sources, parts, projection, given.bounds, given.known_areas, given.until)
    return assembled, sources, raws, parts


def _zone(timezone: str | None) -> zoneinfo.ZoneInfo | None:
    if not timezone:
        return None
    try:
        return zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refusal(
            f"There is no time zone '{timezone[:60]}'; give one such as America/New_York."
        ) from error


def _names(paths: Sequence[Path]) -> list[str]:
    if not paths:
        raise Refusal("No file of shootings was given; name at least one.")
    names = [" ".join((path.name or str(path)).split()) for path in paths]
    return [
        f"{path.parent.name}/{name}" if names.count(name) > 1 else name
        for path, name in zip(paths, names, strict=True)
    ]


def _refuse_twins(opened: Sequence[Opened]) -> None:
    first: dict[str, str] = {}
    for file in opened:
        if twin := first.get(file.sha256):
            raise Refusal(f"{twin} and {file.name} are the same file; leave one of them out.")
        first[file.sha256] = file.name


def _sources(
    opened: Sequence[Opened],
    said: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    placeless: bool,
) -> Iterator[Source]:
    tables = [_table(file, connection, scratch) for file in opened]
    for file, table in zip(opened, tables, strict=True):
        here = {}
        for role, header in said.items():
            there = [t for t in tables if _has(t, header)]
            # What is said of several files need not hold in each of them.
            if not header.strip() or _has(table, header) or not there:
                here[role] = header
        columns = find_columns(table.header, here, file.name)
        _check_columns(columns, file.name, placeless)
        yield Source(file, table, columns)


def _has(table: Table, header: str) -> bool:
    keys = {key(name) for name in table.header} | set(table.header)
    return all(part.strip() in keys or key(part) in keys for part in header.split("+"))


def _check_columns(columns: Columns, name: str, placeless: bool) -> None:
    at = columns.at
    if not at["date"]:
        raise missing("date", columns, name)
    if placeless:
        return
    located = (at["lat"] and at["lon"]) or (at["x"] and at["y"]) or at["point"]
    if not located and bool(at["lat"]) != bool(at["lon"]):
        raise missing("lon" if at["lat"] else "lat", columns, name)
    if not located and not at["area"]:
        raise missing("lat and lon, or area", columns, name)


def _table(opened: Opened, connection: duckdb.DuckDBPyConnection, scratch: Path) -> Table:
    if opened.kind == "Parquet":
        return read_parquet(opened, connection)
    if opened.kind == "XLSX":
        return read_workbook(opened, scratch)
    if opened.kind == "GeoJSON":
        return read_geojson(opened, scratch)
    return read_csv(opened)


def _extract(
    connection: duckdb.DuckDBPyConnection, source: Source, scratch: Path, *, verbatim: bool
) -> Raw:
    name, table, columns = source.opened.name, source.table, source.columns
    raw = None
    try:
        if table.source:
            raw = extract(connection, table, columns, verbatim=verbatim)
            if source.opened.kind == "CSV" and raw.n != source.opened.lines - 1:
                # Blank lines, or line ends inside quotation marks, which may be a slip that
                # swallows rows: the patient parser looks closer.
                raw = None
    except duckdb.Error as error:
        if source.opened.kind != "CSV":
            raise Refusal(f"{name} is damaged; write or fetch it again.") from error
    if raw is None:
        try:
            again = reread_csv(source.opened, table, scratch)
            raw = extract(connection, again, columns, verbatim=verbatim)
        except duckdb.Error as error:
            raise Refusal(f"{name} cannot be parsed; save it anew as plain CSV.") from error
    if not raw.n:
        raise Refusal(f"{name} has a header and no rows; give the file with its rows.")
    return raw
