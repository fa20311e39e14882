"""What the map shows of all shootings: points where they can be told apart, else counts.

Whoever does not see blocks gets counts by area and by whole days, whatever is asked: a box or an
hour that one may choose would find the block out.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, can, require
from stoop.incidents.models import Incident
from stoop.incidents.queries import points
from stoop.incidents.queries.incidents import incidents
from stoop.kernel import clock

Box = tuple[float, float, float, float]
MOST_DOTS = 20_000  # shown as points unless the reader asks for points
MOST_ASKED = 100_000
CELL = 32  # pixels of the map at its zoom
AREAS, POINTS, AUTO = "areas", "points", "auto"
_CLASSES = 5
_NICE = sorted(int(a * 10**b) for a in (1, 1.5, 2, 3, 4, 5, 6, 8) for b in range(6))


@dataclass(frozen=True, slots=True)
class Asked:
    """From when until when, which kind ("" for all), and how to show it."""

    since: datetime
    until: datetime
    kind: str = ""
    show: str = AUTO


@dataclass(frozen=True, slots=True)
class Dots:
    """Points of a box (west, north, east, south on the map's world), 65,536 steps to a side.

    `look`: bit 0 the kind, bit 1 not yet confirmed, bits 2-3 younger than 24 hours (0), 72 hours
    (1), or older (2). The oldest first, so that the youngest is drawn on top.
    """

    total: int
    placed: int
    box: tuple[int, int, int, int]
    x: npt.NDArray[np.uint16]
    y: npt.NDArray[np.uint16]
    look: npt.NDArray[np.uint8]
    version: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts in squares of CELL pixels at `zoom`: (column, row, count), and where classes begin."""

    total: int
    placed: int
    zoom: int
    cells: list[tuple[int, int, int]]
    classes: list[int]
    version: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts by area of the main kind ("" for outside all of them), and where classes begin."""

    total: int
    placed: int
    areas: dict[str, int]
    classes: list[int]
    version: str


def precise(actor: Actor) -> bool:
    """Whether the actor sees blocks; others see areas and days."""
    return can(actor, Permission.INCIDENTS_BLOCK)


def span(actor: Actor, asked: Asked) -> tuple[datetime, datetime]:
    """The span of time that is answered: whole days for those who do not see the block."""
    if precise(actor):
        return asked.since, asked.until
    first = timezone.localdate(asked.since)
    past = timezone.localdate(asked.until - timedelta(microseconds=1)) + timedelta(days=1)
    return tuple(timezone.make_aware(datetime.combine(day, time())) for day in (first, past))


def on_map(
    actor: Actor, asked: Asked, *, box: Box | None = None, zoom: int = 10
) -> Dots | Cells | Counts:
    """What to draw of the shootings that were asked for; `box` is west, south, east, north."""
    require(actor, Permission.INCIDENTS_VIEW)
    held = points.columns()
    sees = precise(actor)
    since, until = span(actor, asked)
    by_area = asked.show == AREAS or not sees
    where = None if by_area or box is None else _box(box)
    minute = points.seconds(clock.now()) // 60
    key = (held.version, sees, since, until, asked.kind, asked.show, where, zoom, minute)
    if (ready := _ready.get(key)) is None:
        rows = _rows(held, sees, since, until, asked.kind)
        ready = _counts(held, rows) if by_area else _drawn(held, rows, where, zoom, asked.show)
        _ready.put(key, ready)
    return ready


def _rows(
    held: points.Columns, sees: bool, since: datetime, until: datetime, kind: str
) -> npt.NDArray[np.intp]:
    """Rows of standing incidents of the span and kind."""
    wanted = held.at >= points.seconds(since)
    wanted &= held.at < points.seconds(until)
    wanted &= held.state != points.HIDDEN if sees else held.state == points.CONFIRMED
    if kind:
        wanted &= held.kind == points.KINDS.index(kind)
    return np.flatnonzero(wanted)


def _counts(held: points.Columns, rows: npt.NDArray[np.intp]) -> Counts:
    found = np.bincount(held.area[rows], minlength=len(held.areas))
    areas = {code: int(n) for code, n in zip(held.areas, found, strict=False) if n}
    inside = [n for code, n in areas.items() if code]
    return Counts(rows.size, sum(inside), areas, classes(inside), held.version)


def _drawn(
    held: points.Columns,
    rows: npt.NDArray[np.intp],
    where: tuple[int, int, int, int] | None,
    zoom: int,
    show: str,
) -> Dots | Cells:
    total = rows.size
    x, y = held.x[rows], held.y[rows]
    inside = y > 0
    if where:
        west, north, east, south = where
        inside &= (x >= west) & (x <= east) & (y >= north) & (y <= south)
    rows, x, y = rows[inside], x[inside], y[inside]
    if rows.size <= (MOST_ASKED if show == POINTS else MOST_DOTS):
        return _dots(held, rows, total, where)
    shift = max(0, 32 - zoom - 3)  # 8 cells to a tile of 256 pixels
    column, row = (x >> shift).astype(np.int64), (y >> shift).astype(np.int64)
    left, top = int(column.min()), int(row.min())
    wide = int(column.max()) - left + 1
    number = np.bincount((row - top) * wide + column - left)
    full = np.flatnonzero(number)
    cells = [
        (int(at % wide) + left, int(at // wide) + top, int(n))
        for at, n in zip(full, number[full], strict=True)
    ]
    return Cells(total, rows.size, zoom, cells, classes([c[2] for c in cells]), held.version)


def _dots(
    held: points.Columns,
    rows: npt.NDArray[np.intp],
    total: int,
    where: tuple[int, int, int, int] | None,
) -> Dots:
    rows = rows[np.argsort(held.at[rows], kind="stable")]
    x, y = held.x[rows].astype(np.int64), held.y[rows].astype(np.int64)
    if where is None:
        where = (int(x.min()), int(y.min()), int(x.max()), int(y.max())) if rows.size else (0,) * 4
    west, north, east, south = where
    across, down = max(east - west, 1), max(south - north, 1)
    age = points.seconds(clock.now()) - held.at[rows]
    look = held.kind[rows] & 1
    look = look + 2 * (held.state[rows] == points.REPORTED)
    look = look + 4 * np.searchsorted([24 * 3600, 72 * 3600], age)
    return Dots(
        total,
        rows.size,
        where,
        ((x - west) * 65_535 // across).astype(np.uint16),
        ((y - north) * 65_535 // down).astype(np.uint16),
        look.astype(np.uint8),
        held.version,
    )


def _box(box: Box) -> tuple[int, int, int, int]:
    west, south, east, north = box
    x, y = points.on_world(np.array([west, east]), np.array([north, south]))
    return int(x[0]), int(y[0]), int(x[1]), int(y[1])


def classes(counts: list[int]) -> list[int]:
    """Where up to five classes of counts begin, at round numbers: [1, 2, 5] is 1, 2-4, 5 and more.

    About equally many places in each, so that the map tells places apart.
    """
    if not counts:
        return []
    cuts = np.quantile(counts, [k / _CLASSES for k in range(1, _CLASSES)]).tolist()
    begins = {max((n for n in _NICE if n <= cut), default=1) for cut in cuts}
    return sorted({1} | {n for n in begins if n <= max(counts)})


def listed(actor: Actor, asked: Asked) -> QuerySet[Incident]:
    """The same shootings as rows, the latest first; show each by `queries.shown`."""
    since, until = span(actor, asked)
    # "Not in" and never "in": a database that looks states up sorts all of them by time after it.
    found = incidents(actor).exclude(status__in=("retracted", "merged"))
    found = found.filter(occurred_at__gte=since, occurred_at__lt=until)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    return found.order_by("-occurred_at", "-pk")


def here(actor: Actor, asked: Asked, *, box: Box, most: int = 20) -> tuple[int, list[Incident]]:
    """How many are in a small box, and the latest of them; 404 for those who see no block."""
    require(actor, Permission.INCIDENTS_BLOCK)
    held = points.columns()
    west, north, east, south = _box(box)
    rows = _rows(held, True, asked.since, asked.until, asked.kind)
    x, y = held.x[rows], held.y[rows]
    rows = rows[(x >= west) & (x <= east) & (y >= north) & (y <= south) & (y > 0)]
    latest = rows[np.argsort(-held.at[rows], kind="stable")[:most]]
    found = incidents(actor).filter(pk__in=held.pk[latest].tolist())
    return rows.size, list(found.order_by("-occurred_at", "-pk"))


class _Ready:
    """Answers that were given lately: many look at the same map."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, OrderedDict()  # type: ignore[var-annotated]

    def get(self, key: object) -> Dots | Cells | Counts | None:
        return self._held.get(key)

    def put(self, key: object, answer: Dots | Cells | Counts) -> None:
        self._held[key] = answer
        while len(self._held) > self._most:
            self._held.popitem(last=False)


_ready = _Ready(100)
