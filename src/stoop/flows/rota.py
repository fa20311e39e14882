"""A shift that changed hands: both people hear of it, at once."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from stoop.accounts import queries as accounts
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications
from stoop.notifications.actions import Telling


def follow(events: Sequence[Event]) -> None:
    """Tell who stands in, and whom for; who did it herself needs no telling."""
    notifications.tell_all([each for event in events for each in _tellings(event)])


def _tellings(event: Event) -> Iterator[Telling]:
    site = accounts.site(event.site)
    takes, gives = (accounts.person(event.data[name]) for name in ("person", "covers"))
    if site is None or takes is None or gives is None:
        return
    now = event.kind == "shift.handed_over"
    said = {
        takes: _("You are on call now") if now else _("You stand in on the rota"),
        gives: _("You are not on call any more") if now else _("Somebody stands in for you"),
    }
    for person, title in said.items():
        if person.ref == event.actor:
            continue
        yield Telling(
            once=f"rota:{event.seq}:{person.key}",
            kind="rota",
            subject=event.subject,
            site=site,
            title=title,
            text=_("%(site)s. The times are on the rota.") % {"site": site.name},
            path=reverse("rota-site", args=[site.code]),
            steps=[[person.pk]],
        )
