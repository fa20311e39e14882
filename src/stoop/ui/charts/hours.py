"""When: the week by the hour, folded so that a night stays in one piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from stoop.ui.charts.axes import count_ticks, left_axis
from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.numbers import (
    Number,
    Scale,
    format_compact,
    format_interval,
    format_number,
    known,
    present,
)
from stoop.ui.charts.svg import Canvas, picture, text_width
from stoop.ui.charts.words import _

DAY = 24
SMALLER = 0.85  # as the class of that name in charts.css


@dataclass(frozen=True)
class Window:
    """Hours of the clock from `start` for `hours` hours (21 and 4: from 21:00 to 01:00).

    `days` are the weekdays (0 = Monday) on which it *begins*; None is every day.
    """

    start: int
    hours: int
    label: str
    days: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 1 <= self.hours <= DAY):
            raise ValueError(f"a window of {self.hours} hours from {self.start}:00 is not in a day")


def fold_hour(window: Window | None) -> int:
    """The hour at which to begin a drawn day: noon, or else six, so that the window is whole."""
    for hour in (12, 6, 0, 18):
        if window is None or (window.start - hour) % DAY + window.hours <= DAY:
            return hour
    return window.start if window else 12


def hours_grid(
    head: Head,
    counts: Sequence[Sequence[Number]],
    *,
    weekdays: Sequence[str],
    count_label: str,
    window: Window | None = None,
    start_hour: int | None = None,
) -> Figure:
    """A heat grid of 7 days (Monday first) by 24 hours, with totals and the window outlined.

    `counts[d][h]` are incidents on calendar weekday d in hour h. A drawn day runs from
    `start_hour` to the same hour of the next day, so Friday night is one row, 'Fri–Sat'.
    """
    if len(counts) != 7 or any(len(day) != DAY for day in counts) or len(weekdays) != 7:
        raise ValueError("hours_grid takes 7 days of 24 hours and 7 names of days")
    values = present([v for day in counts for v in day])
    if not any(values):
        return empty_figure(head)
    start = fold_hour(window) if start_hour is None else start_hour
    grid = _Grid(counts, weekdays, start, window)
    svg = picture(head.id, head.title, head.desc, grid.draw)
    keys = [Key(text, f"q{i + 1}") for i, text in enumerate(grid.class_names())]
    if window:
        keys.append(Key(window.label, "window", "box"))
    if len(values) < 7 * DAY:
        keys.append(Key(_("No data"), "missing", "dots"))
    return figure(head, svg, keys, grid.table(head, count_label))


class _Grid:
    """The folded week and its drawing, upright (days are rows) or lying (days are columns)."""

    def __init__(
        self,
        counts: Sequence[Sequence[Number]],
        weekdays: Sequence[str],
        start: int,
        window: Window | None,
    ) -> None:
        self.start, self.window, self.weekdays = start, window, weekdays
        self.hours = [(start + i) % DAY for i in range(DAY)]
        self.cells = [
            [counts[(d + (1 if h < start else 0)) % 7][h] for h in self.hours] for d in range(7)
        ]
        self.high = max(present([v for row in self.cells for v in row]))

    def names(self) -> list[str]:
        if self.start == 0:
            return list(self.weekdays)
        return [f"{a}–{self.weekdays[(d + 1) % 7]}" for d, a in enumerate(self.weekdays)]

    def level(self, value: Number) -> int:
        """Class 1..5 by equal steps of the highest cell; 0 is missing."""
        if not known(value):
            return 0
        return min(5, 1 + int(5 * value / (self.high * (1 + 1e-12))))

    def class_names(self) -> list[str]:
        edges = [self.high * i / 5 for i in range(6)]
        if all(float(v).is_integer() for row in self.cells for v in present(row)):
            names, low = [], 0
            for level in range(1, 6):
                # The largest whole number that falls into this class.
                last = max((v for v in self._wholes() if self.level(v) <= level), default=low)
                names.append(f"{low}" if last <= low else f"{low}–{format_number(last)}")
                low = max(int(last) + 1, low)
            return names
        return [format_interval(a, b, 1) for a, b in pairwise(edges)]

    def _wholes(self) -> range:
        step = max(1, int(self.high) // 10000)
        return range(0, int(self.high) + 1, step)

    def _spans(self) -> list[tuple[int, int, int]]:
        """(day, from, to) of the window in folded positions; cut only where it must be."""
        w = self.window
        if w is None:
            return []
        first = (w.start - self.start) % DAY
        spans = []
        for d in range(7):
            # A window that begins after midnight lies in the drawn day of the evening before.
            begins = d if w.start >= self.start else (d + 1) % 7
            if w.days is not None and begins not in w.days:
                continue
            spans.append((d, first, min(first + w.hours, DAY)))
            if first + w.hours > DAY:
                spans.append(((d + 1) % 7, 0, first + w.hours - DAY))
        return spans

    def outlines(self) -> list[tuple[int, int, int, int]]:
        """(first day, after last day, from, to): days in a row share one outline."""
        boxes: list[tuple[int, int, int, int]] = []
        for d, a, b in sorted(self._spans(), key=lambda s: (s[1], s[2], s[0])):
            if boxes and boxes[-1][1:] == (d, a, b):
                boxes[-1] = (boxes[-1][0], d + 1, a, b)
            else:
                boxes.append((d, d + 1, a, b))
        return boxes

    def draw(self, c: Canvas) -> float:
        # On a phone the hours run down: a cell is then wide enough for its number.
        lying = c.narrow
        names, font = self.names(), c.font
        if lying:
            left, top = text_width("00:00", font) + 2, 2.9 * font
            width = (c.width - left - text_width("0,000", font)) / 7
            height = 1.5 * font
        else:
            left, top = max(text_width(n, font) for n in names) + 12, 2.2 * font
            width = (c.width - left - text_width("0,000", font)) / DAY
            height = 2 * font
        for d in range(7):
            for i in range(DAY):
                row, column = (i, d) if lying else (d, i)
                self._cell(
                    c,
                    self.cells[d][i],
                    (left + column * width, top + row * height),
                    (width, height),
                )
        self._names(c, (left, top), (width, height), lying)
        self._totals(c, (left, top), (width, height), lying)
        for d0, d1, a, b in self.outlines():
            x0, x1, y0, y1 = (d0, d1, a, b) if lying else (a, b, d0, d1)
            box = (left + x0 * width, top + y0 * height, (x1 - x0) * width, (y1 - y0) * height)
            c.rect(*box, "window-halo")
            c.rect(*box, "window")
        return top + height * (DAY if lying else 7) + (1.9 if lying else 2.8) * font

    def _cell(
        self, c: Canvas, value: Number, at: tuple[float, float], size: tuple[float, float]
    ) -> None:
        (x, y), (width, height) = at, size
        level = self.level(value)
        if not level:
            c.rect(x + 0.5, y + 0.5, width - 1, height - 1, "missing", c.fill("dots"))
            return
        c.rect(x + 0.5, y + 0.5, width - 1, height - 1, f"q{level}")
        text = format_compact(value)
        # Three figures fill a cell of a desk: a size smaller, they stand apart.
        small = text_width(text, c.font) > width - 4
        font = SMALLER * c.font if small else c.font
        if text_width(text, font) <= width + 2:
            style = f"on{level} smaller" if small else f"on{level}"
            c.text(x + width / 2, y + height / 2 + 0.36 * font, text, style, "middle")

    def _names(
        self, c: Canvas, at: tuple[float, float], size: tuple[float, float], lying: bool
    ) -> None:
        (left, top), (width, height) = at, size
        for i, hour in enumerate(self.hours):
            if lying and i % 2 == 0:
                c.text(
                    left - 5,
                    top + (i + 0.5) * height + 0.36 * c.font,
                    f"{hour:02d}:00",
                    "t2",
                    "end",
                )
            elif not lying and i % 3 == 0:
                c.text(left + i * width, top - 0.5 * c.font, f"{hour:02d}:00", "t2")
        for d, name in enumerate(self.names()):
            if lying:
                first, _dash, second = name.partition("–")
                x = left + (d + 0.5) * width
                c.text(x, top - 1.6 * c.font, first, "tb", "middle")
                if second:
                    c.text(x, top - 0.4 * c.font, "–" + second, "t2", "middle")
            else:
                c.text(left - 6, top + (d + 0.5) * height + 0.36 * c.font, name, "tb", "end")

    def _totals(
        self, c: Canvas, at: tuple[float, float], size: tuple[float, float], lying: bool
    ) -> None:
        (left, top), (width, height) = at, size
        days = [sum(present(row)) for row in self.cells]
        hours = [sum(present([row[i] for row in self.cells])) for i in range(DAY)]
        across, down = (days, hours) if lying else (hours, days)
        base = top + height * len(down) + 1.25 * c.font
        tight = any(text_width(format_compact(v), c.font) + 3 > width for v in across)
        for i, value in enumerate(across):
            # Totals too wide for their column stand in two rows, turn about.
            low = 1.1 * c.font if tight and i % 2 else 0
            c.text(left + (i + 0.5) * width, base + low, format_compact(value), "t2", "middle")
        for i, value in enumerate(down):
            y = top + (i + 0.5) * height + 0.36 * c.font
            c.text(c.width, y, format_compact(value), "t2", "end")
        c.text(c.width, base, format_compact(sum(days)), "tb", "end")

    def table(self, head: Head, count_label: str) -> Table:
        headers = (_("Hour"), *self.names(), count_label)
        rows = []
        for i, hour in enumerate(self.hours):
            column = [row[i] for row in self.cells]
            rows.append(
                (
                    f"{hour:02d}:00",
                    *(format_number(v, _decimals(v)) for v in column),
                    format_number(sum(present(column))),
                )
            )
        return Table(headers, tuple(rows), head.title)


def _decimals(value: Number) -> int:
    return 1 if known(value) and not float(value).is_integer() else 0


def hour_columns(
    head: Head,
    counts: Sequence[Number],
    *,
    count_label: str,
    window: Window | None = None,
    start_hour: int | None = None,
) -> Figure:
    """24 columns from `start_hour` (noon) on; the window is shaded, bracketed and named."""
    if len(counts) != DAY:
        raise ValueError("hour_columns takes 24 hours")
    if not any(present(counts)):
        return empty_figure(head)
    start = fold_hour(window) if start_hour is None else start_hour
    hours = [(start + i) % DAY for i in range(DAY)]
    values = [counts[h] for h in hours]
    svg = picture(head.id, head.title, head.desc, lambda c: _columns(c, hours, values, window))
    keys = [Key(count_label, "bar")]
    if window:
        keys.append(Key(window.label, "window-shade"))
    if len(present(values)) < DAY:
        keys.append(Key(_("No data"), "missing", "dots"))
    rows = tuple(
        (f"{h:02d}:00", format_number(v, _decimals(v))) for h, v in zip(hours, values, strict=True)
    )
    return figure(head, svg, keys, Table((_("Hour"), count_label), rows, head.title))


def _columns(
    c: Canvas, hours: Sequence[int], values: Sequence[Number], window: Window | None
) -> float:
    top, bottom = 1.8 * c.font, 200.0
    ticks = count_ticks(values, count=4)
    y = Scale(0, ticks[-1], bottom, top)
    left = left_axis(c, ticks, y, c.width)
    slot = (c.width - left) / DAY
    if window:
        first = (window.start - hours[0]) % DAY
        for a, b in _pieces(first, window.hours):
            c.rect(left + a * slot, top - 10, (b - a) * slot, bottom - top + 10, "window-shade")
    for i, value in enumerate(values):
        x = left + i * slot
        if not known(value):
            c.rect(x + 1, top, slot - 2, bottom - top, "missing", c.fill("dots"))
            continue
        c.rect(x + 1, y(value), slot - 2, bottom - y(value), "bar")
        text = format_compact(value)
        if text_width(text, c.font) <= slot:
            c.text(x + slot / 2, y(value) - 4, text, "t2", "middle")
    c.line(left, bottom, c.width, bottom, "axis")
    step = 6 if c.narrow else 3
    for i, hour in enumerate(hours):
        if i % step == 0:
            c.line(left + i * slot, bottom, left + i * slot, bottom + 5, "axis")
            c.text(left + i * slot, bottom + 1.5 * c.font, f"{hour:02d}:00", "t2")
    return bottom + 2 * c.font


def _pieces(first: int, hours: int) -> list[tuple[int, int]]:
    if first + hours <= DAY:
        return [(first, first + hours)]
    return [(first, DAY), (0, first + hours - DAY)]
