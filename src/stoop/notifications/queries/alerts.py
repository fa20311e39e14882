"""Which alerts there are for whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Actor, Permission, can
from stoop.ledger.queries import timeline
from stoop.notifications.models import Alert, Delivery

# Whoever holds neither any more hears of nothing, and reads no alert of before.
HEAR = (Permission.ALERTS_TAKE, Permission.ALERTS_AUDIT)
OPEN = Q(kind=Alert.Kind.SHOOTING, taken_at=None, closed_at=None)


@dataclass(frozen=True)
class Inbox:
    """What waits for somebody to take it, and what the actor was told, newest first."""

    open: list[Alert]
    past: QuerySet[Alert]


def hold(subjects: Iterable[str]) -> None:
    """Hold all alerts about these that are not closed until the transaction ends: nobody takes
    one, and no further step is told, meanwhile."""
    rows = Alert.objects.filter(subject__in=list(subjects), closed_at=None).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def told(subject: str) -> dict[int | None, list[int]]:
    """Who was told of a subject, or is about to be: person ids by the site's id (None: city).

    Whoever took it knows of it, even if it was seen on the screen before the message went out, and
    given back since.
    """
    sent = Delivery.objects.filter(alert__subject=subject).exclude(state=Delivery.State.DROPPED)
    pairs = {*sent.values_list("alert__site_id", "person_id").distinct(), *took(subject)}
    found: dict[int | None, list[int]] = defaultdict(list)
    for site, person in sorted(pairs, key=lambda pair: (pair[0] or 0, pair[1])):
        found[site].append(person)
    return dict(found)


def took(subject: str) -> set[tuple[int | None, int]]:
    """Who ever took an alert about a subject, also who gave it back: site ids and person ids."""
    alerts = Alert.objects.filter(subject=subject, kind=Alert.Kind.SHOOTING)
    refs = {
        (site, event.actor)
        for key, site in alerts.values_list("key", "site_id")
        for event in timeline(f"alert:{key}").filter(kind="alert.taken")
    }
    keys = [ref.partition(":")[2] for _site, ref in refs]
    people = {each.ref: each.pk for each in accounts.people(SYSTEM).filter(key__in=keys)}
    return {(site, people[ref]) for site, ref in refs if ref in people}


def taken(subject: str, site_id: int) -> Alert | None:
    """The alert about a subject that somebody of the site has taken; None while nobody has."""
    rows = Alert.objects.filter(subject=subject, site=site_id, taken_by__isnull=False)
    return rows.order_by("-taken_at").first()


def waiting(subject: str, site_id: int) -> QuerySet[Alert]:
    """The site's alerts about a subject that nobody has taken yet."""
    return Alert.objects.filter(OPEN, subject=subject, site=site_id).order_by("created_at", "pk")


def visible_to(actor: Actor) -> QuerySet[Alert]:
    """Alerts that the actor was told of, may take, or may look after."""
    rows = Alert.objects.select_related("site", "taken_by").order_by("-created_at", "-pk")
    audit = actor.sites(Permission.ALERTS_AUDIT)
    if None in audit:
        return rows
    sites = [pk for pk in audit | actor.sites(Permission.ALERTS_TAKE) if pk is not None]
    return rows.filter(Q(site__in=sites) | _told(actor)) if actor.person else rows.none()


def hears(actor: Actor) -> bool:
    """Whether shootings are told to the actor's role at all."""
    return any(can(actor, each) for each in HEAR)


def _told(actor: Actor) -> Any:
    told = Exists(Delivery.objects.filter(alert=OuterRef("pk"), person=actor.person))
    return Q(told) if hears(actor) else Q(told, kind=Alert.Kind.TEST)


def one(actor: Actor, key: UUID | str) -> Alert | None:
    """The alert with that key; None when there is none that the actor may see."""
    try:
        key = key if isinstance(key, UUID) else UUID(key)
    except ValueError:
        return None
    return visible_to(actor).filter(key=key).first()


def inbox(actor: Actor) -> Inbox:
    """What is open where the actor may take or look after it, and what they were told."""
    waiting = visible_to(actor).filter(OPEN).order_by("created_at", "pk")[:100]
    past = Alert.objects.select_related("site", "taken_by").filter(_told(actor)).exclude(OPEN)
    if actor.person is None:
        past = past.none()
    return Inbox(list(waiting), past.order_by("-created_at", "-pk"))


def all_of(actor: Actor) -> QuerySet[Alert]:
    """Every alert that the actor may look after, newest first; tests are nobody's concern."""
    rows = Alert.objects.select_related("site", "taken_by").exclude(kind=Alert.Kind.TEST)
    where = actor.sites(Permission.ALERTS_AUDIT)
    if None not in where:
        rows = rows.filter(site__in=[pk for pk in where if pk is not None])
    return rows.order_by("-created_at", "-pk")
