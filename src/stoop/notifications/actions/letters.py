"""The words of a message: a place and a time, never a name."""

import base64
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stoop.notifications.actions.senders import Message
from stoop.notifications.models import Channel, Delivery, Preference


def wishes(deliveries: Iterable[Delivery]) -> dict[int, Preference]:
    """How the people of these deliveries want to be told, by their ids."""
    people = {each.person_id for each in deliveries}
    found = Preference.objects.filter(person__in=people) if people else ()
    return {each.person_id: each for each in found}


def message(delivery: Delivery, wish: Preference | None) -> Message:
    """What is sent for a delivery; `alert`, `person` and `channel` are loaded with it."""
    alert, person, channel = delivery.alert, delivery.person, delivery.way
    line, text = alert.title, alert.text
    if wish is not None and wish.short_text and delivery.kind != Channel.Kind.EMAIL:
        with translation.override(person.reads):
            line = _("You are asked to take something") if alert.to_take else _("News for you")
            text = _("Open it to read it.")
    return Message(
        key=delivery.key,
        tag=f"{alert.key.hex}-{delivery.turn}",
        address=person.email if channel is None else channel.address,
        keys={} if channel is None else channel.keys,
        line=line,
        text=text,
        link=settings.STOOP_URL + reverse("alert", args=[alert.key]),
        short_link=settings.STOOP_URL + reverse("alert-short", args=[short(alert.key.bytes)]),
        urgent=alert.kind in ("shooting", "correction", "retraction"),
    )


def short(key: bytes) -> str:
    """A key in 22 signs, for links in text messages."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
