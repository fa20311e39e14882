"""Pairs of a live report and a row of record that may be one shooting, with the reasons."""

from dataclasses import dataclass
from datetime import timedelta
from math import cos, radians
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents.models import Incident, Match
from stoop.incidents.queries.incidents import METRES_PER_DEGREE, metres

# Open data rounds a place to a corner or a block, and a time to the report's. What lies further
# apart in either is not proposed; a row without a time of day is compared by its day.
NEAR_M = 400
NEAR = timedelta(hours=3)
SAME_DAY = timedelta(hours=30)
S = Incident.Status


@dataclass(frozen=True)
class Candidate:
    """A pair, and what speaks for it: plain numbers, no sum of them."""

    live: Incident
    official: Incident
    reasons: dict[str, Any]


def candidates(*, limit: int = 500) -> list[Candidate]:
    """Pairs that nobody was asked about yet, oldest report first.

    A report that was merged, by a match or by hand, is not looked at while it is.
    """
    live = Incident.objects.filter(
        status=S.CONFIRMED, source__official=False, lon__isnull=False
    ).order_by("occurred_at", "pk")
    known = set(Match.objects.values_list("live_id", "official_id"))
    found: list[Candidate] = []
    for each in live.iterator(chunk_size=500):
        found += [pair for pair in _pairs(each) if (each.pk, pair.official.pk) not in known]
        if len(found) >= limit:
            return found[:limit]
    return found


def _pairs(live: Incident) -> list[Candidate]:
    high = NEAR_M / METRES_PER_DEGREE
    wide = high / max(cos(radians(live.lat)), 0.01)
    exact = Q(time_known=True) if live.time_known else Q(pk__lt=0)
    rows = Incident.objects.filter(
        (exact & _around(live, NEAR)) | (~exact & _around(live, SAME_DAY)),
        status=S.CONFIRMED,
        source__official=True,
        lon__range=(live.lon - wide, live.lon + wide),
        lat__range=(live.lat - high, live.lat + high),
    ).order_by("occurred_at", "pk")[:20]
    made = [Candidate(live, row, reasons(live, row)) for row in rows]
    return [
        pair for pair in made if pair.reasons["metres"] <= NEAR_M and _days_apart(live, pair) <= 1
    ]


def _days_apart(live: Incident, pair: Candidate) -> int:
    """Days of the city between the two; hours say too much of a row without a time of day."""
    at, other = (timezone.localdate(each.occurred_at) for each in (live, pair.official))
    return abs((other - at).days)


def _around(live: Incident, span: timedelta) -> Q:
    return Q(occurred_at__gte=live.occurred_at - span, occurred_at__lte=live.occurred_at + span)


def reasons(live: Incident, official: Incident) -> dict[str, Any]:
    """How far apart in place and time, and the persons hit in each; None where not known."""
    both_known = live.time_known and official.time_known
    apart = (official.occurred_at - live.occurred_at).total_seconds() / 60
    return {
        "metres": round(metres(live.lon, live.lat, official.lon, official.lat)),
        "minutes": round(apart) if both_known else None,
        "live": _hit(live),
        "official": _hit(official),
    }


def _hit(incident: Incident) -> int | None:
    """Persons hit; None where the number of those hurt is not known: what is left is too few."""
    return None if incident.hurt is None else incident.hurt + (incident.killed or 0)


def matches(actor: Actor) -> QuerySet[Match]:
    """Pairs to decide; those of a report or a row that no longer stands are left out."""
    held = (
        Match.objects.filter(state=Match.State.PROPOSED)
        .filter(live__status=S.CONFIRMED, official__status=S.CONFIRMED)
        .select_related("live__source", "official__source")
        .order_by(F("live__occurred_at").desc(), "pk")
    )
    return held if can(actor, Permission.INCIDENTS_MATCH) else held.none()


def match(actor: Actor, pk: int) -> Match | None:
    """One pair, decided or not."""
    found = Match.objects.filter(pk=pk).select_related("live", "official").first()
    return found if can(actor, Permission.INCIDENTS_MATCH) else None
