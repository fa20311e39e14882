"""Shootings as lines and names as a reader may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents import queries
from stoop.incidents.models import HowLearned, Incident
from stoop.places import queries as places

STATES = {"reported": "due", "confirmed": "done", "retracted": "", "merged": ""}
FACTS = {
    "kind": gettext_lazy("What happened"),
    "occurred_at": gettext_lazy("When"),
    "time_known": gettext_lazy("Time of day"),
    "lon": gettext_lazy("Longitude"),
    "lat": gettext_lazy("Latitude"),
    "block": gettext_lazy("Where"),
    "hurt": gettext_lazy("Hurt"),
    "killed": gettext_lazy("Killed"),
    "status": gettext_lazy("State"),
}
# Who makes sure of a report: fewer than may bring one, for each is a button of every card.
_SURE = (HowLearned.POLICE, HowLearned.HOSPITAL, HowLearned.WORKER, HowLearned.OTHER)
SURE = [each for each in HowLearned.choices if each[0] in _SURE]


@dataclass(frozen=True)
class Line:
    """One shooting in a list."""

    shown: queries.Shown
    what: str
    where: str
    area: str
    hit: str
    state: str
    state_kind: str
    source: str = ""
    metres: int | None = None
    minutes: int | None = None


def line(actor: Actor, incident: Incident, kind: str | None = None, **more: Any) -> Line:
    """The incident as the actor may see it."""
    seen = queries.shown(actor, incident)
    area = ", ".join(seen.areas.get(places.main_kind() if kind is None else kind, ()))
    return Line(
        shown=seen,
        what=_("Shooting") if seen.kind == "shooting" else _("Shots fired"),
        where=seen.block or (_("Point on the map") if seen.lon is not None else ""),
        area=area,
        hit=hit(seen),
        state=Incident.Status(seen.status).label,
        state_kind=STATES[seen.status],
        **more,
    )


def lines(
    actor: Actor,
    found: Iterable[tuple[Incident, float | None, float]],
    kind: str | None = None,
) -> list[Line]:
    """Lines of what stands near, with how far and how much earlier or later."""
    kind = places.main_kind() if kind is None else kind
    return [
        line(
            actor,
            each,
            kind,
            metres=None if far is None else round(far),
            minutes=round(apart),
            source=each.source.name,
        )
        for each, far, apart in found
    ]


def hit(seen: queries.Shown) -> str:
    """How many were hit, in words; what is not known is said so, never as zero."""
    if not seen.precise:
        return ""
    if seen.kind == "shots":
        return _("nobody hit")
    words = []
    if seen.killed:
        words.append(ngettext("%(n)d killed", "%(n)d killed", seen.killed) % {"n": seen.killed})
    if seen.hurt:
        words.append(ngettext("%(n)d hurt", "%(n)d hurt", seen.hurt) % {"n": seen.hurt})
    return ", ".join(words) or _("number not known")


def fact(name: str, value: Any) -> str:
    """A fact of a version, in words."""
    if value is None or value == "":
        return _("not known")
    if name == "occurred_at":
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "D j M Y, H:i")
    if name == "time_known":
        return _("known") if value else _("not known")
    if name == "kind":
        return _("Shooting") if value == "shooting" else _("Shots fired")
    if name == "status":
        return str(Incident.Status(value).label)
    return str(value)


def names(actor: Actor, refs: Iterable[str]) -> dict[str, str]:
    """Who did it, as far as the reader may know: colleagues by name only at the desk."""
    desk = can(actor, Permission.INCIDENTS_DECIDE) or can(actor, Permission.INCIDENTS_MATCH)
    return {ref: _name(actor, ref, desk) for ref in sorted(set(refs))}


def _name(actor: Actor, ref: str, desk: bool) -> str:
    if ref == actor.ref:
        return _("you")
    noun, _colon, code = ref.partition(":")
    if noun == "source":
        source = queries.source(code)
        return source.name if source else code
    if noun != "person":
        return _("the platform")
    if not desk:
        return _("a colleague")
    person = accounts.person(UUID(code))
    return person.name if person else _("a colleague who left")
