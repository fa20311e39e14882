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
        Key(_("ranks it may have (95%)"), "whisker", "whisker"),
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

    On a phone, with rates or long names, the plot stands below the words and gets all the width.
    """

    def __init__(
        self, c: Canvas, rows: Sequence[Rank], words: tuple[str, ...], decimals: int
    ) -> None:
        self.c, self.rows, self.words, self.decimals = c, rows, words, decimals
        self.with_rate = bool(present([r.rate for r in rows]))
        names = max(text_width(t, c.font) for t in [*(r.label for r in rows), words[0]])
        counts = max(text_width(format_compact(r.count), c.font) for r in rows)
        counts = max(counts, text_width(words[2], c.font))
        rates = 0.0
        if self.with_rate:
            rates = max(text_width(self._rate(r), c.font) for r in rows) + 16
        self.below = c.narrow and (self.with_rate or names > 0.25 * c.width)
        # Beside numbers this wide a long header would take the room of the names.
        heading = text_width(words[3], c.font) + 16 if self.with_rate else 0.0
        self.rate_above = self.below and heading > rates
        rates = rates if self.rate_above else max(rates, heading)
        self.step = (3.1 if self.below else 1.75) * c.font
        self.count_at = c.width - 4 - rates
        words_end = self.count_at - counts - 14
        self.left = 4 if self.below else min(names + 10, 0.34 * c.width)
        self.right = c.width if self.below else words_end
        self.name_room = words_end if self.below else self.left - 8

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
            # From top to bottom, but never through words that stand above the plot.
            for i in range(len(self.rows) if self.below else 1):
                low = top + (i + 1) * self.step if self.below else bottom
                c.line(x(t), low - 1.25 * c.font if self.below else top, x(t), low, "grid")
        for i, r in enumerate(self.rows):
            self._row(r, top + (i + 0.5) * self.step, x)
        if cut is not None and 0 < cut < len(self.rows):
            at = top + cut * self.step
            c.line(0, at, c.width, at, "cut")
            if cut_label:
                c.text(x.start, at - 4, cut_label, "t2 halo")
        return bottom + 4

    def _heads(self, x: Scale, ticks: Sequence[float]) -> float:
        """Headers, and the ranks under theirs; returns the lowest line."""
        c = self.c
        area, rank, count, rate = self.words
        line = 1.3 * c.font
        above = line if self.rate_above else 0.0
        base = (3 if self.below else 2) * line + above
        words_at = line + above if self.below else base
        c.text(4, words_at, shorten(area, self.name_room, c.font), "tb")
        c.text(self.count_at, words_at, count, "tb", "end")
        if self.with_rate:
            c.text(c.width - 4, line if self.rate_above else words_at, rate, "tb", "end")
        c.text(4 if self.below else self.left + 4, base - line, rank, "tb")
        for t in ticks:
            c.text(x(t), base, format_number(t), "t2", "middle")
        return base

    def _row(self, r: Rank, y: float, x: Scale) -> None:
        c = self.c
        base = y - 0.25 * c.font if self.below else y + 0.36 * c.font
        plot = y + 0.75 * c.font if self.below else y
        label = shorten(r.label, self.name_room, c.font)
        c.text(4, base, label, "tb accent" if r.marked else "tb")
        c.text(self.count_at, base, format_compact(r.count), "tb", "end")
        if self.with_rate:
            c.text(c.width - 4, base, self._rate(r), "", "end")
        if not known(r.rank):
            c.text(x.start, plot + 0.36 * c.font, _("no data"), "t2")
            return
        if known(r.rank_low) and known(r.rank_high):
            whisker(c, (x(r.rank_low), x(r.rank_high)), plot, r.marked)
        kind, style = ("diamond", "mark-chosen") if r.marked else ("circle", "mark-open")
        c.raw(shape(kind, x(r.rank), plot, style))
