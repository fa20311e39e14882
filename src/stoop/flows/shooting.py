"""One shooting through the house, from its confirmation to the people who answer it.

A worker calls `alert` and `respond` for each event that settings.STOOP_FLOWS names: first of all
whom to wake, in transactions of their own, then the paperwork. Everything they call is idempotent,
so a worker that dies half-way leaves nothing undone and nothing done twice: the next one starts
again from the top.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Permission
from stoop.accounts.queries.desk import holders
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.incidents import queries as incidents
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told
from stoop.places import queries as places
from stoop.precision import actions as precision


def alert(event: Event) -> None:
    """Tell whom the event concerns."""
    ALERTS[event.kind](event)


def respond(event: Event) -> None:
    """Open, correct or end the responses that the event asks for."""
    RESPONSES[event.kind](event)


def wake(event: Event) -> None:
    """Every site whose catchment holds it is told, and so are its neighbours."""
    incident = incidents.held(_key(event))
    if incident.status != "confirmed":  # retracted since; two workers may come in any order
        return
    reached = _reached(incident)
    if incident.kind == "shots":  # nobody was hit: worth knowing, no response by itself
        for site in [*reached.here, *reached.nearby]:
            _tell(incident, "shots", site, field.on_call(site, event.at)[:1])
        return
    for site in reached.here:
        _tell(incident, "shooting", site, [*field.on_call(site, event.at), _duty()])
    for site in reached.nearby:
        _tell(incident, "nearby", site, field.on_call(site, event.at)[:1])
    if not reached.here:
        _tell(incident, "shooting", None, [_duty()])


def tell_correction(event: Event) -> None:
    """Everybody who was told hears of it; a site that it now falls in is woken."""
    _tell_again(event, incidents.held(_key(event)), "correction")
    wake(event)


def tell_retraction(event: Event) -> None:
    """Everybody who was told hears that it was wrong; nobody needs to take it."""
    _tell_again(event, incidents.held(_key(event)), "retraction")
    notifications.close_alerts(subject=event.subject, by=SYSTEM)


def tell_merge(event: Event) -> None:
    """Told twice, happened once. An official row that arrives months later disturbs nobody."""
    if event.data.get("quiet"):
        return
    _tell_again(event, incidents.held(_key(event)), "merge")
    notifications.close_alerts(subject=event.subject, by=SYSTEM)


def open_responses(event: Event) -> None:
    """Every site whose catchment holds it opens a response; who took the alert leads it."""
    incident = incidents.held(_key(event))
    if incident.status != "confirmed" or incident.kind == "shots":
        return
    precision.keep_watch(by=SYSTEM)
    for site in _reached(incident).here:
        early = told.taken(event.subject, site.pk)  # asked before anything holds the ledger
        response = fieldwork.open_response(
            site=site, incident=incident, began_at=event.at, by=SYSTEM
        )
        if early is not None:
            _lead(response, early)


def correct_responses(event: Event) -> None:
    """Responses note it; a site that it now falls in starts one, a site outside is let go."""
    incident = incidents.held(_key(event))
    for response in field.responses_to(SYSTEM, incident):
        fieldwork.note_correction(response=response, version=event.data["version"], by=SYSTEM)
    open_responses(event)
    _release(event, incident)


def _release(event: Event, incident: Any) -> None:
    """A site in whose catchment it turned out not to be, and where nobody took it, is let go."""
    here = {site.pk for site in _reached(incident).here}
    for response in field.responses_to(SYSTEM, incident):
        if response.site_id not in here and response.lead_id is None:
            notifications.close_alerts(subject=event.subject, site=response.site, by=SYSTEM)
            fieldwork.stand_down(response=response, by=SYSTEM)


def stand_down(event: Event) -> None:
    """The responses end: it was wrong, or the same as another."""
    if event.data.get("quiet"):
        return
    for response in field.responses_to(SYSTEM, incidents.held(_key(event))):
        fieldwork.stand_down(response=response, by=SYSTEM)


def take(event: Event) -> None:
    """Whoever takes the alert leads the response, and the first clock stops.

    Where no response is open yet, `open_responses` sees to it.
    """
    alert = told.one(SYSTEM, _key(event))
    if alert is None or alert.site_id is None or alert.taken_by_id is None:
        return
    incident = incidents.held(alert.subject.partition(":")[2])
    for response in field.responses_to(SYSTEM, incident, site_id=alert.site_id):
        _lead(response, alert)


def _lead(response: Any, alert: Any) -> None:
    fieldwork.take_response(
        response=response, person_id=alert.taken_by_id, at=alert.taken_at, by=SYSTEM
    )


Step = Callable[[Event], None]
ALERTS: dict[str, Step] = {
    "incident.confirmed": wake,
    "incident.corrected": tell_correction,
    "incident.retracted": tell_retraction,
    "incident.merged": tell_merge,
}
RESPONSES: dict[str, Step] = {
    "incident.confirmed": open_responses,
    "incident.corrected": correct_responses,
    "incident.retracted": stand_down,
    "incident.merged": stand_down,
    "alert.taken": take,
}


@dataclass(frozen=True)
class Reached:
    """Sites at work on the day: those whose catchment holds the place, and their neighbours."""

    here: list[Any]
    nearby: list[Any]


def _reached(incident: Any) -> Reached:
    if incident.lon is None:
        return Reached([], [])
    on = timezone.localdate(incident.occurred_at)
    about = places.catchments_about(
        incident.lon, incident.lat, within_m=settings.STOOP_NEIGHBOUR_M, on=on
    )
    near = accounts.sites_answering([code for code, _metres in about.near], on=on)
    return Reached(
        accounts.sites_answering(about.here, on=on),
        [site for site in near if site.code not in about.here],
    )


def _tell(incident: Any, kind: str, site: Any, steps: list[list[int]]) -> None:
    place = incident.block or _("place not known")
    clock = timezone.localtime(incident.occurred_at).strftime("%H:%M")
    what = {
        "shooting": _("Shooting, %(place)s, %(clock)s"),
        "nearby": _("Shooting near your catchment, %(place)s, %(clock)s"),
        "shots": _("Shots fired, nobody hit, %(place)s, %(clock)s"),
    }[kind]
    notifications.tell(
        once=f"{kind}:{incident.key}:{site.code if site else 'city'}",
        kind="shooting" if kind == "shooting" else "nearby",
        subject=f"incident:{incident.key}",
        site=site,
        title=what % {"place": place, "clock": clock},
        text=_("Open it to take it.") if kind == "shooting" else _("You need do nothing."),
        path=reverse("incident", args=[incident.key]),
        steps=[step for step in steps if step],
        step_minutes=settings.STOOP_STEP_MINUTES,
    )


TITLES = {
    "correction": (gettext_lazy("Correction"), "correction"),
    "retraction": (gettext_lazy("It was wrong: no shooting"), "retraction"),
    "merge": (gettext_lazy("Told twice, happened once"), "retraction"),
}


def _tell_again(event: Event, incident: Any, what: str) -> None:
    """Everybody who was told of it hears what is now known, each once."""
    title, kind = TITLES[what]
    said = incidents.change_in_words(incident, event.data["version"])
    heard: set[int] = set()
    for site_id, people in told.told(event.subject).items():
        fresh = [person for person in people if person not in heard]
        heard |= set(fresh)
        if not fresh:
            continue
        notifications.tell(
            once=f"{what}:{incident.key}:{event.data['version']}:{site_id or 'city'}",
            kind=kind,
            subject=event.subject,
            site=accounts.site_by_id(site_id) if site_id else None,
            title=str(title),
            text=said,
            path=reverse("incident", args=[incident.key]),
            steps=[fresh],
        )


def _duty() -> list[int]:
    """The people of the city's desk, who hear of what nobody took."""
    return holders(Permission.INCIDENTS_DECIDE)


def _key(event: Event) -> str:
    return event.subject.partition(":")[2]
