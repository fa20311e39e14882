"""Files before they are loaded: which of them are news, and which of their rows can be true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone as django_timezone

from stoop.incidents.models import Batch, Source
from stoop.incidents.queries.facts import MARGIN
from stoop.incidents.readers import Rejects, Verbatim
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest


@dataclass(frozen=True)
class Options:
    columns: Mapping[str, str] | None
    timezone: str
    crs: str | None

    def as_json(self) -> dict[str, Any]:
        columns = dict(sorted((self.columns or {}).items()))
        return {"columns": columns, "timezone": self.timezone, "crs": self.crs}


def fresh_of(
    files: Sequence[Path], source: Source, options: Options
) -> tuple[list[Path], dict[str, datetime]]:
    """Files that are to be read, and by name when those were loaded whose content is no news."""
    fresh: list[Path] = []
    known: dict[str, datetime] = {}
    for file in map(Path, files):
        try:
            sha256 = digest(file)
        except OSError:
            fresh.append(file)  # the reader says what is wrong with it
            continue
        before = (
            Batch.objects.filter(source=source, sha256=sha256)
            .exclude(finished_at=None)
            .order_by("-pk")
            .first()
        )
        same = before is not None and before.read.get("options") == options.as_json()
        if same and not _changed_since(before):
            known[file.name] = before.finished_at
        else:
            fresh.append(file)
    return fresh, known


def _changed_since(batch: Batch) -> bool:
    """Whether a later release said anything otherwise: then the older one is news again, also
    where the later one was killed half-way and said a part of it."""
    later = Batch.objects.filter(source=batch.source_id, pk__gt=batch.pk)
    return any(
        each.counts.get("changed") or each.counts.get("withdrawn")
        for each in later
        if each.read.get("load") != batch.read.get("load")
    )


def wider(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN


def without_future(read: Verbatim) -> Verbatim:
    """Set rows aside that are dated after today: nobody can publish those."""
    shootings = read.shootings
    today = np.datetime64(django_timezone.localdate(clock.now()))
    future = shootings.date > today
    if not future.any():
        return read
    kept, report = ~future, shootings.report
    if not kept.any():
        raise Refusal("All rows are dated in the future; check the dates, and the clock here.")
    named = [
        (report.files[file].name, int(row), f"date in the future: {day}", "nothing")
        for file, row, day in zip(
            shootings.file[future], shootings.row[future], shootings.date[future], strict=True
        )
    ]
    old = [(one.file, one.row, one.reason, one.use) for one in report.rejects]
    of_file = np.bincount(shootings.file[future], minlength=len(report.files))
    files = tuple(
        replace(file, rows_rejected=file.rows_rejected + int(more))
        for file, more in zip(report.files, of_file, strict=True)
    )
    rejects: Any = Rejects(*map(list, zip(*old, *named, strict=True)))
    left = replace(shootings.take(kept), report=replace(report, files=files, rejects=rejects))
    return replace(
        read,
        shootings=left,
        said=read.said[kept],
        number=read.number[kept],
        killed=read.killed[kept],
        aside=read.aside | (frozenset(read.number[future].tolist()) - {""}),
        rejected=(*read.rejected, *read.said[future].tolist()),
    )
