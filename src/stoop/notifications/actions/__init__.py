"""Telling people, sending what they are told, and how they can be reached."""

from stoop.notifications.actions.alerts import (
    Taken,
    Telling,
    ask_too,
    close_alerts,
    escalate_due,
    give_back,
    may_take,
    take,
    tell,
    tell_all,
    test_alert,
)
from stoop.notifications.actions.channels import (
    Stale,
    add_channel,
    ask_code,
    confirm_code,
    phone_number,
    remove_channel,
    remove_push,
    set_preferences,
    set_quiet,
)
from stoop.notifications.actions.deliveries import deliver_due, drain, try_again
from stoop.notifications.actions.senders.sms import ready as sms_ready
from stoop.notifications.actions.senders.vapid import public_key as push_key

__all__ = [
    "Stale",
    "Taken",
    "Telling",
    "add_channel",
    "ask_code",
    "ask_too",
    "close_alerts",
    "confirm_code",
    "deliver_due",
    "drain",
    "escalate_due",
    "give_back",
    "may_take",
    "phone_number",
    "push_key",
    "remove_channel",
    "remove_push",
    "set_preferences",
    "set_quiet",
    "sms_ready",
    "take",
    "tell",
    "tell_all",
    "test_alert",
    "try_again",
]
