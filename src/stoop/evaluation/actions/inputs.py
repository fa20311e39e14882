"""The platform's own record as files, so that `stoop evaluate` and the platform walk one road."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely
from django.utils import timezone

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.evaluation.models import Design
from stoop.evaluation.readers import read_design
from stoop.evaluation.readers.design import MOST_FILES
from stoop.incidents import queries as incidents
from stoop.kernel import clock, csvs
from stoop.kernel.errors import Refusal
from stoop.places import queries as places

STUDY, INCIDENTS, SITES, OUTLINES = "STUDY.toml", "incidents.csv", "sites.csv", "outlines.geojson"
WRITTEN = (INCIDENTS, SITES, OUTLINES)  # what a design may name: no other file of this machine
EARLIER = re.compile(r"incidents-(\d{4}-\d{2}-\d{2})\.csv", re.ASCII)  # and the record of that day
_FIELDS = ("occurred_at", "areas", "killed", "hurt", "lon", "lat")
CATCHMENT = "catchment"
_CHUNK = 5_000


def checked(text: str) -> Design:
    """The design that a STUDY.toml says, read as strictly as the command line reads it.

    No outcome is read for it: the files that it names stand there empty. Raises Refusal for a
    design that cannot be used, or names files that the platform does not write.
    """
    with TemporaryDirectory(prefix="stoop-") as name:
        folder = Path(name)
        for each in _nameable(text):
            (folder / each).touch()
        (folder / STUDY).write_text(text, encoding="utf-8")
        design = read_design(folder / STUDY, only=_nameable(text))
    if [each.name for each in design.files] != [INCIDENTS] or design.sites.name != SITES:
        raise Refusal(
            f'Here a study is made from the city\'s own record: write files = ["{INCIDENTS}"] in '
            f'[outcome] and sites = "{SITES}" in [treatment].'
        )
    _earlier(design)
    if design.kind not in (kinds := places.kinds()):
        known = ", ".join(kinds) or "none yet; load their outlines first"
        raise Refusal(f"There are no areas of the kind {design.kind!r} here (there are: {known}).")
    if design.kind == CATCHMENT and design.area != "mapped":
        raise Refusal(
            "Catchments may share ground, and a record names one of them only. Write area = "
            '"mapped" in [outcome]: what they share then counts to the program that began first.'
        )
    return design


def earlier_name(day: date) -> str:
    """The file that holds the record as it stood at the end of a day."""
    return f"incidents-{day}.csv"


def _nameable(text: str) -> list[str]:
    """The files that a design with this text may name."""
    return [*WRITTEN, *(found[0] for found in islice(EARLIER.finditer(text), MOST_FILES))]


def _earlier(design: Design) -> tuple[str, date] | None:
    """The file of the other release, and the day as of which the record is written into it."""
    if design.vintage is None:
        return None
    (name, *more) = [each.name for each in design.vintage.files]
    found = EARLIER.fullmatch(name)
    try:
        day = date.fromisoformat(found[1]) if found and not more else None
    except ValueError:
        day = None
    if day is None or day >= timezone.localdate(clock.now()):
        raise Refusal(
            "Here another release is the city's own record as it stood at the end of a day that is "
            'over: write files = ["incidents-2025-06-30.csv"] in [vintage], with that day.'
        )
    return name, day


def write_inputs(folder: Path, text: str) -> Design:
    """The design and the files that it names, in `folder`, for `stoop evaluate` to read.

    De-identified: of a shooting its day, its area, how many were killed and how many hurt; its
    point only where the design maps areas. No key, no block, no time of day.
    """
    design = checked(text)
    (folder / STUDY).write_text(text, encoding="utf-8")
    mapped, held = design.area == "mapped", incidents.incidents(SYSTEM)
    head = ["incident", "date", "area", "killed", "injured", *(["lon", "lat"] if mapped else [])]
    now = held.filter(status="confirmed", kind="shooting").values_list(*_FIELDS)
    rows = now.iterator(chunk_size=_CHUNK)
    _table(folder / INCIDENTS, head, _shootings(rows, design.kind, mapped))
    if earlier := _earlier(design):
        name, day = earlier
        after = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
        rows = incidents.known_before(SYSTEM, after, *_FIELDS)
        _table(folder / name, head, _shootings(rows, design.kind, mapped))
    _table(folder / SITES, ["site", "area", "start", "end", "status"], _programs(design.kind))
    if design.outlines is not None:
        _outlines(folder / OUTLINES, design.kind)
    return read_design(folder / STUDY, only=_nameable(text))


def _table(path: Path, head: list[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([csvs.safe(cell) for cell in row] for row in rows)


def _shootings(rows: Iterable[Any], kind: str, mapped: bool) -> Iterator[list[Any]]:
    """Confirmed shootings by day, numbered in an order that tells nothing of their hours."""
    lines = []
    for at, areas, killed, hurt, lon, lat in rows:
        where = [lon, lat] if mapped else []
        # Missing is not zero: a number that nobody knows stays empty.
        said = ["" if each is None else each for each in (killed, hurt, *where)]
        area = next(iter(areas.get(kind, ())), "")
        lines.append([timezone.localdate(at).isoformat(), area, *said])
    lines.sort(key=lambda line: [str(each) for each in line])
    for number, line in enumerate(lines, 1):
        yield [number, *line]


def _programs(kind: str) -> Iterator[list[Any]]:
    """Where each site works; a catchment's code is its site's."""
    own = kind == CATCHMENT
    for each in accounts.programs(SYSTEM):
        if own or each.area_kind == kind:
            area = each.site.code if own else each.area_code
            yield [each.site.code, area, each.starts or "", each.ends or "", each.status]


def _outlines(path: Path, kind: str) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": each.code,
                "valid_from": each.valid_from and each.valid_from.isoformat(),
                "valid_to": each.valid_to and each.valid_to.isoformat(),
            },
            "geometry": shapely.geometry.mapping(places.polygon(each)),
        }
        for each in places.every_shape(kind)
    ]
    whole = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(whole), encoding="utf-8")
