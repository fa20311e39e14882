"""Rows of an endpoint as the readers of files understand them: the same synonyms and judgements."""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from stoop.incidents.readers.columns import find_columns, key
from stoop.incidents.readers.points import Bounds
from stoop.incidents.readers.reading import read_verbatim
from stoop.incidents.readers.report import NOTHING
from stoop.incidents.readers.victims import persons
from stoop.kernel.errors import Refusal

_PLACE = frozenset({"lat", "lon", "x", "y", "point", "area"})
# Where the block or crossing stands, the surest first; a house number is turned into its block.
_BLOCKS = (
    ("block", "blockaddress", "hundredblock", "blockface", "incidentblock", "offenseblock"),
    ("address", "incidentaddress", "streetaddress", "intersection", "crossstreets"),
)


@dataclass(frozen=True)
class Told:
    """One incident as an endpoint's rows tell it: the arguments of a report, and the rows."""

    ref: str
    occurred_at: datetime
    time_known: bool
    lon: float | None
    lat: float | None
    block: str
    killed: int | None
    hurt: int | None
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """The incidents of some rows, and the rows that could not be used, by reason."""

    told: tuple[Told, ...]
    rejected: Mapping[str, int]
    header: tuple[str, ...]

    @property
    def placed(self) -> bool:
        """Whether any incident says where it was."""
        return any(each.lon is not None or each.block for each in self.told)


def incident_column(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str | None:
    """The column of the incident's number; None where each row is an incident of its own."""
    header = _header(rows)
    at = find_columns(header, columns, "The endpoint").one("incident")
    return header[at] if at is not None else None


def understood(
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Mapping[str, str],
    zone: ZoneInfo,
    bounds: Bounds | None,
    sparse: bool = False,
) -> Page:
    """Incidents out of rows, as the readers of files find them, also without a word of where.

    `sparse`: columns of the place that were said may be missing, for an endpoint leaves out of a
    row what is empty. A row without the source's own number cannot be told from a repeat and is
    rejected.
    """
    header = _header(rows)
    if sparse:
        there = {key(name) for name in header}
        columns = {
            role: name for role, name in columns.items() if role not in _PLACE or key(name) in there
        }
    with tempfile.TemporaryDirectory(prefix="stoop-feed-") as folder:
        file = Path(folder) / "the endpoint.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(header)
            writer.writerows([_cell(row.get(name)) for name in header] for row in rows)
        found = read_verbatim(
            [file], columns=columns, timezone=zone.key, bounds=bounds, placeless=True
        )
    shootings = found.shootings
    rejected = Counter(r.kind for r in shootings.report.rejects if r.use == NOTHING)
    count, block = persons(shootings, found.killed), _block_column(header)
    groups: dict[int, list[int]] = {}
    for row, incident in enumerate(shootings.incident.tolist()):
        groups.setdefault(incident, []).append(row)
    told = []
    for incident, members in groups.items():
        first = members[0]
        if not found.number[first]:
            rejected["no number of the source's own"] += len(members)
            continue
        dead, hurt = int(count.killed[incident]), int(count.hurt[incident])
        known = bool(count.fate_known[incident])
        at, time_known = _moment(shootings.date[first], int(shootings.minute[first]), zone)
        lon, lat = float(shootings.lon[first]), float(shootings.lat[first])
        raw = rows[int(shootings.row[first]) - 1]
        told.append(
            Told(
                ref=str(found.number[first]),
                occurred_at=at,
                time_known=time_known,
                lon=None if np.isnan(lon) else lon,
                lat=None if np.isnan(lat) else lat,
                block=str(raw.get(block) or "")[:400] if block else "",
                killed=dead if known else None,
                hurt=None if hurt < 0 else hurt,
                rows=tuple(str(found.said[row]) for row in members),
            )
        )
    return Page(tuple(told), dict(rejected), header)


def said_columns(text: str) -> dict[str, str]:
    """ "date=occurred_on, incident=case" as a mapping; raises Refusal for anything else."""
    said: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        role, sign, name = (piece.strip() for piece in part.partition("="))
        if not sign or not role or not name:
            raise Refusal(
                "Write columns as role=column with commas between, such as date=occurred_on."
            )
        said[role] = name
    return said


def _header(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """All columns of all rows in the order of their coming; the endpoint's own begin with ':'."""
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(name for name in names if name and not name.startswith(":"))


def _cell(value: Any) -> str:
    """A value as a file would hold it; a point as WKT."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict) and value.get("type") == "Point":
        numbers = value.get("coordinates")
        if isinstance(numbers, list) and len(numbers) >= 2:
            return f"POINT ({numbers[0]} {numbers[1]})"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(str(value).replace("\x00", "").splitlines())


def _block_column(header: Sequence[str]) -> str | None:
    for tier in _BLOCKS:
        for name in header:
            if key(name) in tier:
                return name
    return None


def _moment(day: np.datetime64, minute: int, zone: ZoneInfo) -> tuple[datetime, bool]:
    """The moment in UTC, and whether its time of day is known; the day begins where it is not."""
    date = day.astype("datetime64[D]").item()
    if minute < 0:
        return datetime.combine(date, time(), tzinfo=zone).astimezone(UTC), False
    at = datetime.combine(date, time(), tzinfo=None) + timedelta(minutes=minute)
    return at.replace(tzinfo=zone).astimezone(UTC), True
