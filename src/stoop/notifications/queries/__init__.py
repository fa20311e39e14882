"""What may be asked of alerts: what waits, who was told, when, by what, and who took it."""

from stoop.notifications.queries.alerts import (
    Inbox,
    all_of,
    hears,
    hold,
    inbox,
    one,
    taken,
    told,
    visible_to,
    waiting,
)
from stoop.notifications.queries.channels import channels, preference
from stoop.notifications.queries.quiet import held_until
from stoop.notifications.queries.stories import Story, Word, dead_letters, letter, story, story_of

__all__ = [
    "Inbox",
    "Story",
    "Word",
    "all_of",
    "channels",
    "dead_letters",
    "hears",
    "held_until",
    "hold",
    "inbox",
    "letter",
    "one",
    "preference",
    "story",
    "story_of",
    "taken",
    "told",
    "visible_to",
    "waiting",
]
