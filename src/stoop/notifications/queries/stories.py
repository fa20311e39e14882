"""Who was told what, when, by which way, with what result, and who took it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor, Permission, can, visible
from stoop.kernel import clock
from stoop.notifications.models import Alert, Delivery


@dataclass(frozen=True)
class Word:
    """One message to one person by one way, and how it went, in words."""

    person: str
    way: str
    turn: int
    step: int
    state: str
    result: str
    sent_at: datetime | None


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
            way=each.get_kind_display(),
            turn=each.turn,
            step=each.step,
            state=each.state,
            result=_result(each),
            sent_at=each.sent_at,
        )
        for each in rows
    )
    return Story(alert, words, whole)


def _result(delivery: Delivery) -> str:
    """How a message went, and what comes next."""
    state, reason = str(delivery.get_state_display()), str(delivery.get_reason_display())
    if delivery.state in (Delivery.State.DEAD, Delivery.State.DROPPED):
        return f"{reason}." if delivery.state == Delivery.State.DEAD else f"{state}: {reason}."
    if delivery.state == Delivery.State.SENT:
        return f"{state}."
    at = date_format(timezone.localtime(delivery.not_before), "H:i")
    if delivery.lease:
        return _("Being sent.")
    if reason:
        return _("%(reason)s. It is tried again at %(at)s.") % {"reason": reason, "at": at}
    if delivery.not_before > clock.now():
        return _("It waits for the end of the quiet hours at %(at)s.") % {"at": at}
    return f"{state}."


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
