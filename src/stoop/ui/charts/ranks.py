"""Which places carry most, and how sure the order is."""

from collections.abc import Sequence
from dataclasses import dataclass

from stoop.ui.charts.axes import whisker
from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.numbers import (
    Number,
    Scale,
    format_compact,
    format_estimate,
    format_number,
    known,
    nice_ticks,
    present,
)
from stoop.ui.charts.svg import Canvas, picture, shape, shorten, text_width
from stoop.ui.charts.words import _


@dataclass(frozen=True)
class Rank:
    """One area: its rank with the interval of ranks it may really have, count, shrunk rate.

    `marked` gives the row the accent (an area with a program, say; the key says what).
    """

    label: str
    rank: Number
    rank_low: Number
    rank_high: Number
    count: Number
    rate: Number = None
    rate_low: Number = None
    rate_high: Number = None
    marked: bool = False


def ranks(
    head: Head,
    rows: Sequence[Rank],
    *,
    area_label: str,
    count_label: str,
    rank_label: str = "",
    rate_label: str = "",
    rate_decimals: int = 1,
    marked_label: str = "",
    cut: int | None = None,
    cut_label: str = "",
) -> Figure:
    """Areas in the order given, a dot at each rank, a line over the ranks it may have.

    `cut` draws a line below the k-th row ("priority areas end here").
    """
    if not present([r.rank for r in rows]):
        return empty_figure(head)
    words = (area_label, rank_label or _("Rank"), count_label, rate_label)
    svg = picture(
        head.id,
        head.title,
        head.desc,
        lambda c: _Ranks(c, rows, words, rate_decimals).draw(cut, cut_label),
    )
    keys = [
        Key(_("rank"), "mark-open", "circle"),
        Key(_("ranks it may have"), "whisker", "whisker"),
    ]
    if marked_label and any(r.marked for r in rows):
        keys.append(Key(marked_label, "mark-chosen", "diamond"))
    return figure(head, svg, keys, _table(head, rows, words, rate_decimals, marked_label))


def _table(
    head: Head, rows: Sequence[Rank], words: tuple[str, ...], decimals: int, marked_label: str
) -> Table:
    area, rank, count, rate = words
    with_rate = bool(present([r.rate for r in rows]))
    headers = [area, rank, count]
    if with_rate:
        headers.append(rate)
    if marked_label:
        headers.append(marked_label)
    lines = []
    for r in rows:
        line = [r.label, format_estimate(r.rank, r.rank_low, r.rank_high), format_number(r.count)]
        if with_rate:
            line.append(format_estimate(r.rate, r.rate_low, r.rate_high, decimals))
        if marked_label:
            line.append(_("yes") if r.marked else _("no"))
        lines.append(tuple(line))
    return Table(tuple(headers), tuple(lines), head.title)


class _Ranks:
    """The columns of the drawing: name, plot, count, rate.

    On a phone count and rate share a column, and long names stand above their line.
    """

    def __init__(
        self, c: Canvas, rows: Sequence[Rank], words: tuple[str, ...], decimals: int
    ) -> None:
        self.c, self.rows, self.words, self.decimals = c, rows, words, decimals
        self.with_rate = bool(present([r.rate for r in rows]))
        names = max(text_width(t, c.font) for t in [*(r.label for r in rows), words[0]])
        counts = max(text_width(format_compact(r.count), c.font) for r in rows)
        rates = max(text_width(self._rate(r), c.font) for r in rows) if self.with_rate else 0
        self.above = c.narrow and names > 0.25 * c.width
        self.left = 4 if self.above else min(names + 10, 0.34 * c.width)
        tall = self.above or (c.narrow and self.with_rate)
        self.step = (2.9 if tall else 1.75) * c.font
        if c.narrow:
            self.count_at = c.width - 4
            self.right = self.count_at - max(counts, rates) - 12
        else:
            rates = max(rates, text_width(words[3], c.font)) + 20 if self.with_rate else 4
            self.count_at = c.width - rates
            self.right = self.count_at - max(counts, text_width(words[2], c.font)) - 14

    def _rate(self, r: Rank) -> str:
        return format_estimate(r.rate, r.rate_low, r.rate_high, self.decimals)

    def draw(self, cut: int | None, cut_label: str) -> float:
        c = self.c
        last = max(present([v for r in self.rows for v in (r.rank, r.rank_low, r.rank_high)]))
        ticks = [max(t, 1.0) for t in nice_ticks(last, 0, count=4, whole=True)]
        ticks = [t for t in ticks if t <= last]
        x = Scale(1, last, self.left + 8, self.right - 8)
        top = self._heads(x, ticks) + 0.5 * c.font
        bottom = top + self.step * len(self.rows)
        for i in range(0, len(self.rows), 2):
            c.rect(0, top + i * self.step, c.width, self.step, "stripe")
        for t in ticks:
            for i in range(len(self.rows) if self.above else 1):
                # Lines from top to bottom, but never through the names that stand in the plot.
                low = top + (i + 1) * self.step if self.above else bottom
                c.line(x(t), low - 1.25 * c.font if self.above else top, x(t), low, "grid")
        for i, r in enumerate(self.rows):
            self._row(r, top + (i + 0.5) * self.step, x)
        if cut is not None and 0 < cut < len(self.rows):
            at = top + cut * self.step
            c.line(0, at, c.width, at, "cut")
            if cut_label:
                c.text(x.start, at - 4, cut_label, "t2 halo")
        return bottom + 4

    def _heads(self, x: Scale, ticks: Sequence[float]) -> float:
        """Headers; on a phone one above the other, so that none runs into the next."""
        c = self.c
        area, rank, count, rate = self.words
        line = 1.3 * c.font
        rank_line = line
        base = 2 * line
        if c.narrow:
            c.text(self.count_at, line, count, "tb", "end")
            if self.with_rate:
                c.text(self.count_at, 2 * line, rate, "t2", "end")
                rank_line, base = 2 * line, 3 * line
            if self.above:
                rank_line, base = 2 * line, 3 * line
        else:
            c.text(self.count_at, base, count, "tb", "end")
            if self.with_rate:
                c.text(c.width - 4, base, rate, "tb", "end")
        c.text(4, line if self.above else base, area, "tb")
        c.text(self.left + 4, rank_line, rank, "tb")
        for t in ticks:
            c.text(x(t), base, format_number(t), "t2", "middle")
        return base

    def _row(self, r: Rank, y: float, x: Scale) -> None:
        c = self.c
        upper, lower = y - 0.2 * c.font, y + 1.05 * c.font
        base = y + 0.36 * c.font
        plot = y + 0.65 * c.font if self.above else y
        label = shorten(r.label, (self.right if self.above else self.left) - 8, c.font)
        c.text(4, upper if self.above else base, label, "tb accent" if r.marked else "tb")
        if known(r.rank):
            if known(r.rank_low) and known(r.rank_high):
                whisker(c, (x(r.rank_low), x(r.rank_high)), plot, r.marked)
            kind, style = ("diamond", "mark-chosen") if r.marked else ("circle", "mark-open")
            c.raw(shape(kind, x(r.rank), plot, style))
        else:
            c.text(x.start, plot + 0.36 * c.font, _("no data"), "t2")
        count = format_compact(r.count)
        if c.narrow and self.with_rate:
            c.text(self.count_at, upper, count, "tb", "end")
            c.text(self.count_at, lower, self._rate(r), "t2", "end")
            return
        c.text(self.count_at, base, count, "tb", "end")
        if self.with_rate:
            c.text(c.width - 4, base, self._rate(r), "", "end")
