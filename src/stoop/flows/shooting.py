"""One shooting through the house, from its confirmation to the people who answer it.

A worker calls `alert` and `respond` with events that settings.STOOP_FLOWS names, in a transaction:
first of all whom to wake, then the paperwork. Everything they call is idempotent, so a worker that
dies half-way leaves nothing undone and nothing done twice: the next one starts again from the top.
"""

from collections import Counter, defaultdict
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
    # What has changed back since is passed over: two workers may come in any order.
    woken = {each.pk: each for event, each in concerned if event.kind in WAKING and _stands(each)}
    reached = dict(zip(woken, _reached_all(list(woken.values())), strict=True))
    tellings += _wakings(woken, reached)
    ended = {
        event.subject
        for event, each in concerned
        if event.kind in ENDING and not _quiet(event) and not _stands(each)
    }
    notifications.close_alerts(*ended, by=SYSTEM)
    corrected = {each.pk for event, each in concerned if event.kind == "incident.corrected"}
    for site, subjects in _left([woken[pk] for pk in woken.keys() & corrected], reached).items():
        notifications.close_alerts(*subjects, site=site, by=SYSTEM)
    notifications.tell_all(tellings)


def respond(events: Sequence[Event]) -> None:
    """Open, correct or end the responses that the events ask for."""
    for event in events:
        RESPONSES[event.kind](event)


def _wakings(woken: dict[int, Any], reached: dict[int, "Reached"]) -> list[Telling]:
    """Every site whose catchment holds a shooting is told, and so are its neighbours."""
    on_call = OnCall(clock.now())
    before = _let_go([each for each in woken.values() if each.version > 1])
    return [
        telling
        for pk, incident in woken.items()
        for telling in _waking(incident, reached[pk], on_call, before)
    ]


def _waking(
    incident: Any, reached: "Reached", on_call: "OnCall", before: Counter[Any]
) -> Iterator[Telling]:
    if incident.kind == "shots":  # nobody was hit: worth knowing, no response by itself
        for site in [*reached.here, *reached.nearby]:
            yield _telling(incident, "shots", site, on_call.at(site)[:1])
        return
    for site in reached.here or [None]:
        steps = [*on_call.at(site), on_call.duty] if site else [on_call.duty]
        times = before[_subject(incident), site.pk if site else None]
        yield _telling(incident, "shooting", site, steps, times)
    for site in reached.nearby:
        yield _telling(incident, "nearby", site, on_call.at(site)[:1])


def _let_go(about: Sequence[Any]) -> Counter[Any]:
    """How often each site was asked and let go before anybody took it: then it is asked anew."""
    ended = _untaken(about).exclude(closed_at=None) if about else ()
    return Counter((alert.subject, alert.site_id) for alert in ended)


def _left(about: Sequence[Any], reached: dict[int, "Reached"]) -> dict[int | None, list[str]]:
    """Where somebody is still asked to take what turned out to be elsewhere, or hit nobody."""
    asked = {_subject(each): _asked(each, reached[each.pk]) for each in about}
    left = defaultdict(list)
    for alert in _untaken(about).filter(closed_at=None) if about else ():
        if alert.site_id not in asked[alert.subject]:
            left[alert.site_id].append(alert.subject)
    return left


def _asked(incident: Any, reached: "Reached") -> set[int | None]:
    """Ids of the sites that are asked to take it; None is the city's desk."""
    if incident.kind == "shots":
        return set()
    return {site.pk for site in reached.here} or {None}


def _untaken(about: Sequence[Any]) -> Any:
    """Alerts about these that ask somebody to take them, and that nobody took."""
    subjects = [_subject(each) for each in about]
    return told.visible_to(SYSTEM).filter(subject__in=subjects, kind="shooting", taken_at=None)


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
    incident, _known = _held(_key(event))
    if not _stands(incident) or incident.kind == "shots":
        return
    precision.keep_watch(by=SYSTEM)
    for site in _reached_all([incident])[0].here:
        early = told.taken(event.subject, site.pk)
        response = fieldwork.open_response(
            site=site, incident=incident, began_at=event.at, by=SYSTEM
        )
        if early is not None and response.lead_id is None:
            _lead(response, early)


def correct_responses(event: Event) -> None:
    """Responses note it; a site that it now falls in starts one, a site outside is let go."""
    incident, known = _held(_key(event))
    if not _stands(incident):
        return
    for response in known:
        fieldwork.note_correction(response=response, version=event.data["version"], by=SYSTEM)
    open_responses(event)
    asked = _asked(incident, _reached_all([incident])[0])
    for response in known:
        begun = response.lead_id or told.taken(event.subject, response.site_id)
        if response.site_id not in asked and not begun:
            fieldwork.stand_down(response=response, by=SYSTEM)


def stand_down(event: Event) -> None:
    """The responses end: it was wrong, or the same as another."""
    incident, known = _held(_key(event))
    if _quiet(event) or _stands(incident):
        return
    for response in known:
        fieldwork.stand_down(response=response, by=SYSTEM)


def take(event: Event) -> None:
    """Whoever takes the alert leads the response, and the first clock stops.

    Where no response is open yet, `open_responses` sees to it.
    """
    alert = told.one(SYSTEM, _key(event))
    if alert is None or alert.site_id is None or alert.taken_by_id is None:
        return
    _incident, known = _held(alert.subject.partition(":")[2])
    for response in known:
        if response.site_id == alert.site_id and response.closed_at is None:
            _lead(response, alert)


def give_back(event: Event) -> None:
    """Whoever gives the alert back leads no more, unless somebody took it meanwhile: then `take`
    sees to it. A lead that was handed on stays.

    Its steps were named when it was told: who came on call since is asked too.
    """
    alert = told.one(SYSTEM, _key(event))
    if alert is None or alert.site_id is None or alert.taken_by_id is not None:
        return
    _incident, known = _held(alert.subject.partition(":")[2])
    gave_back = {each.pk for each in accounts.people_at(alert.site_id) if each.ref == event.actor}
    steps = OnCall(clock.now()).at(alert.site)
    others = [left for step in steps if (left := [pk for pk in step if pk not in gave_back])]
    notifications.ask_too(alert=alert, people=others[0] if others else [], by=SYSTEM)
    for response in known:
        lead = response.lead
        if response.site_id == alert.site_id and lead is not None and lead.ref == event.actor:
            fieldwork.leave_response(response=response, person_id=lead.pk, by=SYSTEM)


def _held(key: str) -> tuple[Any, list[Any]]:
    """The incident and what sites do about it, held before anything holds the ledger: whoever
    works on a response holds it in the same order."""
    incident = incidents.held(key)
    known = field.responses(SYSTEM).filter(incident=incident).order_by("pk")
    return incident, list(known.select_for_update(no_key=True, of=("self",)))


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
    "alert.given_back": give_back,
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


def _telling(
    incident: Any, kind: str, site: Any, steps: list[list[int]], times: int = 0
) -> Telling:
    """`times`: how often this was told before and taken back."""
    once = f"{kind}:{incident.key}:{site.code if site else 'city'}"
    place = incident.block or _("place not known")
    hour = timezone.localtime(incident.occurred_at).strftime("%H:%M")
    what = {
        "shooting": _("Shooting, %(place)s, %(clock)s"),
        "nearby": _("Shooting near your catchment, %(place)s, %(clock)s"),
        "shots": _("Shots fired, nobody hit, %(place)s, %(clock)s"),
    }[kind]
    return Telling(
        once=f"{once}:{times}" if times else once,
        kind="shooting" if kind == "shooting" else "nearby",
        subject=_subject(incident),
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
    if event.kind not in AGAIN or _quiet(event) or _stands(incident) is (event.kind in ENDING):
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


def _stands(incident: Any) -> bool:
    return bool(incident.status == "confirmed")


def _subject(incident: Any) -> str:
    return f"incident:{incident.key}"


def _key(event: Event) -> str:
    return event.subject.partition(":")[2]
