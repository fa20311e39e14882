"""On-call times for calendar programs: times, a site and a rank, nobody's name."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from icalendar import Calendar as Ics
from icalendar import Event

from stoop.accounts.permissions import Actor, Permission, can
from stoop.accounts.queries.desk import still_holding
from stoop.fieldwork.models import Calendar, Shift
from stoop.fieldwork.queries.rota import calendar_shifts, calling, gaps
from stoop.kernel import clock


@dataclass(frozen=True)
class Address:
    """A calendar's address as the rota's page lists it; `works` while its maker's role runs."""

    calendar: Calendar
    works: bool


def calendar(token: str) -> Calendar | None:
    """The calendar that this token opens, while it works."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = Calendar.objects.select_related("site", "person").filter(token=digest).first()
    return found if found and _works(found) else None


def addresses(actor: Actor, site: Any) -> list[Address]:
    """The actor's own address, and the site's for who keeps its rota."""
    wanted = Q(person=actor.person, site=None)
    if can(actor, Permission.ROTA_EDIT, site.pk):
        wanted |= Q(person=None, site=site)
    found = Calendar.objects.filter(wanted).select_related("made_by").order_by("site_id")
    return [Address(each, _works(each)) for each in found]


def _works(of: Calendar) -> bool:
    """Somebody's own while they may see a rota; a site's while its maker keeps the rota there."""
    if of.person_id is not None:
        return bool(still_holding([of.person_id], Permission.ROTA_VIEW))
    if of.made_by_id is None:  # made before it was written down by whom
        return False
    return bool(still_holding([of.made_by_id], Permission.ROTA_EDIT, site=of.site_id))


def ics(of: Calendar) -> bytes:
    """The calendar as a file (RFC 5545), times in UTC so that no reader has to know our clock.

    A site's also says when nobody is on call in the next 14 days.
    """
    held = list(calendar_shifts(site_id=of.site_id, person_id=of.person_id))
    book = Ics()
    book.add("prodid", "-//Stoop//on call//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("name", _name(of))
    book.add("x-wr-calname", _name(of))
    book.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for shift in held:
        book.add_component(_event(shift))
    if of.site_id:
        begins = clock.now().replace(minute=0, second=0, microsecond=0)
        spans = calling(held, begins)[of.site_id]
        for start, end in gaps(spans, begins, begins + timedelta(days=14)):
            book.add_component(_gap(of, start, end))
    return bytes(book.to_ical())


def _name(of: Calendar) -> str:
    if of.site_id:
        return _("On call at %(site)s") % {"site": of.site.name}
    return _("When I am on call")


def _event(shift: Shift) -> Event:
    rank = _("first") if shift.rank == 1 else _("second")
    return _made(
        f"{shift.key}@stoop",
        _("On call at %(site)s, %(rank)s") % {"site": shift.site.name, "rank": rank},
        shift.starts,
        shift.ends,
        shift.changed_at,
    )


def _gap(of: Calendar, start: datetime, end: datetime) -> Event:
    title = _("Nobody on call at %(site)s") % {"site": of.site.name}
    return _made(f"gap-{of.pk}-{start:%Y%m%dT%H%M}@stoop", title, start, end)


def _made(
    uid: str, title: str, start: datetime, end: datetime, changed: datetime | None = None
) -> Event:
    """An event as it is now: of two with one UID a program believes the one stamped later."""
    event = Event()
    event.add("uid", uid)
    event.add("summary", title)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("dtstamp", clock.now())
    if changed is not None:
        event.add("last-modified", changed)
    event.add("transp", "TRANSPARENT")
    return event
