"""Many answers to one question: dots and whiskers, sorted by the caller, told apart by shape."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stoop.ui.charts.axes import spread, whisker
from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.numbers import Number, Scale, known, nice_ticks, present
from stoop.ui.charts.svg import Canvas, picture, shape, shorten, text_width
from stoop.ui.charts.words import _

# A number in words, with so many decimals: format_number, format_percent.
Write = Callable[[Number, int], str]


@dataclass(frozen=True)
class Branch:
    """One answer with its interval; `kind` is the code of one of the chart's kinds."""

    label: str
    value: float
    low: Number
    high: Number
    kind: str


@dataclass(frozen=True)
class Kind:
    """What sort of answer: its shape (of svg.SHAPES) and its words. One may be the chosen one."""

    label: str
    shape: str
    chosen: bool = False


def forest(
    head: Head,
    branches: Sequence[Branch],
    kinds: dict[str, Kind],
    *,
    headers: tuple[str, str, str],
    write: Write,
) -> Figure:
    """A row for each branch with a number, in the order given, over the chosen one's interval.

    `headers` name the columns of the table: answer, kind, number.
    """
    branches = [b for b in branches if known(b.value)]
    if not branches:
        return empty_figure(head)
    numbers = present([v for b in branches for v in (b.value, b.low, b.high)])
    ticks = nice_ticks(max(*numbers, 0.0), min(*numbers, 0.0), count=6)
    drawing = _Drawing(branches, kinds, ticks, write)
    svg = picture(head.id, head.title, head.desc, drawing.draw)
    used = [kind for code, kind in kinds.items() if any(b.kind == code for b in branches)]
    keys = [Key(k.label, "mark-chosen" if k.chosen else "mark-open", k.shape) for k in used]
    if any(known(b.low) and known(b.high) for b in branches):
        keys.append(Key(_("interval"), "whisker", "whisker"))
    rows = tuple((b.label, kinds[b.kind].label, _words(b, write)) for b in branches)
    return figure(head, svg, keys, Table(headers, rows, head.title))


def _words(b: Branch, write: Write) -> str:
    value = write(b.value, 1)
    if not (known(b.low) and known(b.high)):
        return value
    ends = _("%(low)s to %(high)s") % {"low": write(b.low, 1), "high": write(b.high, 1)}
    return f"{value} ({ends})"


@dataclass(frozen=True)
class _Drawing:
    branches: Sequence[Branch]
    kinds: dict[str, Kind]
    ticks: Sequence[float]
    write: Write

    def draw(self, c: Canvas) -> float:
        row = (2.9 if c.narrow else 1.8) * c.font
        x = self._scale(c)
        top, bottom = 0.6 * c.font, 0.6 * c.font + row * len(self.branches)
        self._band(c, x, top, bottom)
        for tick in self.ticks:
            c.line(x(tick), top, x(tick), bottom, "axis" if tick == 0 else "grid")
        for at, branch in enumerate(self.branches):
            self._row(c, branch, top + at * row, row, x)
        whole = all(self.write(t, 1).replace(".0", "") == self.write(t, 0) for t in self.ticks)
        words = [self.write(tick, 0 if whole else 1) for tick in self.ticks]
        step = spread(words, x.end - x.start, c.font)
        for i, (tick, word) in enumerate(zip(self.ticks, words, strict=True)):
            if (i - list(self.ticks).index(0)) % step == 0:  # nought is always among those shown
                middle = max(x(tick), text_width(word, c.font) / 2)
                c.text(middle, bottom + 1.3 * c.font, word, "t2", "middle")
        return bottom + 2 * c.font

    def _scale(self, c: Canvas) -> Scale:
        right = c.width - max(text_width(_words(b, self.write), c.font) for b in self.branches) - 12
        left = 4.0
        if not c.narrow:
            widest = max(text_width(b.label, c.font) for b in self.branches)
            left = min(widest + 12, c.width * 0.42)
        return Scale(self.ticks[0], self.ticks[-1], left + 6, max(right - 6, left + 60))

    def _band(self, c: Canvas, x: Scale, top: float, bottom: float) -> None:
        chosen = next((b for b in self.branches if self.kinds[b.kind].chosen), None)
        if chosen and known(chosen.low) and known(chosen.high):
            c.rect(x(chosen.low), top, x(chosen.high) - x(chosen.low), bottom - top, "band")

    def _row(self, c: Canvas, b: Branch, top: float, row: float, x: Scale) -> None:
        kind = self.kinds[b.kind]
        y = top + row * (0.72 if c.narrow else 0.5)
        name_at = top + 1.1 * c.font if c.narrow else y + 0.36 * c.font
        room = c.width if c.narrow else x.start - 10
        style = "tb accent" if kind.chosen else ""
        c.text(0, name_at, shorten(b.label, room, c.font), f"{style} halo".strip())
        c.text(c.width, y + 0.36 * c.font, _words(b, self.write), style, "end")
        if known(b.low) and known(b.high):
            whisker(c, (x(b.low), x(b.high)), y, kind.chosen)
        mark = "mark-chosen" if kind.chosen else "mark-open"
        c.raw(shape(kind.shape, x(b.value), y, mark))
