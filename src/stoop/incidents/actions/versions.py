"""Changing an incident: a version with who and why, an event, and a guard against stale edits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor
from stoop.incidents.actions.facts import WHY_LENGTH, line, place
from stoop.incidents.models import Incident, Version
from stoop.incidents.queries.facts import FACTS, differing, facts_of, known_of, parsed
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import Happened, record_all


@dataclass(frozen=True)
class Difference:
    """A fact as it was when the writer opened it, as somebody made it since, as the writer has it.

    Values are plain, as a Version keeps them.
    """

    name: str
    was: Any
    theirs: Any
    yours: Any


class Stale(Refusal):
    """An edit of what somebody else has changed meanwhile; nothing was written."""

    def __init__(self, incident: Incident, last: Version, differences: tuple[Difference, ...]):
        super().__init__(
            "Somebody else changed this incident after you opened it; nothing of yours was saved "
            "yet. Look at what changed, then send it again."
        )
        self.version = incident.version
        self.by, self.at, self.why = last.by, last.at, last.why
        self.differences = differences


def reason(why: str) -> str:
    """Why a person changes it; raises Refusal for nothing said."""
    why = line(why, most=WHY_LENGTH, what="reason")
    if not why:
        raise Refusal("Say why: others will read it beside the change.")
    return why


def why_itself() -> str:
    """A source need not say why; that it was the source is why."""
    return _("The source said so itself.")


def locked(incident: Incident) -> Incident:
    """The incident as it is now, held until the transaction ends."""
    return (
        Incident.objects.select_for_update(no_key=True, of=("self",))
        .select_related("source", "merged_into")
        .get(pk=incident.pk)
    )


def since(incident: Incident, version: int) -> Mapping[str, Any]:
    """All that was known at `version`; raises Refusal for a version that never was."""
    if version == incident.version:
        return known_of(incident)
    held = incident.versions.filter(number=version).first()
    if held is None:
        raise Refusal("That version of the incident does not exist; open it again and start anew.")
    return held.known


def guard(incident: Incident, version: int, wanted: Mapping[str, Any] | None = None) -> None:
    """Raise Stale if what changed since `version` is what the writer judged or changes.

    `wanted` are the writer's facts in plain values; without them the writer judges all of it.
    """
    if version == incident.version:
        return
    was, now = since(incident, version), known_of(incident)
    moved = differing(was, now)
    mine = {**{name: was[name] for name in FACTS}, **(wanted or {})}
    if wanted is None:
        moved |= {"status"} if was["status"] != now["status"] else set()
    else:
        moved = frozenset(name for name in moved & differing(was, mine) if now[name] != mine[name])
    if not moved:
        return
    differences = tuple(
        Difference(name, was[name], now[name], mine.get(name, was[name]))
        for name in (*FACTS, "status")
        if name in moved
    )
    raise Stale(incident, incident.versions.latest("number"), differences)


def apply(incident: Incident, facts: Mapping[str, Any]) -> frozenset[str]:
    """Set facts (plain values) on the incident; the names of those that changed."""
    changed = differing(facts_of(incident), {**facts_of(incident), **facts})
    for name, value in facts.items():
        setattr(incident, name, parsed(name, value))
    if changed & {"lon", "lat", "occurred_at"}:
        place(incident)
    return changed


def keep(
    incident: Incident,
    *,
    action: str,
    kind: str,
    by: Actor,
    why: str,
    untold: bool = False,
    **data: Any,
) -> Incident:
    """Write the changed incident as its next version, and the event of this kind.

    `untold` if people should hear of it and the event tells nobody: it waits for a person.
    """
    at = clock.now()
    _first_version(incident)
    incident.version += 1
    incident.changed_at = at
    incident.save()
    _version(incident, action=action, at=at, by=by.ref, why=why, untold=untold)
    return told(incident, kind, by=by, **data)


def begin(incident: Incident, *, by: Actor, why: str) -> None:
    """Write a new incident and its first version; the event is the caller's."""
    incident.save(force_insert=True)
    incident.new = True
    _version(incident, action="report", at=incident.changed_at, by=by.ref, why=why)


def told(incident: Incident, *kinds: str, by: Actor, **data: Any) -> Incident:
    """Leave the events, and remember with the incident which was the last."""
    subject, known = f"incident:{incident.key}", {"version": incident.version, **data}
    said = [Happened(kind, subject=subject, by=by.ref, data=known) for kind in kinds]
    incident.seq = record_all(said)[-1].seq
    Incident.objects.filter(pk=incident.pk).update(seq=incident.seq)
    return incident


def _first_version(incident: Incident) -> None:
    """A loaded row has no version of its own until something changes: keep what it was."""
    if incident.versions.exists():
        return
    before = Incident.objects.select_related("source", "merged_into").get(pk=incident.pk)
    # What the source said is told apart from what people say of it from now on.
    incident.said = incident.said or facts_of(before)
    at: datetime = before.reported_at
    by = f"source:{before.source.code}"
    _version(before, action="report", at=at, by=by, why=why_itself())


def _version(
    incident: Incident, *, action: str, at: datetime, by: str, why: str, untold: bool = False
) -> None:
    Version.objects.create(
        incident=incident,
        number=incident.version,
        action=action,
        at=at,
        by=by,
        why=why,
        known=known_of(incident),
        untold=untold,
    )
