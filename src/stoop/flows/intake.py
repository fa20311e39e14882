"""What a source says and no site is told of by itself: the duty officer hears of it, once."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Permission
from stoop.accounts.queries.desk import holders
from stoop.incidents import queries as incidents
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications


def follow(events: Sequence[Event]) -> None:
    """Tell the city's desk that something waits."""
    for event in events:
        if event.kind == "source.astray":
            _tell_astray(event)
        else:
            _tell_full(event)


def _tell_astray(event: Event) -> None:
    """A shooting whose place cannot be: it may well have happened, and no site knows of it."""
    source = incidents.source(event.data["source"])
    if source is None:
        return
    _tell(
        event,
        once=f"astray:{event.seq}",
        title=_("Reported with a place outside the city: %(source)s") % {"source": source.name},
        text=_("No site is told until you set right where it was."),
    )


def _tell_full(event: Event) -> None:
    """Which source says too much, and that the rest waits."""
    source = incidents.source(event.subject.partition(":")[2])
    if source is None:
        return
    text = _(
        "More than %(most)d reports and corrections in an hour. The rest is kept, and no site is "
        "told until you decide. Is it a bad night, or is something wrong with the feed?"
    )
    _tell(
        event,
        once=f"over_limit:{event.seq}",
        title=_("Over its limit: %(source)s") % {"source": source.name},
        text=text % {"most": event.data["most"]},
    )


def _tell(event: Event, *, once: str, title: str, text: str) -> None:
    notifications.tell(
        once=once,
        kind="intake",
        subject=event.subject,
        site=None,
        title=title,
        text=text,
        path=reverse("incidents-waiting"),
        steps=[holders(Permission.INCIDENTS_DECIDE)],
    )
