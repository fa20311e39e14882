"""Loading files of shootings: each row kept word for word, each incident once, each change told."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.actions import batch_release, batch_tables
from stoop.incidents.actions.batch_columns import Columns, Ready, ahead
from stoop.incidents.actions.batch_facts import Facts, facts_of
from stoop.incidents.actions.batch_files import Options, fresh_of, wider, without_future
from stoop.incidents.actions.batch_release import Release, Step
from stoop.incidents.models import Batch, Incident, Row, Source
from stoop.incidents.readers import ReadReport, Verbatim, read_verbatim
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent
from stoop.kernel.rejects import RejectedRow, as_line
from stoop.ledger.actions import record
from stoop.places import queries as places

# Incidents that are written in one transaction: what a kill costs at most, and how long on SQLite
# a report from the street may have to wait: a second or two.
CHUNK = 50_000
CHANGES = 2_000
# From so many new incidents on, the database looks again at what it holds.
MANY = 10_000
# A release that takes back more than this share of what it covers is more likely a part of one.
FEW_GONE, SHARE_GONE = 20, 0.10


@dataclass(frozen=True)
class Loaded:
    """What loading did. `known` are the files that were loaded before, and when; they are left out.

    rows, rejected: lines of the files, and those of them that serve nothing; incidents: what the
    others tell of; added, changed, withdrawn, unchanged: incidents. `first`, `last`: the days that
    the files cover. `report` is None when all files were known; `said` is what each of its rejects
    says in the file.
    """

    source: str
    known: Mapping[str, datetime]
    rows: int = 0
    rejected: int = 0
    incidents: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    first: date | None = None
    last: date | None = None
    report: ReadReport | None = None
    said: tuple[str, ...] = ()

    @property
    def rejects(self) -> Iterator[RejectedRow]:
        """Rows that cannot be used, or not for everything, as they were."""
        rejects = self.report.rejects if self.report else ()
        for each, said in zip(rejects, self.said, strict=True):
            cells = [cell or "" for cell in json.loads(said)]
            yield RejectedRow(each.file, each.row, each.reason, as_line(cells), each.use)


def import_batch(
    *,
    files: Sequence[Path],
    source: Source,
    by: Actor,
    progress: Progress = silent,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    crs: str | None = None,
    whole: bool | None = None,
) -> Loaded:
    """Load files of one source as one release of it.

    Incidents that are new are added, confirmed if the source is official; those that the release
    says otherwise, or no longer has on the days that it covers, become a new version with the file
    as why. What people have set right stays unless the source changes it. The same file twice
    changes nothing, and so does another file with the same content. What a kill leaves half-done
    the same call completes.

    columns, crs: as `readers.read`. timezone: of the times in the files; else the city's. whole:
    True when what the files lack is truly gone, False when they are a part and take nothing back;
    None refuses a release that takes back a large share.
    Raises Refusal for files that cannot be used.
    """
    require(by, Permission.INCIDENTS_IMPORT)
    if not source.active:
        raise Refusal("This source is switched off; ask an administrator to switch it on.")
    options = Options(columns, timezone or settings.TIME_ZONE, crs)
    progress("reading files", 1, 4)
    fresh, known = fresh_of(files, source, options)
    if not fresh:
        return Loaded(source.code, known)
    bounds = places.city_bounds()
    main = places.main_kind()
    read = read_verbatim(
        fresh,
        columns=columns,
        timezone=options.timezone,
        crs=crs,
        bounds=bounds and wider(bounds),
        known_areas=set(places.areas(main).values_list("code", flat=True)) if main else None,
    )
    read = without_future(read)
    progress("placing incidents", 2, 4)
    zone = ZoneInfo(options.timezone)
    facts = facts_of(read, zone)
    days = read.shootings.date
    span: tuple[date, date] = (days.min().astype(object), days.max().astype(object))
    progress("comparing with what is known", 3, 4)
    release = batch_release.compare(facts, source, read.aside, span, zone)
    release = _withdrawing(release, whole, span)
    load = _Load(source, read, facts, release, by, progress)
    load.begin(options, span)
    try:
        with batch_tables.many():
            load.write()
    except IntegrityError as error:
        raise Refusal(
            "Another load of this source wrote the same incidents meanwhile; "
            "when it has ended, load the files again."
        ) from error
    done = load.finish(span)
    if done.added >= MANY:
        batch_tables.settle(Incident, Row)
    return replace(done, known=known)


def _withdrawing(release: Release, whole: bool | None, span: tuple[date, date]) -> Release:
    if whole is False:
        return replace(release, gone=())
    many = len(release.gone) > max(FEW_GONE, SHARE_GONE * release.in_span)
    if many and whole is None:
        raise Refusal(
            f"These files lack {len(release.gone):,} of the {release.in_span:,} incidents that "
            f"this source has from {span[0]} to {span[1]}. If they are a part of its data say "
            "--part and nothing is taken back; if it took these back say --whole."
        )
    return release


class _Load:
    """One release on its way into the tables: begun, written in parts, finished with an event."""

    def __init__(
        self,
        source: Source,
        read: Verbatim,
        facts: Facts,
        release: Release,
        by: Actor,
        progress: Progress,
    ) -> None:
        self.source, self.read, self.facts, self.release = source, read, facts, release
        self.by, self.progress = by, progress
        self.batches: list[Batch] = []
        self.steps = 1 + -(-release.added.size // CHUNK) + -(-release.changed.size // CHANGES)
        self.steps += -(-len(release.gone) // CHANGES)
        self.step = 0

    @transaction.atomic
    def begin(self, options: Options, span: tuple[date, date]) -> None:
        """A batch for each file; one that a kill left unfinished goes on."""
        now, load = clock.now(), str(ids.new())
        for file, header in zip(self.read.shootings.report.files, self.read.headers, strict=True):
            held = (
                Batch.objects.filter(source=self.source, sha256=file.sha256, finished_at=None)
                .order_by("-pk")
                .first()
            )
            if held is not None and held.read.get("options") == options.as_json():
                self.batches.append(held)
                continue
            self.batches.append(
                Batch.objects.create(
                    source=self.source,
                    file=file.name[:300],
                    sha256=file.sha256,
                    started_at=now,
                    counts=dict.fromkeys(("added", "changed", "withdrawn"), 0),
                    read={
                        "header": list(header),
                        "options": options.as_json(),
                        "load": load,
                        "first": str(span[0]),
                        "last": str(span[1]),
                    },
                )
            )

    @cached_property
    def columns(self) -> Columns:
        keys = np.array([batch.pk for batch in self.batches])
        return Columns(self.facts, self.read, keys)

    def write(self) -> None:
        """Everything, in transactions that each leave the tables whole."""
        added, changed, gone = self.release.added, self.release.changed, self.release.gone
        parts = [added[start : start + CHUNK] for start in range(0, added.size, CHUNK)]
        for ready in ahead(self.columns.ready, parts):
            self._tell("writing incidents")
            self._add(ready)
        for start in range(0, changed.size, CHANGES):
            self._tell("writing changes")
            self._revise(changed[start : start + CHANGES])
        for start in range(0, len(gone), CHANGES):
            self._tell("writing what was taken back")
            self._withdraw(gone[start : start + CHANGES])

    @transaction.atomic
    def finish(self, span: tuple[date, date]) -> Loaded:
        """The counts of the whole release, and its event."""
        self._tell("done")
        report = self.read.shootings.report
        now, total = clock.now(), dict.fromkeys(("added", "changed", "withdrawn"), 0)
        incidents = np.bincount(self.facts.file, minlength=len(self.batches))
        for at, (batch, file) in enumerate(zip(self.batches, report.files, strict=True)):
            batch.refresh_from_db()
            batch.counts |= {
                "rows": file.rows_read,
                "rejected": file.rows_rejected,
                "incidents": int(incidents[at]),
            }
            batch.done, batch.finished_at = file.rows_read, now
            batch.save(update_fields=["counts", "done", "finished_at"])
            for name in total:
                total[name] += batch.counts[name]
        k = len(self.facts)
        counts = {"rows": report.rows_read, "rejected": report.rows_rejected, "incidents": k}
        counts |= total
        unchanged = k - total["added"] - total["changed"]
        touched = {"batches": [batch.pk for batch in self.batches], **counts}
        begun = {batch.started_at for batch in self.batches}
        revised = Incident.objects.filter(
            source=self.source, changed_at__in=begun, version__gt=1
        ).order_by("pk")
        # Held before the ledger is, as by whoever decides something of one of them.
        held = list(revised.select_for_update(no_key=True).values_list("pk", flat=True))
        event = record(
            kind="batch.imported",
            subject=f"source:{self.source.code}",
            by=self.by.ref,
            data=touched,
        )
        if held:
            revised.order_by().update(seq=event.seq)
        return Loaded(
            source=self.source.code,
            known={},
            **counts,
            unchanged=unchanged,
            first=span[0],
            last=span[1],
            report=report,
            said=self.read.rejected,
        )

    def _tell(self, what: str) -> None:
        self.step += 1
        self.progress(what, min(self.step, self.steps), self.steps)

    @transaction.atomic
    def _add(self, ready: Ready) -> None:
        n = ready.part.size
        self._hold()
        keys = batch_tables.keys(Incident, n)
        started: datetime = self.batches[0].started_at
        batch_tables.insert(
            Incident,
            n,
            {"id": keys, **ready.columns},
            {
                "source_id": self.source.pk,
                "status": _STANDING if self.source.official else str(Incident.Status.REPORTED),
                "said": "{}",
                "reported_at": str(started.replace(tzinfo=None)),
                "changed_at": str(started.replace(tzinfo=None)),
            },
        )
        _add_rows(keys, ready.counts, ready.rows)
        self._count("added", self.facts.file[ready.part])

    @transaction.atomic
    def _revise(self, part: NDArray[np.int64]) -> None:
        self._hold()
        position = {key: at for at, key in zip(part, self.release.held[part].tolist(), strict=True)}
        batch = self.batches[0]
        steps = list(
            batch_release.revised(self.facts, self.release, part, batch, self.by.ref, self._why())
        )
        batch_release.write(steps, batch)
        keys = [step.incident.pk for step in steps]
        at = np.array([position[key] for key in keys], dtype=np.int64)
        _add_rows(keys, *self.columns.rows_of(at))
        self._count("changed", self.facts.file[at])

    @transaction.atomic
    def _withdraw(self, keys: Sequence[int]) -> None:
        self._hold()
        batch = self.batches[0]
        steps: list[Step] = list(batch_release.gone(keys, batch, self.by.ref, self._why()))
        batch_release.write(steps, batch)
        self._count("withdrawn", np.zeros(len(steps), dtype=np.int64))

    def _hold(self) -> None:
        """Keep another load of the source waiting until this part is in."""
        Source.objects.select_for_update(no_key=True).get(pk=self.source.pk)

    def _count(self, what: str, file: NDArray[np.int64]) -> None:
        for batch, more in zip(
            self.batches, np.bincount(file, minlength=len(self.batches)).tolist(), strict=True
        ):
            batch.counts[what] += more
            batch.done += more
            batch.save(update_fields=["counts", "done"])

    def _why(self) -> str:
        return f"batch:{self.batches[0].pk} {self.batches[0].file}"[:500]


def _add_rows(
    keys: Sequence[int], counts: NDArray[np.int64], columns: Mapping[str, Sequence[Any]]
) -> None:
    """The rows of incidents; `counts` says how many each of the keys has."""
    whose = np.repeat(np.array(keys), counts).tolist()
    batch_tables.insert(Row, len(whose), {"incident_id": whose, **columns}, {"withdrawn_id": None})


_STANDING = str(Incident.Status.CONFIRMED)
