"""What a source says and no site is told of by itself: the duty officer hears of it, once."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Permission
from stoop.accounts.queries.desk import holders
from stoop.incidents import queries as incidents
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications
from stoop.notifications.actions import Telling


def follow(events: Sequence[Event]) -> None:
    """Tell the city's desk that something waits."""
    made = [_astray(each) if each.kind == "source.astray" else _full(each) for each in events]
    notifications.tell_all([each for each in made if each is not None])


def _astray(event: Event) -> Telling | None:
    """A shooting whose place cannot be: it may well have happened, and no site knows of it."""
    source = incidents.source(event.data["source"])
    if source is None:
        return None
    return _telling(
        event,
        once=f"astray:{event.seq}",
        title=_("Reported with a place outside the city: %(source)s") % {"source": source.name},
        text=_("No site is told until you set right where it was."),
    )


def _full(event: Event) -> Telling | None:
    """Which source says too much, and that the rest waits."""
    source = incidents.source(event.subject.partition(":")[2])
    if source is None:
        return None
    text = _(
        "More than %(most)d reports and corrections in an hour. The rest is kept, and no site is "
        "told until you decide. Is it a bad night, or is something wrong with the feed?"
    )
    return _telling(
        event,
        once=f"over_limit:{event.seq}",
        title=_("Over its limit: %(source)s") % {"source": source.name},
        text=text % {"most": event.data["most"]},
    )


def _telling(event: Event, *, once: str, title: str, text: str) -> Telling:
    return Telling(
        once=once,
        kind="intake",
        subject=event.subject,
        site=None,
        title=title,
        text=text,
        path=reverse("incidents-waiting"),
        steps=[holders(Permission.INCIDENTS_DECIDE)],
    )
