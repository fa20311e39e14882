"""Reports: what a desk or a feed says of a shooting, once or again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require
from stoop.incidents.actions.facts import REF_LENGTH, WHY_LENGTH, checked, line, place
from stoop.incidents.actions.limits import has_room, note_astray, note_full, why_quiet
from stoop.incidents.actions.versions import (
    apply,
    begin,
    keep,
    locked,
    reason,
    told,
    why_itself,
)
from stoop.incidents.models import Incident, Source
from stoop.incidents.queries.facts import EXCHANGED, astray, differing, facts_of, plain
from stoop.incidents.queries.sources import own_report
from stoop.kernel import clock
from stoop.kernel.errors import Refusal

S = Incident.Status
# How long after it a source that confirms may wake people without anybody's look.
STILL_NEWS = timedelta(days=3)


def report(
    *,
    source: Source,
    source_ref: str,
    by: Actor,
    occurred_at: datetime,
    lon: float | None,
    lat: float | None,
    block: str = "",
    kind: str = "shooting",
    killed: int | None = None,
    hurt: int | None = None,
    time_known: bool = True,
    confirmed: bool = False,
    why: str = "",
) -> Incident:
    """A shooting, as a source says it under its own number; a person says also `why`.

    Said again with the same content nothing happens; with another content what the source itself
    has changed is corrected. `confirmed` needs the permission to decide; a source that confirms
    needs nobody's, up to its limit of an hour; what is over that waits for a person. So does what a
    machine says with a point outside the city: it is kept, its place is not known, and nobody is
    told by it. Rows of record disturb nobody: their events are incident.published and
    incident.revised. Raises Refusal for what cannot be.
    """
    require(by, Permission.INCIDENTS_REPORT)
    if confirmed:
        require(by, Permission.INCIDENTS_DECIDE)
    _may_speak(by, source)
    reference = line(source_ref, most=REF_LENGTH, what="source's own number")
    if not reference:
        raise Refusal("Give the source's own number for the incident; it tells repeats apart.")
    why = _because(why, by)
    said = {"occurred_at": occurred_at, "time_known": time_known, "lon": lon, "lat": lat}
    said |= {"block": block, "kind": kind, "killed": killed, "hurt": hurt}
    tidy = checked(said, official=source.official, anywhere=by.person is None)
    facts = {name: plain(value) for name, value in tidy.items()}
    lost = _lost(facts)
    try:
        return _kept(source, reference, facts, lost, by, why, confirmed)
    except IntegrityError:  # another worker was a moment quicker: it is held by now
        return _kept(source, reference, facts, lost, by, why, confirmed)


@transaction.atomic
def withdraw(*, source: Source, source_ref: str, by: Actor, why: str = "") -> Incident | None:
    """The source takes its own report back; None if it never made it. Twice counts once."""
    require(by, Permission.INCIDENTS_REPORT)
    _may_speak(by, source)
    why = _because(why, by)
    held = _held(source, source_ref)
    if held is None or held.status in (S.RETRACTED, S.MERGED):
        return held
    held.status = S.RETRACTED
    event = "incident.withdrawn" if source.official else "incident.retracted"
    return keep(held, action="retract", kind=event, by=by, why=why)


@transaction.atomic
def _kept(
    source: Source,
    reference: str,
    facts: dict[str, Any],
    lost: str,
    by: Actor,
    why: str,
    confirmed: bool,
) -> Incident:
    held = _held(source, reference)
    if held is None:
        return _first(source, reference, facts, lost, by, why, confirmed)
    return _again(held, facts, lost, by, why)


def _because(why: str, by: Actor) -> str:
    if by.person is not None:
        return reason(why)
    return line(why, most=WHY_LENGTH, what="reason") or why_itself()


def _may_speak(by: Actor, source: Source) -> None:
    """A source speaks for itself alone, and only while it is active."""
    if by.person is None and by.ref not in (SYSTEM.ref, f"source:{source.code}"):
        raise Refusal("A source may report only under its own name; use its own key.")
    if not source.active:
        raise Refusal("This source is switched off; ask an administrator to switch it on.")


def _at_once(source: Source, facts: dict[str, Any]) -> bool:
    """A feed that publishes its past anew must not wake anybody: old news waits for a person."""
    at = datetime.fromisoformat(facts["occurred_at"])
    return source.official or (source.confirms and at > clock.now() - STILL_NEWS)


def _held(source: Source, reference: str) -> Incident | None:
    found = own_report(source, reference)
    return locked(found) if found else None


def _first(
    source: Source,
    reference: str,
    facts: dict[str, Any],
    lost: str,
    by: Actor,
    why: str,
    confirmed: bool,
) -> Incident:
    now = clock.now()
    known = {**facts, "occurred_at": datetime.fromisoformat(facts["occurred_at"])}
    known |= {"lon": None, "lat": None} if lost else {}
    wakes, full = not confirmed and not source.official and _at_once(source, facts), False
    if wakes:
        full = not has_room(source)
    confirmed = confirmed or source.official or (wakes and not full and not lost)
    incident = Incident(
        key=uuid4(),  # of chance alone: a key with its time in it would tell the minute to all
        status=S.CONFIRMED if confirmed else S.REPORTED,
        source=source,
        source_ref=reference,
        said=facts,
        reported_at=now,
        changed_at=now,
        **known,
    )
    place(incident)
    begin(incident, by=by, why=why_quiet() if full else lost or why)
    if source.official:
        return told(incident, "incident.published", by=by)
    kinds = ("incident.reported", "incident.confirmed") if confirmed else ("incident.reported",)
    incident = told(incident, *kinds, by=by)
    if full:
        note_full(source, by=by)
    elif wakes and lost:
        note_astray(incident, by=by)
    return incident


def _lost(facts: dict[str, Any]) -> str:
    """Why the place is not known, where the point cannot be the city's: what the desk reads."""
    where = astray(facts["lon"], facts["lat"])
    if not where:
        return ""
    said = _("The point that it gave, latitude %(lat)s and longitude %(lon)s, is outside the city.")
    said %= {"lat": facts["lat"], "lon": facts["lon"]}
    return f"{said} {_('The two may be exchanged.')}" if where == EXCHANGED else str(said)


def _again(held: Incident, facts: dict[str, Any], lost: str, by: Actor, why: str) -> Incident:
    """What the source itself has changed is corrected; what people have changed stays."""
    changed = differing(held.said or facts_of(held), facts)
    if held.status == S.RETRACTED and _took_back(held):
        return _after_all(held, changed, facts, lost, by)
    if not changed:
        return held
    held.said = facts
    lost = lost if "lon" in changed else ""
    usable = changed - {"lon", "lat"} if lost else changed  # the place that was known stays
    if not apply(held, {name: facts[name] for name in usable}) and not lost:
        Incident.objects.filter(pk=held.pk).update(said=facts)
        return held
    silent = held.source.official or held.status in (S.RETRACTED, S.MERGED)
    wakes = not silent and held.status == S.CONFIRMED
    full = wakes and not has_room(held.source)
    waits = full or (wakes and bool(lost))
    held = keep(
        held,
        action="correct",
        kind="incident.revised" if silent or waits else "incident.corrected",
        by=by,
        why=why_quiet() if full else lost or why,
        untold=waits,
        changed=sorted(changed),
    )
    if full:
        note_full(held.source, by=by)
    elif waits:
        note_astray(held, by=by)
    return held


def _took_back(held: Incident) -> bool:
    """Whether the source itself retracted it, and no person did."""
    last = held.versions.filter(action="retract").order_by("number").last()
    return last is not None and not last.by.startswith("person:")


def _after_all(
    held: Incident, changed: frozenset[str], facts: dict[str, Any], lost: str, by: Actor
) -> Incident:
    """A source says again what it took back: a person decides which of the two is true. Rows of
    record wake nobody, and stand again."""
    official = held.source.official
    held.said, held.status = facts, S.CONFIRMED if official else S.REPORTED
    apply(held, {name: facts[name] for name in changed - ({"lon", "lat"} if lost else set())})
    return keep(
        held,
        action="restore",
        kind="incident.revised" if official else "incident.reported",
        by=by,
        why=_("The source took it back, and says it again."),
        changed=["status", *sorted(changed)],
    )
