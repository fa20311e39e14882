"""A source that says more in an hour than it may: the duty officer hears of it, once."""

from django.urls import reverse
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Permission
from stoop.accounts.queries.desk import holders
from stoop.incidents import queries as incidents
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications


def follow(event: Event) -> None:
    """Tell the city's desk which source it is, and that the rest waits."""
    source = incidents.source(event.subject.partition(":")[2])
    if source is None:
        return
    title = _("Over its limit: %(source)s") % {"source": source.name}
    text = _(
        "More than %(most)d reports in an hour. The rest is kept, and no site is told until you "
        "decide. Is it a bad night, or is something wrong with the feed?"
    )
    notifications.tell(
        once=f"over_limit:{event.seq}",
        kind="intake",
        subject=event.subject,
        site=None,
        title=title,
        text=text % {"most": event.data["most"]},
        path=reverse("incidents-waiting"),
        steps=[holders(Permission.INCIDENTS_DECIDE)],
    )
