"""A release beside what is known of its source: what is new, said otherwise, or gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.actions import batch_tables
from stoop.incidents.actions.batch_facts import DIGITS, NONE, Facts
from stoop.incidents.actions.batch_numbers import meant, numbered
from stoop.incidents.actions.versions import why_itself
from stoop.incidents.models import Batch, Incident, Row, Source, Version
from stoop.incidents.queries.facts import differing, known_of, parsed
from stoop.incidents.queries.facts import facts_of as facts_of_incident

WITHDRAWN = "withdraw"
# Coordinates of two releases of one file differ in their last digit.
_SAME = 1.5 * 10.0**-DIGITS
_S = Incident.Status


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Release:
    """Positions in Facts of what is new and what is said otherwise; keys of what is gone.

    held: the incident's key in the table, 0 for a new one; (k,).
    """

    held: NDArray[np.int64]
    added: NDArray[np.int64]
    changed: NDArray[np.int64]
    gone: tuple[int, ...]
    in_span: int

    @property
    def unchanged(self) -> int:
        return int(self.held.size - self.added.size - self.changed.size)


def compare(facts: Facts, source: Source, aside: frozenset[str], span: tuple[date, date],
            zone: ZoneInfo) -> Release:  # fmt: skip
    """Hold the facts against what the table has of this source.

    Gone is what the table has within the days of the release and the release has not; days that it
    does not cover say nothing. `aside` are numbers of rows that could not be used.
    """
    known = _known(source)
    first, last = (_instant(day, zone) for day in (span[0], span[1] + timedelta(days=1)))
    moments = facts.moment.astype(np.int64)
    at = meant(facts.refs, moments, facts.days, known.refs, known.moment, (first, last))
    held = np.where(at >= 0, np.append(known.key, 0)[at], 0)
    old = np.flatnonzero(at >= 0)
    there = at[old]
    differs = known.odd[there] | (known.moment[there] != moments[old])
    differs |= known.time_known[there] != facts.time_known[old]
    differs |= known.shots[there] != facts.shots[old]
    for name in ("killed", "hurt", "published"):
        differs |= getattr(known, name)[there] != getattr(facts, name)[old]
    for name in ("lon", "lat"):
        before, after = getattr(known, name)[there], getattr(facts, name)[old]
        differs |= np.isnan(before) != np.isnan(after)
        differs |= np.abs(np.nan_to_num(before) - np.nan_to_num(after)) > _SAME
    seen = np.zeros(known.key.size, dtype=bool)
    seen[there] = True
    within = known.standing & (known.moment >= first) & (known.moment < last)
    gone = [
        int(known.key[each])
        for each in np.flatnonzero(within & ~seen)
        if not {known.refs[each], numbered(known.refs[each])} & aside
    ]
    return Release(
        held=held,
        added=np.flatnonzero(at < 0),
        changed=old[differs],
        gone=tuple(gone),
        in_span=int(within.sum()),
    )


def _instant(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class _Known:
    """What the table has of a source; `odd` ones are looked at one by one.

    `moment` is what the source said, all else what stands.
    """

    refs: list[str]
    key: NDArray[np.int64]
    moment: NDArray[np.int64]
    time_known: NDArray[np.bool_]
    shots: NDArray[np.bool_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    killed: NDArray[np.int64]
    hurt: NDArray[np.int64]
    published: NDArray[np.int64]
    standing: NDArray[np.bool_]
    odd: NDArray[np.bool_]


def _known(source: Source) -> _Known:
    names = (
        "source_ref", "pk", "occurred_at", "time_known", "kind", "lon", "lat", "killed", "hurt",
        "published", "status", "version",
    )  # fmt: skip
    rows = list(Incident.objects.filter(source=source).order_by("pk").values_list(*names))
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    refs, key, moment, known, kind, lon, lat, killed, hurt, published, status, version = columns

    def whole(values: Sequence[Any]) -> NDArray[np.int64]:
        return np.array([NONE if v is None else v for v in values], dtype=np.int64)

    def degrees(values: Sequence[Any]) -> NDArray[np.float64]:
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)

    states = np.array(status, dtype=str)
    at = np.array([int(each.timestamp()) for each in moment], dtype=np.int64)
    keys = whole(key)
    for pk, said in _said_when(source):
        at[np.searchsorted(keys, pk)] = int(parsed("occurred_at", said).timestamp())
    return _Known(
        refs=list(refs),
        key=keys,
        moment=at,
        time_known=np.array(known, dtype=bool),
        shots=np.array(kind, dtype=str) == str(Incident.Kind.SHOTS),
        lon=degrees(lon),
        lat=degrees(lat),
        killed=whole(killed),
        hurt=whole(hurt),
        published=whole(published),
        standing=(states == str(_S.CONFIRMED)) | (states == str(_S.REPORTED)),
        # Once somebody has changed it, or it was taken back, columns alone do not tell what the
        # source said last.
        odd=(whole(version) > 1),
    )


def _said_when(source: Source) -> Iterator[tuple[int, str]]:
    """When the source itself says it was, of what was changed since: a day that a person set right
    moves nothing into the days of a release, nor out of them."""
    held = Incident.objects.filter(source=source, version__gt=1).exclude(said={})
    yield from held.values_list("pk", "said__occurred_at").iterator(chunk_size=5_000)


@dataclass(frozen=True, slots=True)
class Step:
    """One incident as the release leaves it, and the versions that say so."""

    incident: Incident
    versions: tuple[Version, ...]


def revised(
    facts: Facts, release: Release, part: NDArray[np.int64], batch: Batch, by: str, why: str
) -> Iterator[Step]:
    """Incidents of `part` that the release says otherwise; those that it does not are left out."""
    keys = release.held[part].tolist()
    incidents = _fetched(keys)
    last = _last_actions(keys)
    begun = set(Version.objects.filter(incident__in=keys).values_list("incident", flat=True))
    for at, key in zip(part.tolist(), keys, strict=True):
        incident, said = incidents[key], facts.plain(at)
        back = incident.status == _S.RETRACTED and last.get(key) == WITHDRAWN
        before = incident.said or facts_of_incident(incident)
        changed = _differing(before, {**said, "block": before["block"]})
        if not (changed or back or incident.published != facts.published[at]):
            continue
        first = () if key in begun else (_first(incident, batch),)
        _apply(incident, facts, at, said, changed)
        if back:
            incident.status = _S.CONFIRMED
        action = "restore" if back else "correct"
        yield Step(incident, (*first, _next(incident, action, batch, by, why)))


def gone(keys: Sequence[int], batch: Batch, by: str, why: str) -> Iterator[Step]:
    """Incidents that the release no longer has."""
    begun = set(Version.objects.filter(incident__in=keys).values_list("incident", flat=True))
    for key, incident in _fetched(keys).items():
        if incident.status not in (_S.CONFIRMED, _S.REPORTED):
            continue
        first = () if key in begun else (_first(incident, batch),)
        incident.status = _S.RETRACTED
        yield Step(incident, (*first, _next(incident, WITHDRAWN, batch, by, why)))


def _fetched(keys: Sequence[int]) -> dict[int, Incident]:
    held = Incident.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "source", "merged_into"
    )
    return {each.pk: each for each in held.filter(pk__in=keys).order_by("pk")}


def _last_actions(keys: Sequence[int]) -> dict[int, str]:
    rows = Version.objects.filter(incident__in=keys).order_by("number")
    return dict(rows.values_list("incident", "action"))


def _differing(before: dict[str, Any], said: dict[str, Any]) -> frozenset[str]:
    """What the source says otherwise; a coordinate's last digit is no change."""
    near = all(
        (before.get(n) is None) == (said[n] is None)
        and abs((before.get(n) or 0.0) - (said[n] or 0.0)) <= _SAME
        for n in ("lon", "lat")
    )
    if near:
        said = {**said, "lon": before.get("lon"), "lat": before.get("lat")}
    return differing(before, said)


def _apply(
    incident: Incident, facts: Facts, at: int, said: dict[str, Any], changed: frozenset[str]
) -> None:
    """Set what the source changed; what people have set right stays, and both are remembered."""
    for name in changed:
        setattr(incident, name, parsed(name, said[name]))
    if changed & {"lon", "lat", "occurred_at"}:
        incident.areas = facts.areas[facts.which[at]]
        incident.area = facts.area[facts.which[at]]
    incident.said = {**said, "block": incident.said.get("block", "")}
    incident.published = int(facts.published[at])


def _first(incident: Incident, batch: Batch) -> Version:
    """A loaded row has no version of its own until something changes: this is what it was."""
    return Version(
        incident=incident,
        number=incident.version,
        action="report",
        at=incident.reported_at,
        by=f"source:{incident.source.code}",
        why=why_itself(),
        known=known_of(incident) | {"published": incident.published},
    )


def _next(incident: Incident, action: str, batch: Batch, by: str, why: str) -> Version:
    incident.version += 1
    incident.changed_at = batch.started_at.astimezone(UTC)
    return Version(
        incident=incident,
        number=incident.version,
        action=action,
        at=incident.changed_at,
        by=by,
        why=why,
        known=known_of(incident) | {"published": incident.published},
    )


# What a release may change of an incident.
CHANGED = (
    "version", "status", "kind", "occurred_at", "time_known", "lon", "lat", "areas", "area",
    "killed", "hurt", "published", "said", "changed_at",
)  # fmt: skip


def write(steps: Sequence[Step], batch: Batch) -> None:
    """Keep the steps; rows that are said otherwise now stand as withdrawn by this batch."""
    incidents = [step.incident for step in steps]
    batch_tables.update(incidents, CHANGED)
    Version.objects.bulk_create(
        [version for step in steps for version in step.versions], batch_size=1000
    )
    Row.objects.filter(incident__in=incidents, withdrawn=None).update(withdrawn=batch)
