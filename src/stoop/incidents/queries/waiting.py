"""What waits for the duty officer: reports, and corrections that nobody was told of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents.models import Incident, Version
from stoop.incidents.queries.incidents import sentence

S = Incident.Status


def waiting(actor: Actor) -> QuerySet[Incident]:
    """Reports that wait for a decision, and corrections that nobody was told of; the latest first.

    A correction waits as long as the newest version is untold: whatever is told after it tells of
    it too.
    """
    if not can(actor, Permission.INCIDENTS_DECIDE):
        return Incident.objects.none()
    newest = Version.objects.filter(untold=True, number=F("incident__version"))
    untold = list(newest.filter(incident__status=S.CONFIRMED).values_list("incident", flat=True))
    held = Incident.objects.filter(Q(status=S.REPORTED) | Q(pk__in=untold))
    return held.select_related("source").order_by("-changed_at")


@dataclass(frozen=True)
class Waits:
    """Why something waits, as it was kept; and what a correction changed that nobody was told."""

    why: str
    change: str


def waits(found: Iterable[Incident]) -> dict[int, Waits]:
    """For each of what is `waiting`."""
    newest = Version.objects.filter(incident__in=list(found), number=F("incident__version"))
    by_incident = {each.incident_id: each for each in newest}
    before = _told_last([pk for pk, each in by_incident.items() if each.untold])
    return {
        pk: Waits(each.why, sentence(each, before.get(pk, {})) if each.untold else "")
        for pk, each in by_incident.items()
    }


def _told_last(incidents: list[int]) -> dict[int, dict[str, Any]]:
    """What people were told last of each."""
    if not incidents:
        return {}
    told = Version.objects.filter(incident=OuterRef("incident"), untold=False)
    last = told.order_by("-number").values("number")[:1]
    held = Version.objects.filter(incident__in=incidents, number=Subquery(last))
    return dict(held.values_list("incident", "known"))
