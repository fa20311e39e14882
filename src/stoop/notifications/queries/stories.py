"""Who was told what, when, by which way, with what result, and who took it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from stoop.accounts.permissions import Actor, Permission, can, visible
from stoop.notifications.models import Alert, Delivery


@dataclass(frozen=True)
class Word:
    """One message to one person by one way, and where it is."""

    person: str
    mine: bool
    kind: str
    turn: int
    step: int
    state: str
    reason: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    key: UUID
    at_work: bool


@dataclass(frozen=True)
class Story:
    """An alert and every message that left for it, in order of telling."""

    alert: Alert
    words: tuple[Word, ...]
    whole: bool
    """False when the actor sees only what concerns them"""


def story_of(actor: Actor, alert: Alert) -> Story:
    """The story of one alert: all of it for who may look after it, else one's own messages."""
    whole = can(actor, Permission.ALERTS_AUDIT, alert.site_id) and (
        alert.site_id is not None or None in actor.sites(Permission.ALERTS_AUDIT)
    )
    rows = alert.deliveries.select_related("person").order_by("turn", "step", "pk")
    if not whole:
        rows = rows.filter(person=actor.person)
    words = tuple(
        Word(
            person=each.person.name,
            mine=each.person == actor.person,
            kind=each.kind,
            turn=each.turn,
            step=each.step,
            state=each.state,
            reason=each.reason,
            attempts=each.attempts,
            due_at=each.not_before,
            sent_at=each.sent_at,
            key=each.key,
            at_work=bool(each.lease),
        )
        for each in rows
    )
    return Story(alert, words, whole)


def story(actor: Actor, subject: str) -> list[Story]:
    """The stories of all alerts about a subject that the actor may look after, oldest first."""
    rows = visible(actor, Permission.ALERTS_AUDIT, Alert.objects.filter(subject=subject))
    return [
        story_of(actor, alert)
        for alert in rows.select_related("site", "taken_by").order_by("created_at", "pk")
    ]


def dead_letters(actor: Actor) -> QuerySet[Delivery]:
    """Messages that could not be sent, where the actor may look after them, newest first."""
    rows = visible(actor, Permission.ALERTS_AUDIT, Delivery.objects.filter(state="dead"))
    return rows.select_related("alert__site", "person").order_by("-pk")


def letter(actor: Actor, key: UUID) -> Delivery | None:
    """One message where the actor may look after it."""
    rows = visible(actor, Permission.ALERTS_AUDIT, Delivery.objects.filter(key=key))
    return rows.select_related("alert__site", "person", "channel").first()
