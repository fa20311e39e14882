"""Writing areas down: one drawn by hand, or all of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction

from stoop.kernel import clock, ids, progress
from stoop.kernel.errors import Refusal
from stoop.kernel.rejects import RejectedRow
from stoop.ledger.actions import record
from stoop.places.actions.actors import Actor, require_edit
from stoop.places.actions.files import digests, loaded_before
from stoop.places.models import Area, Drawing, area_code
from stoop.places.queries.kept import forget
from stoop.places.readers import Areas, read_areas

_POLYGONAL = (3, 6)  # shapely's type ids of Polygon and MultiPolygon


@dataclass(frozen=True)
class Loaded:
    """What loading files of areas did: rows that are new, drawn anew, ended, and as they were.

    `known` says when these very files were loaded, and that nothing was done.
    """

    kind: str
    areas: int = 0
    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    notes: tuple[str, ...] = ()
    rejects: tuple[RejectedRow, ...] = ()
    known: datetime | None = None


@dataclass(frozen=True)
class _Wanted:
    """An area as it shall be from its first day on."""

    code: str
    name: str
    polygon: Any
    start: date | None
    end: date | None
    source: str = ""


@transaction.atomic
def set_area(
    *,
    kind: str,
    code: str,
    name: str,
    polygon: Any,
    valid_from: date | None,
    valid_to: date | None,
    by: Actor,
) -> Area:
    """Write down one area as it is from a day on; the shape before it ends on that day.

    polygon: a shapely Polygon or MultiPolygon in degrees. valid_from None: since always; valid_to:
    the first day on which it no longer holds, None while it does. Saying the same twice changes
    nothing. Refuses a shape that is no area on earth, and days that run backwards or that another
    shape of the same code holds already.
    """
    require_edit(by)
    kind, code = kind_of(kind), area_code(code)
    if not code:
        raise Refusal("An area needs a code; give it the one that the city uses.")
    if valid_from and valid_to and valid_to <= valid_from:
        raise Refusal(
            f"Area {code} would end on {valid_to}, before it begins on {valid_from}; "
            "mend one of the two dates."
        )
    wanted = _Wanted(code, name.strip()[:200], shape_of(polygon, code), valid_from, valid_to)
    writer = _Writer(kind, stamp())
    writer.write([wanted])
    if writer.changes:
        forget()
        record(
            kind="area.set",
            subject=f"area:{kind}/{code}"[:80],
            by=by.ref,
            site=code if kind == Area.CATCHMENT else "",
            data={"kind": kind, "code": code, "from": str(valid_from or "")},
        )
    row = writer.rows.get((code, valid_from)) or writer.same_before(wanted)
    assert row is not None
    return row


@transaction.atomic
def load_areas(
    *,
    files: Sequence[Path],
    kind: str,
    code_field: str | None,
    by: Actor,
    progress: progress.Progress = progress.silent,
    name_field: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Loaded:
    """Load all outlines of some files: GeoJSON, Shapefile, GeoPackage, also in a zip.

    Without `valid_from` the files say how the areas are drawn: a shape that differs is drawn anew
    in place, and how it was before is kept beside it; areas that the files lack stay. With
    `valid_from` they are a new generation: a shape that differs ends the one before it on that day,
    and an area that the files lack ends then too. Days that a file itself carries (`valid_from`,
    `valid_to`) go before both. The same files again change nothing. All of it is in, or, after a
    kill, nothing.
    """
    require_edit(by)
    kind = kind_of(kind)
    progress("reading files", 1, 3)
    new, sha256 = stamp(), digests(files)
    asked = {
        "code_field": code_field,
        "name_field": name_field,
        "from": valid_from and str(valid_from),
        "to": valid_to and str(valid_to),
    }
    last = loaded_before("areas.loaded", f"areas:{kind}", sha256, **asked)
    if last and _last_change(kind) == last.data.get("stamp"):
        return Loaded(kind, known=last.at)
    reads = [read_areas(f, field=code_field, kind=kind, name_field=name_field) for f in files]
    progress(f"comparing {sum(map(len, reads)):,} areas", 2, 3)
    writer = _Writer(kind, new)
    wanted = _wanted(reads, valid_from, valid_to)
    writer.write(wanted)
    if valid_from and not any(map(_own_days, reads)):
        writer.end_others({one.code for one in wanted}, valid_from)
    progress("writing", 3, 3)
    counts = {
        "areas": len(wanted),
        "added": writer.added,
        "changed": writer.changed,
        "ended": writer.ended,
    }
    if writer.changes:
        forget()
        data = {"kind": kind, "sha256": sha256, "stamp": str(new), **asked, **counts}
        record(kind="areas.loaded", subject=f"areas:{kind}", by=by.ref, data=data)
    return Loaded(
        kind=kind,
        unchanged=writer.unchanged,
        notes=tuple(note for read in reads for note in read.notes),
        rejects=tuple(each for read in reads for each in read.rejects),
        known=None,
        **counts,
    )


def _wanted(
    reads: Sequence[Areas], valid_from: date | None, valid_to: date | None
) -> list[_Wanted]:
    """The areas of all files; refuses one that two of them draw."""
    file_of: dict[str, str] = {}
    wanted = []
    for read in reads:
        for at, code in enumerate(read.codes):
            if file_of.setdefault(code, read.file) != read.file:
                raise Refusal(
                    f"Area {code} is in {file_of[code]} and in {read.file}; leave one of them out, "
                    "or load them one after the other."
                )
            name = read.names[at] if read.names else ""
            start, end = _days(read, at, valid_from, valid_to)
            source = f"{read.file} {read.sha256}"[:300]
            wanted.append(_Wanted(code, name, read.polygons[at], start, end, source))
    return wanted


def _own_days(read: Areas) -> bool:
    return not (np.isnat(read.valid_from).all() and np.isnat(read.valid_to).all())


def _last_change(kind: str) -> str:
    rows = Area.objects.filter(kind=kind).order_by("-changed")
    return str(rows.values_list("changed", flat=True).first())


class _Writer:
    """Writes areas of one kind and counts what it did."""

    def __init__(self, kind: str, stamp: UUID) -> None:
        self.kind, self.stamp = kind, stamp
        self.added = self.changed = self.ended = self.unchanged = 0
        self.rows: dict[tuple[str, date | None], Area] = {
            (area.code, area.valid_from): area
            for area in Area.objects.filter(kind=kind).order_by("pk")
        }

    @property
    def changes(self) -> int:
        return self.added + self.changed + self.ended

    def write(self, wanted: Sequence[_Wanted]) -> None:
        """Make the areas so; earliest first, so that each ends the one before it."""
        for one in sorted(wanted, key=lambda each: (each.code, each.start or date.min)):
            same = self.rows.get((one.code, one.start)) or self.same_before(one)
            if same is not None:
                self._redraw(same, one)
            else:
                self._add(one)

    def end_others(self, codes: set[str], day: date) -> None:
        """End the areas that a new generation lacks, on its first day."""
        for area in self.rows.values():
            if area.code not in codes and _open_on(area, day):
                self._end(area, day)

    def same_before(self, one: _Wanted) -> Area | None:
        """The shape that holds on the wanted area's first day, if it is drawn the same."""
        for area in self._of(one.code):
            if one.start and _open_on(area, one.start) and area.valid_to == one.end:
                return area if _drawn(area) == shapely.to_wkb(one.polygon) else None
        return None

    def _of(self, code: str) -> Iterable[Area]:
        return [area for (its, _), area in self.rows.items() if its == code]

    def _redraw(self, area: Area, one: _Wanted) -> None:
        wkb = shapely.to_wkb(one.polygon)
        start = area.valid_from
        new = (wkb, one.name or area.name, one.end)
        if new == (_drawn(area), area.name, area.valid_to):
            self.unchanged += 1
            return
        self._refuse_overlap(one.code, start, one.end, but=area)
        fields = ("name", "polygon", "valid_from", "valid_to", "source")
        before = {name: getattr(area, name) for name in fields}
        Drawing.objects.create(area=area, until=clock.now(), **before)
        area.polygon, area.name, area.valid_to = new
        area.west, area.south, area.east, area.north = shapely.bounds(one.polygon).tolist()
        area.source, area.changed = one.source or area.source, self.stamp
        area.save()
        self.changed += 1

    def _add(self, one: _Wanted) -> None:
        for area in self._of(one.code):
            if one.start and _open_on(area, one.start) and area.valid_to is None:
                self._end(area, one.start)
        self._refuse_overlap(one.code, one.start, one.end, but=None)
        west, south, east, north = shapely.bounds(one.polygon).tolist()
        self.rows[one.code, one.start] = Area.objects.create(
            kind=self.kind,
            code=one.code,
            name=one.name,
            polygon=shapely.to_wkb(one.polygon),
            west=west,
            south=south,
            east=east,
            north=north,
            valid_from=one.start,
            valid_to=one.end,
            source=one.source,
            changed=self.stamp,
        )
        self.added += 1

    def _end(self, area: Area, day: date) -> None:
        area.valid_to, area.changed = day, self.stamp
        area.save(update_fields=["valid_to", "changed"])
        self.ended += 1

    def _refuse_overlap(
        self, code: str, start: date | None, end: date | None, but: Area | None
    ) -> None:
        for area in self._of(code):
            if area is but:
                continue
            before = area.valid_to is not None and start is not None and area.valid_to <= start
            after = end is not None and area.valid_from is not None and end <= area.valid_from
            if not (before or after):
                raise Refusal(
                    f"Area {code} has another shape from {area.valid_from or 'always'} to "
                    f"{area.valid_to or 'now'}; say from which day the new one holds, so that no "
                    "day has two."
                )


def kind_of(text: str) -> str:
    """The one spelling of a kind of area; refuses what is no word."""
    kind = "_".join(text.strip().lower().split())
    if not kind or len(kind) > 40 or not kind.replace("_", "").replace("-", "").isalnum():
        raise Refusal("A kind of area is one word such as precinct, sector or catchment.")
    return kind


def shape_of(polygon: Any, code: str) -> Any:
    """The polygon in two dimensions; refuses what is none, crosses itself, or is not on earth."""
    fault = ""
    if (
        not isinstance(polygon, shapely.Geometry)
        or shapely.get_type_id(polygon) not in _POLYGONAL
        or polygon.is_empty
    ):
        fault = "is no polygon"
    elif not shapely.is_valid(polygon):
        fault = "crosses itself"
    else:
        west, south, east, north = shapely.bounds(polygon)
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            fault = "is not in longitude and latitude"
    if fault:
        raise Refusal(f"The shape of area {code} {fault}; draw its outline again.")
    return shapely.force_2d(polygon)


def _days(
    read: Areas, at: int, start: date | None, end: date | None
) -> tuple[date | None, date | None]:
    """The days of the file, else those that were said."""
    own_start, own_end = read.valid_from[at], read.valid_to[at]
    if np.isnat(own_start) and np.isnat(own_end):
        return start, end
    return (
        None if np.isnat(own_start) else own_start.astype(object),
        None if np.isnat(own_end) else own_end.astype(object),
    )


def _open_on(area: Area, day: date) -> bool:
    """Whether the area began before the day and holds on it."""
    begun = area.valid_from is None or area.valid_from < day
    return begun and (area.valid_to is None or area.valid_to > day)


def _drawn(area: Area) -> bytes:
    return bytes(area.polygon)


def stamp() -> UUID:
    """Later than every change that there is, whatever the clocks of two servers say."""
    last = Area.objects.order_by("-changed").values_list("changed", flat=True).first()
    now = ids.new()
    return now if last is None or now > last else UUID(int=last.int + 1)
