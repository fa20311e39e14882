"""What is mine, due, late: for a site. Every incident and its response: for the city."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, can, require, visible
from stoop.fieldwork.models import Clock, Response, Task
from stoop.fieldwork.queries.clocks import Standing, State, is_assessed, running_state, standings
from stoop.fieldwork.queries.rota import local
from stoop.incidents import queries as incidents
from stoop.kernel import clock

LINES = 15  # clocks, and tasks, that are late, and due: nobody does more in a night
RESPONSES = 20
CITY_LINES = 25
AHEAD = timedelta(days=3)  # what is due after that is on the page of its response alone
FRESH_S = 86_400
ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True)
class Due:
    """One thing to do: a clock or a task of a response, by when, and who answers for it.

    `state` is late, due (within a day) or later.
    """

    kind: str
    code: str
    label: str
    due_at: datetime
    response: Response
    owner: Any
    state: State
    mine: bool
    place: str


@dataclass(frozen=True)
class Line:
    """A response on a board, with its clocks and the place as the reader may see it."""

    response: Response
    clocks: list[Standing]
    place: str

    @property
    def late(self) -> int:
        return sum(each.state == State.LATE for each in self.clocks)

    @property
    def next(self) -> Standing | None:
        return next((each for each in self.clocks if each.running), None)


@dataclass(frozen=True)
class Untaken:
    """A response that nobody has taken: to take it is its one next thing, the `rest` comes after.

    `may_take` if the reader may.
    """

    due: Due
    rest: list[Due]
    may_take: bool


@dataclass(frozen=True)
class Board:
    """What a person of a site needs at midnight: the next thing, then the rest.

    `untaken` hold all that they ask. Of the others `mine` and `others` are late or due within a
    day, `later` is everybody's of the days after. `tally` counts all of it by state; `more` names
    the states of which there is more than that.
    """

    next: Due | None
    untaken: list[Untaken]
    mine: list[Due]
    others: list[Due]
    later: list[Due]
    tally: dict[State, int]
    more: frozenset[State]
    many_sites: bool
    responses: list[Line]
    page: Page


def place_of(actor: Actor, response: Response) -> str:
    """Where it is, as precisely as the actor may see it; empty when that is not known."""
    if response.incident_id is None:
        return str(response.place)
    seen = incidents.shown(actor, response.incident)
    return str(seen.block) if seen.precise else ""


def line(actor: Actor, response: Response, now: datetime) -> Line:
    """A response with its clocks and its place."""
    return Line(response, standings(response, now), place_of(actor, response))


def _open(actor: Actor) -> QuerySet[Response]:
    return visible(actor, Permission.RESPONSES_VIEW, Response.objects.filter(closed_at=None))


def due(actor: Actor, *, limit: int = LINES) -> tuple[list[Due], frozenset[State]]:
    """Clocks and tasks of the actor's open responses that are late or due within three days, in
    the order of need; and the states of which there are more, `limit` of each being enough.

    First what became late within a day, the oldest of it first; then what is due, the soonest
    first; then what has been late for long, the latest of it first.
    """
    now = clock.now()
    with_it = ("owner", "response__lead", "response__site", "response__incident")
    found: list[Due] = []
    more: set[State] = set()
    clocks = Clock.objects.filter(met_at=None, not_needed="", response__closed_at=None)
    tasks = Task.objects.filter(outcome="", response__closed_at=None)
    for rows, kind in ((clocks, "clock"), (tasks, "task")):
        seen = visible(actor, Permission.RESPONSES_VIEW, rows).select_related(*with_it)
        late = seen.filter(due_at__lt=now).order_by("-due_at", "-pk")
        soon = seen.filter(due_at__gte=now, due_at__lte=now + AHEAD).order_by("due_at", "pk")
        for held in (list(late[: limit + 1]), list(soon[: 2 * limit + 1])):
            made = [_due(actor, kind, each, now) for each in held]
            enough = limit if made and made[0].state == State.LATE else 2 * limit
            more |= {each.state for each in made[enough:]}
            found += made[:enough]
    found.sort(key=lambda each: _need(each.due_at, now))
    return found, frozenset(more)


def _need(due_at: datetime, now: datetime) -> tuple[int, float]:
    ahead = (due_at - now).total_seconds()
    if ahead >= 0:
        return 1, ahead
    return (0, ahead) if ahead > -FRESH_S else (2, -ahead)


def _mine(actor: Actor, owner: Any) -> bool:
    return owner is not None and actor.person is not None and owner.pk == actor.person.pk


def _due(actor: Actor, kind: str, each: Any, now: datetime) -> Due:
    owner = each.owner or each.response.lead
    return Due(
        kind=kind,
        code=each.code,
        label=each.said,
        due_at=each.due_at,
        response=each.response,
        owner=owner,
        state=running_state(each.due_at, now),
        mine=_mine(actor, owner),
        place=place_of(actor, each.response),
    )


def board(actor: Actor, *, page: int | str = 1) -> Board:
    """The board of the actor's sites."""
    require(actor, Permission.RESPONSES_VIEW)
    now = clock.now()
    waiting, more = due(actor)
    held = _open(actor).select_related("site", "lead", "incident").order_by("-opened_at", "-pk")
    held = held.prefetch_related(Prefetch("clocks", Clock.objects.select_related("owner")))
    pages = Paginator(held, RESPONSES).get_page(page)
    untaken = _untaken(actor, waiting)
    free = {each.due.response.pk for each in untaken}
    taken = [each for each in waiting if each.response.pk not in free]
    urgent = [each for each in taken if each.state != State.LATER]
    return Board(
        next=untaken[0].due if untaken else _next(urgent),
        untaken=untaken,
        mine=[each for each in urgent if each.mine],
        others=[each for each in urgent if not each.mine],
        later=[each for each in taken if each.state == State.LATER],
        tally=Counter(each.state for each in waiting),
        more=more,
        many_sites=len(actor.sites(Permission.RESPONSES_VIEW)) > 1,
        responses=[line(actor, each, now) for each in pages],
        page=pages,
    )


def _untaken(actor: Actor, waiting: list[Due]) -> list[Untaken]:
    """Responses whose clock to be taken runs, by need, each with all else that it asks."""
    return [
        Untaken(
            due=each,
            rest=[other for other in waiting if other.response == each.response and other != each],
            may_take=can(actor, Permission.RESPONSES_WORK, each.response.site_id),
        )
        for each in waiting
        if each.response.lead_id is None and each.kind == "clock" and each.code == ACKNOWLEDGE
    ]


def _next(waiting: list[Due]) -> Due | None:
    """One thing, in this order: what is mine, what nobody has, what others have; of each the first
    by need."""
    order = (
        [each for each in waiting if each.mine],
        [each for each in waiting if each.owner is None],
        waiting,
    )
    return next((each for some in order for each in some), None)


@dataclass(frozen=True)
class CityResponse:
    """A response as the city sees it: whose, how its clocks stand, whether the situation was read.

    No owner, no count, no level, no place besides the incident's.
    """

    site: Any
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    notice: str
    taken: bool
    assessed: bool
    clocks: list[tuple[str, State]]

    @property
    def late(self) -> list[str]:
        return [label for label, state in self.clocks if state == State.LATE]

    @property
    def met(self) -> int:
        return sum(state in (State.MET, State.MET_LATE) for _label, state in self.clocks)

    @property
    def running(self) -> int:
        return sum(state in (State.DUE, State.LATER) for _label, state in self.clocks)


@dataclass(frozen=True)
class CityLine:
    """An incident, as the reader may see it, and what the sites do about it."""

    incident: Any
    responses: list[CityResponse]

    @property
    def late(self) -> bool:
        return any(each.late for each in self.responses)


@dataclass(frozen=True)
class CityBoard:
    """Every incident of the last days, the newest first, with its responses."""

    lines: list[CityLine]
    page: Page
    since: date


def city_board(actor: Actor, *, days: int = 7, page: int | str = 1) -> CityBoard:
    """What became of every shooting of the last `days`, also of those that nobody has confirmed
    yet; for who oversees all responses."""
    require(actor, Permission.RESPONSES_OVERSEE)
    now = clock.now()
    since = timezone.localdate(now) - timedelta(days=days)
    held = incidents.incidents(actor).filter(
        occurred_at__gte=local(since, datetime.min.time()),
        status__in=("reported", "confirmed", "retracted"),
    )
    pages = Paginator(held.order_by("-occurred_at", "-pk"), CITY_LINES).get_page(page)
    shootings = list(pages)
    found: dict[int, list[CityResponse]] = {each.pk: [] for each in shootings}
    responses = visible(
        actor, Permission.RESPONSES_OVERSEE, Response.objects.filter(incident__in=shootings)
    )
    responses = responses.select_related("site", "lead").order_by("opened_at", "pk")
    for each in responses.prefetch_related(
        Prefetch("clocks", Clock.objects.select_related("owner"))
    ):
        found[each.incident_id].append(_city_response(each, now))
    lines = [CityLine(incidents.shown(actor, each), found[each.pk]) for each in shootings]
    return CityBoard(lines, pages, since)


def _city_response(response: Response, now: datetime) -> CityResponse:
    return CityResponse(
        site=response.site,
        opened_at=response.opened_at,
        closed_at=response.closed_at,
        outcome=response.get_outcome_display() if response.outcome else "",
        notice=response.get_notice_display() if response.notice else "",
        taken=response.lead_id is not None,
        assessed=is_assessed(response, now),
        clocks=[(each.clock.said, each.state) for each in standings(response, now)],
    )
