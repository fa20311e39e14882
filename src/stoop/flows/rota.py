"""A shift that changed hands or was taken away: whoever it concerns hears of it, at once."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.ledger import queries as ledger
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications
from stoop.notifications import queries as alerts
from stoop.notifications.actions import Telling


def follow(events: Sequence[Event]) -> None:
    """Tell who stands in, and whom for, and who is off the rota; who did it herself knows."""
    notifications.tell_all([each for event in events for each in _tellings(event)])


def _tellings(event: Event) -> Iterator[Telling]:
    site = accounts.site(event.site)
    said = {accounts.person(event.data[name]): title for name, title in _titles(event).items()}
    if site is None or None in said:
        return
    for person, title in said.items():
        if person is None or person.ref == event.actor:
            continue
        yield Telling(
            once=_once(event, person.key),
            kind="rota",
            subject=event.subject,
            site=site,
            title=title,
            text=_("%(site)s. The times are on the rota.") % {"site": site.name},
            path=reverse("rota-site", args=[site.code]),
            steps=[[person.pk]],
        )


def _titles(event: Event) -> dict[str, str]:
    """What is said to the people that an event names."""
    if event.kind == "shift.handed_over":
        return {"person": _("You are on call now"), "covers": _("You are not on call any more")}
    if event.kind == "shift.covered":
        stands_in, relieved = _("You stand in on the rota"), _("Somebody stands in for you")
        return {"person": stands_in, "covers": relieved}
    if not event.data["ahead"]:
        return {}
    if event.kind == "shift.removed":
        return {} if _undone(event) else {"person": _("You were taken off the rota")}
    return {"person": _("You are on the rota again")} if _was_told(event) else {}


def _once(event: Event, key: object) -> str:
    return f"rota:{event.seq}:{key}"


def _undone(gone: Event) -> bool:
    """Whether what was taken away is back before anybody was told that it is gone."""
    return _of_one(gone, "shift.put_back").exists()


def _was_told(back: Event) -> bool:
    """Whether the person heard that the shift was gone; who did not hears nothing of its return."""
    told = [_once(gone, back.data["person"]) for gone in _of_one(back, "shift.removed")]
    return alerts.visible_to(SYSTEM).filter(once__in=told).exists()


def _of_one(event: Event, kind: str) -> QuerySet[Event]:
    """The events of that kind about the same shifts that were taken away."""
    taken = event.data["taken"]
    return ledger.timeline(event.subject).filter(kind=kind, data__taken=taken)
