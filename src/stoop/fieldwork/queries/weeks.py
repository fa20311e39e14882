"""The week of a site, written by what was written down in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F

from stoop.accounts.permissions import Actor, Permission, require, visible
from stoop.fieldwork.models import Clock, Count, Plan, Response
from stoop.fieldwork.queries.coverage import Sum, sums
from stoop.fieldwork.queries.rota import Rota, local, rota
from stoop.kernel import clock


@dataclass(frozen=True)
class Kept:
    """How one clock was kept in the week: of those that were due, how many in time.

    `not_yet` are due later in the week than now, `not_needed` had a reason; neither counts as due.
    """

    label: str
    due: int
    in_time: int
    late: int
    not_done: int
    not_needed: int
    not_yet: int


@dataclass(frozen=True)
class Canvassed:
    """One block or building: in how many hours of the week somebody knocked, and on how many."""

    label: str
    part_label: str
    block: str
    hours: int
    number: int
    part: int | None


@dataclass(frozen=True)
class Week:
    """All that a site's week says. Lists are empty and sums None where nothing was written down."""

    site: Any
    monday: date
    sunday: date
    over: bool
    opened: int
    closed: int
    stood_down: int
    running: int
    kept: list[Kept]
    canvassed: list[Canvassed]
    counted: list[Sum]
    rota: Rota

    @property
    def due(self) -> int:
        """Clocks that were due in the week."""
        return sum(each.due for each in self.kept)

    @property
    def in_time(self) -> int:
        """Clocks that were met in time."""
        return sum(each.in_time for each in self.kept)

    @property
    def doors(self) -> int:
        """Doors and households, wherever they were recorded."""
        return sum(each.number for each in self.canvassed)

    @property
    def said(self) -> list[Sum]:
        """The counts that somebody wrote down."""
        return [each for each in self.counted if each.number is not None]


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def week(actor: Actor, site: Any, monday: date) -> Week:
    """The sheet of a site's week, Monday to Sunday by the city's clock."""
    require(actor, Permission.RESPONSES_VIEW, site.pk)
    begins, ends = local(monday, time()), local(monday + timedelta(days=7), time())
    now = clock.now()
    held = visible(actor, Permission.RESPONSES_VIEW, Response.objects.filter(site=site))
    closed = held.filter(closed_at__gte=begins, closed_at__lt=ends)
    counts = _counts(actor, site, monday)
    codes, newest = _newest(counts)
    return Week(
        site=site,
        monday=monday,
        sunday=monday + timedelta(days=6),
        over=ends <= now,
        opened=held.filter(opened_at__gte=begins, opened_at__lt=ends).count(),
        closed=closed.exclude(outcome="stood_down").count(),
        stood_down=closed.filter(outcome="stood_down").count(),
        running=held.filter(closed_at=None, opened_at__lt=ends).count(),
        kept=_kept(actor, site, begins, ends, now),
        canvassed=_canvassed(counts, newest.values()),
        counted=_counted(counts, codes, newest),
        rota=rota(actor, site, monday),
    )


def _kept(actor: Actor, site: Any, begins: datetime, ends: datetime, now: datetime) -> list[Kept]:
    due = Clock.objects.filter(response__site=site, due_at__gte=begins, due_at__lt=ends)
    rows: dict[str, list[Clock]] = defaultdict(list)
    for each in visible(actor, Permission.RESPONSES_VIEW, due).order_by("due_at"):
        rows[each.said].append(each)
    return [_line(label, held, now) for label, held in rows.items()]


def _line(label: str, held: list[Clock], now: datetime) -> Kept:
    needed = [each for each in held if not each.not_needed]
    met = [each for each in needed if each.met_at is not None]
    in_time = sum(each.met_at <= each.due_at for each in met)
    missed = sum(each.met_at is None and each.due_at <= now for each in needed)
    return Kept(
        label=label,
        due=len(met) + missed,
        in_time=in_time,
        late=len(met) - in_time,
        not_done=missed,
        not_needed=len(held) - len(needed),
        not_yet=len(needed) - len(met) - missed,
    )


def _counts(actor: Actor, site: Any, monday: date) -> list[Count]:
    """What was counted in the week and not taken back; each row knows its `plan_id`."""
    held = Count.objects.filter(
        response__site=site,
        undone_at=None,
        day__gte=monday,
        day__lt=monday + timedelta(days=7),
    )
    seen = visible(actor, Permission.RESPONSES_VIEW, held)
    return list(seen.annotate(plan_id=F("response__plan_id")).order_by("day", "hour", "pk"))


def _newest(counts: list[Any]) -> tuple[dict[int, str], dict[str, Plan]]:
    """The code of each plan by which something was counted, and the newest of each code."""
    held = Plan.objects.in_bulk({each.plan_id for each in counts})
    newest = {plan.code: plan for plan in sorted(held.values(), key=lambda plan: plan.version)}
    return {pk: plan.code for pk, plan in held.items()}, newest


def _canvassed(counts: list[Any], plans: Iterable[Plan]) -> list[Canvassed]:
    lines = {line["code"]: line for plan in plans for line in plan.counts_said}
    rows: dict[tuple[str, str], list[Count]] = defaultdict(list)
    for each in counts:
        if each.block and each.what in lines:
            rows[each.what, each.block].append(each)
    found = []
    for (what, block), held in sorted(rows.items()):
        parts = [each.part for each in held if each.part is not None]
        hours = {(each.day, each.hour) for each in held if each.hour is not None}
        found.append(
            Canvassed(
                label=lines[what]["label"],
                part_label=lines[what]["part"],
                block=block,
                hours=len(hours),
                number=sum(each.number for each in held),
                part=sum(parts) if parts else None,
            )
        )
    return found


def _counted(counts: list[Any], codes: dict[int, str], newest: dict[str, Plan]) -> list[Sum]:
    """Sums over all responses of the week, by plan; a plan's line that nobody used says so."""
    by_code: dict[str, list[Count]] = defaultdict(list)
    for each in counts:
        by_code[codes[each.plan_id]].append(each)
    found: dict[tuple[str, str], Sum] = {}
    for code, held in by_code.items():
        for line in sums(newest[code], held):
            key = line.label, line.kind
            found[key] = _both(found[key], line) if key in found else line
    return list(found.values())


def _both(one: Sum, other: Sum) -> Sum:
    def add(a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else a + b

    return Sum(
        code=one.code,
        label=one.label,
        part_label=one.part_label or other.part_label,
        kind=one.kind,
        number=add(one.number, other.number),
        part=add(one.part, other.part),
        part_of=add(one.part_of, other.part_of),
    )
