"""The week of a site, written by what was written down in it."""

from collections import defaultdict
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
    """One block or building: in how many hours of the week somebody knocked, and on how many.

    `part` sums only rows that say a part, and `part_of` is the number in those rows.
    """

    label: str
    part_label: str
    block: str
    hours: int
    number: int
    part: int | None
    part_of: int | None


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
    plans = _plans(counts)
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
        canvassed=_canvassed(counts, plans),
        counted=_counted(counts, plans),
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


def _plans(counts: list[Any]) -> list[Plan]:
    """The plans by which something was counted, of each code the newest version first."""
    held = Plan.objects.in_bulk({each.plan_id for each in counts})
    return sorted(held.values(), key=lambda plan: (plan.code, -plan.version))


def _canvassed(counts: list[Any], plans: list[Plan]) -> list[Canvassed]:
    """By what was counted and where; each count in the words of the plan that it was counted by."""
    lines = {(plan.pk, line["code"]): line for plan in plans for line in plan.counts_said}
    rows: dict[tuple[str, str, str], list[Count]] = defaultdict(list)
    for each in counts:
        line = lines.get((each.plan_id, each.what))
        if each.block and line:
            rows[line["label"], line["part"], each.block].append(each)
    found = []
    for (label, part_label, block), held in sorted(rows.items()):
        parts = [each for each in held if each.part is not None]
        hours = {(each.day, each.hour) for each in held if each.hour is not None}
        found.append(
            Canvassed(
                label=label,
                part_label=part_label,
                block=block,
                hours=len(hours),
                number=sum(each.number for each in held),
                part=sum(each.part for each in parts) if parts else None,
                part_of=sum(each.number for each in parts) if parts else None,
            )
        )
    return found


def _counted(counts: list[Any], plans: list[Plan]) -> list[Sum]:
    """Sums over all responses of the week, by what was counted.

    Of a plan's newest version a line that nobody used says so; of an older one, by which an open
    response goes on, only what was counted is said.
    """
    found: dict[tuple[str, str], Sum] = {}
    codes: set[str] = set()
    for plan in plans:
        for line in sums(plan, [each for each in counts if each.plan_id == plan.pk]):
            key = line.label, line.kind
            if key in found:
                found[key] = _both(found[key], line)
            elif line.number is not None or plan.code not in codes:
                found[key] = line
        codes.add(plan.code)
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
