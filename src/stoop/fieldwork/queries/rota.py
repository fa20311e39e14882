"""Who is on call, when nobody is, and who rests."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, visible
from stoop.fieldwork.models import Rest, Shift, Span
from stoop.kernel import clock

MOST_HOPS = 5
SHORT_REST = timedelta(hours=10)


def local(day: date, at: time) -> datetime:
    """That time by the city's clock, in UTC, where two moments can be taken from each other.

    An hour that the clock skips is read an hour later, one that it shows twice is the first.
    """
    return timezone.make_aware(datetime.combine(day, at)).astimezone(UTC)


def answering_site(site: Any) -> Any:
    """The site that answers for this one: itself, unless another covers it."""
    for _hop in range(MOST_HOPS):
        if site.covered_by_id is None:
            break
        site = site.covered_by
    return site


def resting(people: Iterable[int], at: datetime) -> set[int]:
    """Which of these people rest at the moment."""
    rests = Rest.objects.filter(person__in=list(people), since__lte=at, until__gt=at, ended_at=None)
    return set(rests.values_list("person_id", flat=True))


def on_call(site: Any, at: datetime) -> list[list[int]]:
    """Ids of the people to tell, step by step: rank 1, rank 2, then the site's supervisors.

    Who rests comes after all who do not. Nobody stands in it twice, nobody who left the site or
    cannot sign in stands in it, and it is empty only when the site has no supervisor and nobody
    on call. A site that another covers is answered by that one.
    """
    where = answering_site(site).pk
    here = accounts.team(where)
    shifts = Shift.objects.filter(site=where, starts__lte=at, ends__gt=at)
    steps: dict[int, list[int]] = {1: [], 2: []}
    for person, rank in shifts.order_by("rank", "starts", "pk").values_list("person_id", "rank"):
        if person in here:
            steps[min(rank, 2)].append(person)
    wanted = [*steps.values(), [person for person, leads in here.items() if leads]]
    tired = resting({person for step in wanted for person in step}, at)
    seen: set[int] = set()
    fresh = [_unseen(step, seen, tired) for step in wanted]
    late = [_unseen(step, seen, set()) for step in wanted]
    return [step for step in [*fresh, *late] if step]


def _unseen(step: list[int], seen: set[int], but: set[int]) -> list[int]:
    """Those of a step whom no earlier step has; `seen` learns them."""
    new = [person for person in dict.fromkeys(step) if person not in seen and person not in but]
    seen.update(new)
    return new


def shifts(actor: Actor) -> QuerySet[Shift]:
    """Shifts of the actor's sites, in order of time."""
    held = Shift.objects.select_related("person", "site", "covers").order_by("starts", "rank", "pk")
    return visible(actor, Permission.ROTA_VIEW, held)


def calling(held: Iterable[Shift], now: datetime) -> dict[int, list[Span]]:
    """When somebody is called by these shifts, by the site's id: from now on nobody is who is not
    of the site any more, or cannot sign in."""
    found: dict[int, list[Span]] = defaultdict(list)
    held = list(held)
    here = accounts.teams({shift.site_id for shift in held})
    for shift in held:
        called = shift.ends <= now or (shift.site_id, shift.person_id) in here
        ends = shift.ends if called else min(shift.ends, now)
        if shift.starts < ends:
            found[shift.site_id].append((shift.starts, ends))
        shift.called = called
    return found


def gaps(
    spans: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches between `begins` and `ends` that no span covers."""
    found, reached = [], begins
    for start, end in sorted(spans):
        if start > reached:
            found.append((reached, min(start, ends)))
        reached = max(reached, end)
        if reached >= ends:
            break
    if reached < ends:
        found.append((reached, ends))
    return [(start, end) for start, end in found if start < end]


@dataclass(frozen=True)
class Day:
    """One day of a rota: who is on call in it, and when nobody is. Not always 24 hours long."""

    day: date
    begins: datetime
    ends: datetime
    shifts: list[Shift]
    gaps: list[tuple[datetime, datetime]]

    @property
    def lines(self) -> list[tuple[datetime, Shift | None, datetime]]:
        """Shifts and gaps in order of time: (from, the shift or None, until)."""
        held: list[tuple[datetime, Shift | None, datetime]] = [
            (max(shift.starts, self.begins), shift, min(shift.ends, self.ends))
            for shift in self.shifts
        ]
        held += [(start, None, end) for start, end in self.gaps]
        return sorted(held, key=lambda line: (line[0], line[1].rank if line[1] else 0))


@dataclass(frozen=True)
class Rota:
    """A week of a site's rota; `gaps` are all of it, `ahead` those that can still be filled."""

    site: Any
    days: list[Day]
    gaps: list[tuple[datetime, datetime]]
    ahead: list[tuple[datetime, datetime]]
    hours: float
    covered_hours: float
    now: datetime
    short_rests: list[Shift] = field(default_factory=list)

    @property
    def gone(self) -> list[Day]:
        return [day for day in self.days if day.ends <= self.now]

    @property
    def coming(self) -> list[Day]:
        return [day for day in self.days if day.ends > self.now]


def rota(actor: Actor, site: Any, monday: date) -> Rota:
    """The week from that Monday at a site that the actor may see."""
    now = clock.now()
    days = [monday + timedelta(days=n) for n in range(8)]
    edges = [local(day, time()) for day in days]
    held = list(shifts(actor).filter(site=site, starts__lt=edges[-1], ends__gt=edges[0]))
    spans = calling(held, now)[site.pk]
    empty = gaps(spans, edges[0], edges[-1])
    whole = (edges[-1] - edges[0]).total_seconds() / 3600
    missing = sum((end - start).total_seconds() for start, end in empty) / 3600
    return Rota(
        site=site,
        days=[
            Day(
                day=day,
                begins=begins,
                ends=ends,
                shifts=[shift for shift in held if shift.starts < ends and shift.ends > begins],
                gaps=gaps(spans, begins, ends),
            )
            for day, begins, ends in zip(days, edges, edges[1:], strict=False)
        ],
        gaps=empty,
        ahead=[(max(start, now), end) for start, end in empty if end > now],
        hours=whole,
        covered_hours=whole - missing,
        now=now,
        short_rests=_short_rests(held),
    )


def _short_rests(held: list[Shift]) -> list[Shift]:
    """Shifts that begin soon after the same person's last one ended."""
    last: dict[int, datetime] = {}
    found = []
    for shift in held:
        before = last.get(shift.person_id)
        if before is not None and timedelta() < shift.starts - before < SHORT_REST:
            found.append(shift)
        last[shift.person_id] = max(shift.ends, before or shift.ends)
    return found


def my_shifts(actor: Actor, *, limit: int = 20) -> QuerySet[Shift]:
    """The actor's own shifts that have not ended."""
    mine = Shift.objects.filter(person=actor.person, ends__gt=clock.now())
    return mine.select_related("site", "covers").order_by("starts")[:limit]


def rests(actor: Actor, site: Any = None) -> QuerySet[Rest]:
    """Rests that run: the actor's own, and those of a site that the actor leads."""
    now = clock.now()
    running = Rest.objects.filter(ended_at=None, since__lte=now, until__gt=now)
    running = running.select_related("person", "site").order_by("until")
    led = actor.sites(Permission.RESPONSES_LEAD) - {None}
    seen = Q(person=actor.person) | Q(site__in=led)
    return running.filter(seen) if site is None else running.filter(seen, site=site)


@dataclass(frozen=True)
class Tonight:
    """One site in a list of rotas: who is on call now, and when first nobody is."""

    site: Any
    people: list[str]
    gap: tuple[datetime, datetime] | None
    at_work: bool


def tonight(actor: Actor, sites: list[Any]) -> list[Tonight]:
    """Who is on call now at these sites, and the first gap of the next 24 hours."""
    now = clock.now()
    until = now + timedelta(hours=24)
    held: dict[int, list[Shift]] = {site.pk: [] for site in sites}
    for shift in shifts(actor).filter(site__in=held, starts__lt=until, ends__gt=now):
        held[shift.site_id].append(shift)
    codes = [site.code for site in sites]
    at_work = {each.pk for each in accounts.sites_answering(codes, on=timezone.localdate(now))}
    spans = calling([shift for some in held.values() for shift in some], now)
    found = []
    for site in sites:
        empty = gaps(spans[site.pk], now, until)
        people = [
            shift.person.name for shift in held[site.pk] if shift.called and shift.starts <= now
        ]
        found.append(Tonight(site, people, empty[0] if empty else None, site.pk in at_work))
    return found


def calendar_shifts(*, site_id: int | None, person_id: int | None) -> QuerySet[Shift]:
    """What a calendar shows: a month back, half a year ahead."""
    now = clock.now()
    held = Shift.objects.filter(
        ends__gt=now - timedelta(days=31), starts__lt=now + timedelta(days=184)
    )
    held = held.filter(site=site_id) if site_id else held.filter(person=person_id)
    return held.select_related("site").order_by("starts", "rank", "pk")


def sites_of(actor: Actor) -> list[Any]:
    """Sites where the actor keeps or sees the rota."""
    return list(accounts.sites(actor, Permission.ROTA_VIEW))


def everybody(site_id: int) -> list[Any]:
    """People of the site today, to choose from."""
    return list(accounts.people_at(site_id, Permission.ALERTS_TAKE))


def site_of(actor: Actor, code: str, permission: Permission = Permission.ROTA_VIEW) -> Any:
    """The site with that code where the actor may do this; None when there is none."""
    return accounts.sites(actor, permission).filter(code=code).first()
