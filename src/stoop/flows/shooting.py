"""One shooting through the house, from its confirmation to the people who answer it.

A worker calls `alert` and `respond` with events that settings.STOOP_FLOWS names, in a transaction:
first of all whom to wake, then the paperwork. Everything they call is idempotent, so a worker that
dies half-way leaves nothing undone and nothing done twice: the next one starts again from the top.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
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
from stoop.kernel import clock
from stoop.ledger.queries import Event
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told
from stoop.notifications.actions import Telling
from stoop.places import queries as places
from stoop.precision import actions as precision


def alert(events: Sequence[Event]) -> None:
    """Tell whom the events concern.

    The incidents are held first, then the alerts about them, and only then the ledger: whoever
    decides or takes something holds them in the same order.
    """
    held = {f"incident:{each.key}": each for each in incidents.held_all(map(_key, events))}
    told.hold(held)
    concerned = [(event, held[event.subject]) for event in events]
    tellings = [each for event, incident in concerned for each in _again(event, incident)]
    tellings += _wakings({each.pk: each for event, each in concerned if event.kind in WAKING})
    ended = {event.subject for event in events if event.kind in ENDING and not _quiet(event)}
    notifications.close_alerts(*ended, by=SYSTEM)
    notifications.tell_all(tellings)


def respond(events: Sequence[Event]) -> None:
    """Open, correct or end the responses that the events ask for."""
    for event in events:
        RESPONSES[event.kind](event)


def _wakings(held: dict[int, Any]) -> list[Telling]:
    """Every site whose catchment holds a shooting is told, and so are its neighbours."""
    # What was retracted since is passed over: two workers may come in any order.
    live = [incident for incident in held.values() if incident.status == "confirmed"]
    on_call = OnCall(clock.now())
    return [
        telling
        for incident, reached in zip(live, _reached_all(live), strict=True)
        for telling in _waking(incident, reached, on_call)
    ]


def _waking(incident: Any, reached: "Reached", on_call: "OnCall") -> Iterator[Telling]:
    if incident.kind == "shots":  # nobody was hit: worth knowing, no response by itself
        for site in [*reached.here, *reached.nearby]:
            yield _telling(incident, "shots", site, on_call.at(site)[:1])
        return
    for site in reached.here:
        yield _telling(incident, "shooting", site, [*on_call.at(site), on_call.duty])
    for site in reached.nearby:
        yield _telling(incident, "nearby", site, on_call.at(site)[:1])
    if not reached.here:
        yield _telling(incident, "shooting", None, [on_call.duty])


class OnCall:
    """Who answers at a moment, each site asked once for all that is told then."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self._steps: dict[int, list[list[int]]] = {}

    def at(self, site: Any) -> list[list[int]]:
        """Ids of the people of a site, step by step."""
        if site.pk not in self._steps:
            self._steps[site.pk] = field.on_call(site, self._moment)
        return self._steps[site.pk]

    @cached_property
    def duty(self) -> list[int]:
        """The people of the city's desk, who hear of what nobody took."""
        return holders(Permission.INCIDENTS_DECIDE)


def open_responses(event: Event) -> None:
    """Every site whose catchment holds it opens a response; who took the alert leads it."""
    incident = incidents.held(_key(event))
    if incident.status != "confirmed" or incident.kind == "shots":
        return
    precision.keep_watch(by=SYSTEM)
    for site in _reached_all([incident])[0].here:
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
    here = {site.pk for site in _reached_all([incident])[0].here}
    for response in field.responses_to(SYSTEM, incident):
        if response.site_id not in here and response.lead_id is None:
            notifications.close_alerts(event.subject, site=response.site, by=SYSTEM)
            fieldwork.stand_down(response=response, by=SYSTEM)


def stand_down(event: Event) -> None:
    """The responses end: it was wrong, or the same as another."""
    if _quiet(event):
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


def _reached_all(held: Sequence[Any]) -> list[Reached]:
    """For each incident the sites that it concerns; none where its place is not known."""

    @cache
    def answering(codes: tuple[str, ...], on: date) -> list[Any]:
        return accounts.sites_answering(codes, on=on)

    def reached(about: places.Catchments, on: date) -> Reached:
        near = answering(tuple(code for code, _metres in about.near), on)
        return Reached(
            answering(about.here, on), [site for site in near if site.code not in about.here]
        )

    days = [timezone.localdate(incident.occurred_at) for incident in held]
    points = [(incident.lon, incident.lat, on) for incident, on in zip(held, days, strict=True)]
    found = places.catchments_about(points, within_m=settings.STOOP_NEIGHBOUR_M)
    return [reached(about, on) for about, on in zip(found, days, strict=True)]


def _telling(incident: Any, kind: str, site: Any, steps: list[list[int]]) -> Telling:
    place = incident.block or _("place not known")
    hour = timezone.localtime(incident.occurred_at).strftime("%H:%M")
    what = {
        "shooting": _("Shooting, %(place)s, %(clock)s"),
        "nearby": _("Shooting near your catchment, %(place)s, %(clock)s"),
        "shots": _("Shots fired, nobody hit, %(place)s, %(clock)s"),
    }[kind]
    return Telling(
        once=f"{kind}:{incident.key}:{site.code if site else 'city'}",
        kind="shooting" if kind == "shooting" else "nearby",
        subject=f"incident:{incident.key}",
        site=site,
        title=what % {"place": place, "clock": hour},
        text=_("Open it to take it.") if kind == "shooting" else _("You need do nothing."),
        path=reverse("incident", args=[incident.key]),
        steps=[step for step in steps if step],
        step_minutes=settings.STOOP_STEP_MINUTES,
    )


# Events that wake sites, and those after which nobody needs to take anything.
WAKING = frozenset({"incident.confirmed", "incident.corrected"})
ENDING = frozenset({"incident.retracted", "incident.merged"})
# What everybody who was told hears: what the message says first, and its kind.
AGAIN = {
    "incident.corrected": ("correction", gettext_lazy("Correction"), "correction"),
    "incident.retracted": (
        "retraction",
        gettext_lazy("It was wrong: no shooting"),
        "retraction",
    ),
    "incident.merged": ("merge", gettext_lazy("Told twice, happened once"), "retraction"),
}


def _again(event: Event, incident: Any) -> Iterator[Telling]:
    """Everybody who was told of it hears what is now known, each once."""
    if event.kind not in AGAIN or _quiet(event):
        return
    what, title, kind = AGAIN[event.kind]
    said = incidents.change_in_words(incident, event.data["version"])
    heard: set[int] = set()
    for site_id, people in told.told(event.subject).items():
        fresh = [person for person in people if person not in heard]
        heard |= set(fresh)
        if not fresh:
            continue
        yield Telling(
            once=f"{what}:{incident.key}:{event.data['version']}:{site_id or 'city'}",
            kind=kind,
            subject=event.subject,
            site=accounts.site_by_id(site_id) if site_id else None,
            title=str(title),
            text=said,
            path=reverse("incident", args=[incident.key]),
            steps=[fresh],
        )


def _quiet(event: Event) -> bool:
    """An official row that arrives months later disturbs nobody."""
    return bool(event.data.get("quiet"))


def _key(event: Event) -> str:
    return event.subject.partition(":")[2]
