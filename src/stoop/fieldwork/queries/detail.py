"""All that the page of one response shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, can
from stoop.fieldwork.models import Clock, Response, Rest, Task
from stoop.fieldwork.models.shipped import said
from stoop.fieldwork.queries.boards import place_of
from stoop.fieldwork.queries.clocks import Standing, State, is_assessed, standings
from stoop.fieldwork.queries.coverage import (
    Counted,
    Matrix,
    Sum,
    in_words,
    matrix,
    standing_counts,
    sums,
)
from stoop.fieldwork.queries.responses import responses_to
from stoop.incidents import queries as incidents
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.notifications import queries as notifications
from stoop.precision import queries as precision


@dataclass(frozen=True)
class Moment:
    """One line of a response's history: when, what happened, who did it if it was a person."""

    at: datetime
    kind: str
    about: str
    who: str


@dataclass(frozen=True)
class Detail:
    """A response, as its site sees it."""

    response: Response
    incident: Any
    place: str
    changed: str
    clocks: list[Standing]
    tasks: list[Task]
    counts: list[Counted]
    sums: list[Sum]
    matrices: list[Matrix]
    blocks: list[str]
    assessed: bool
    alerts: list[Any]
    zone: Any
    history: list[Moment]
    people: list[Any]
    may_work: bool
    may_lead: bool
    mine: bool
    my_rest: Rest | None
    other: Response | None

    @property
    def lead_gone(self) -> bool:
        """Whether the lead is not of the site any more."""
        lead = self.response.lead_id
        return lead is not None and lead not in {each.pk for each in self.people}

    @property
    def rested_here(self) -> bool:
        """Whether the reader's rest is of this response."""
        return self.my_rest is not None and self.my_rest.response_id == self.response.pk

    @property
    def now(self) -> list[Standing]:
        """Clocks that are late, or due within a day."""
        return [each for each in self.clocks if each.running and each.state != State.LATER]

    @property
    def later(self) -> list[Standing]:
        return [each for each in self.clocks if each.state == State.LATER]

    @property
    def ended(self) -> list[Standing]:
        return [each for each in self.clocks if not each.running]


def detail(actor: Actor, response: Response) -> Detail:
    """What the page of a response shows; the response is one that the actor may see."""
    now = clock.now()
    held = (
        Response.objects.select_related("site", "plan", "lead", "incident", "retaliation_by")
        .prefetch_related(
            Prefetch("clocks", Clock.objects.select_related("owner", "met_by")),
            Prefetch("tasks", Task.objects.select_related("owner").order_by("due_at", "pk")),
        )
        .get(pk=response.pk)
    )
    counts = standing_counts(held)
    people = list(accounts.people_at(held.site_id, Permission.RESPONSES_WORK))
    by_place = [line for line in held.plan.counts_said if line["where"] in ("block", "building")]
    person = actor.person
    return Detail(
        response=held,
        incident=incidents.shown(actor, held.incident) if held.incident_id else None,
        place=place_of(actor, held),
        changed=_changed(held),
        clocks=standings(held, now),
        tasks=list(held.tasks.all()),
        counts=in_words(held.plan, counts),
        sums=sums(held.plan, counts),
        matrices=[m for line in by_place if (m := matrix(line, counts)).rows],
        blocks=sorted({each.block for each in counts if each.block}, key=str.casefold),
        assessed=is_assessed(held, now),
        alerts=_alerts(actor, held),
        zone=_zone(actor, held),
        history=_history(held, people),
        people=people,
        may_work=can(actor, Permission.RESPONSES_WORK, held.site_id),
        may_lead=can(actor, Permission.RESPONSES_LEAD, held.site_id),
        mine=person is not None and held.lead_id == person.pk,
        my_rest=Rest.objects.filter(person=person, ended_at=None, until__gt=now)
        .order_by("-until", "-pk")
        .first(),
        other=_other(actor, held),
    )


def _other(actor: Actor, response: Response) -> Response | None:
    """What the site does about the shooting that this one turned out to be."""
    if response.notice != Response.Notice.MERGED or response.incident is None:
        return None
    into = response.incident.merged_into
    found = responses_to(actor, into, site_id=response.site_id) if into else []
    return found[0] if found else None


def _changed(response: Response) -> str:
    if response.notice != Response.Notice.CORRECTED or response.notice_version is None:
        return ""
    return str(incidents.change_in_words(response.incident, response.notice_version))


def _zone(actor: Actor, response: Response) -> Any:
    """The watch zone that holds now around what it answers; None where there is none."""
    if response.incident is None or response.closed_at is not None:
        return None
    key = str(response.incident.key)
    return next((zone for zone in precision.zones(actor) if zone.key == key), None)


def _alerts(actor: Actor, response: Response) -> list[Any]:
    if response.incident is None:
        return []
    subject = f"incident:{response.incident.key}"
    return [
        each
        for each in notifications.visible_to(actor).filter(subject=subject)
        if each.site_id == response.site_id
    ]


def _history(response: Response, people: list[Any]) -> list[Moment]:
    names = {person.ref: person.name for person in people}
    labels = {("clock", each.code): each.said for each in response.clocks.all()}
    for word, lines in (("what", response.plan.counts), ("task", response.plan.tasks)):
        labels |= {(word, line["code"]): said(line["label"]) for line in lines}
    return [
        Moment(each.at, each.kind, _about(each.data, labels), names.get(each.actor, ""))
        for each in ledger.timeline(f"response:{response.key}")
    ]


def _about(data: dict[str, Any], labels: dict[tuple[str, str], str]) -> str:
    """What an event was about, in the words of the plan; a task and a count may share a code."""
    if "level" in data:
        until = timezone.localtime(datetime.fromisoformat(data["until"]))
        return f"{data['level']}, {until:%a} {until.day} {until:%b %H:%M}"
    words = ("clock", "task", "what")
    return next((labels.get((word, data[word]), "") for word in words if data.get(word)), "")


def organizations() -> list[Any]:
    """Whom a site may have asked, by kind and name. Organizations, never persons."""
    return sorted(
        accounts.organizations(),
        key=lambda each: (each.get_kind_display().casefold(), each.name.casefold()),
    )
