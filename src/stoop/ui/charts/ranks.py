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
    format_interval,
    format_number,
    known,
    nice_ticks,
    present,
)
from stoop.ui.charts.svg import Canvas, picture, shape, text_width
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
    """The columns of the drawing: name, plot, count, rate."""

    def __init__(
        self, c: Canvas, rows: Sequence[Rank], words: tuple[str, ...], decimals: int
    ) -> None:
        self.c, self.rows, self.words, self.decimals = c, rows, words, decimals
        self.with_rate = bool(present([r.rate for r in rows]))
        # On a phone count and rate share a column, one above the other.
        self.row = 2.9 * c.font if c.narrow and self.with_rate else 1.75 * c.font
        self.left = max(text_width(t, c.font) for t in [*(r.label for r in rows), words[0]]) + 10
        self.left = min(self.left, c.width * 0.34)
        counts = max(text_width(format_compact(r.count), c.font) for r in rows)
        rates = max((text_width(self._rate(r), c.font) for r in rows), default=0)
        if c.narrow:
            self.count_at = c.width
            right = max(counts, rates if self.with_rate else 0, text_width(words[2], c.font))
            self.right = c.width - right - 12
        else:
            rates = max(rates, text_width(words[3], c.font)) if self.with_rate else 0
            self.count_at = c.width - (rates + 20 if self.with_rate else 0)
            self.right = self.count_at - max(counts, text_width(words[2], c.font)) - 14

    def _rate(self, r: Rank) -> str:
        if self.c.narrow:
            return format_number(r.rate, self.decimals)
        return format_estimate(r.rate, r.rate_low, r.rate_high, self.decimals)

    def draw(self, cut: int | None, cut_label: str) -> float:
        c = self.c
        numbers = present([v for r in self.rows for v in (r.rank, r.rank_low, r.rank_high)])
        ticks = [max(t, 1.0) for t in nice_ticks(max(numbers), 0, count=4, whole=True)]
        x = Scale(1, max(numbers), self.left + 8, self.right - 8)
        ticks = [t for t in ticks if t <= max(numbers)]
        head_height = (3.6 if c.narrow and self.with_rate else 2.4) * c.font
        top = head_height + 4
        bottom = top + self.row * len(self.rows)
        self._heads(head_height, x, ticks)
        for i in range(0, len(self.rows), 2):
            c.rect(0, top + i * self.row, c.width, self.row, "stripe")
        for t in ticks:
            c.line(x(t), top, x(t), bottom, "grid")
        for i, r in enumerate(self.rows):
            self._row(r, top + (i + 0.5) * self.row, x)
        if cut is not None and 0 < cut < len(self.rows):
            at = top + cut * self.row
            c.line(0, at, c.width, at, "cut")
            if cut_label:
                c.text(x.end, at - 4, cut_label, "t2 halo", "end")
        return bottom + 4

    def _heads(self, height: float, x: Scale, ticks: Sequence[float]) -> None:
        c = self.c
        area, rank, count, rate = self.words
        base = height - 0.2 * c.font
        first = base - 1.25 * c.font
        c.text(0, base, area, "tb")
        c.text(self.left + 2, first, rank, "tb")
        for t in ticks:
            c.text(x(t), base, format_number(t), "t2", "middle")
        if not self.with_rate:
            c.text(self.count_at, base, count, "tb", "end")
        elif c.narrow:
            c.text(self.count_at, first, count, "tb", "end")
            c.text(c.width, base, rate, "t2", "end")
        else:
            c.text(self.count_at, base, count, "tb", "end")
            c.text(c.width, base, rate, "tb", "end")

    def _row(self, r: Rank, y: float, x: Scale) -> None:
        c = self.c
        base = y + 0.36 * c.font
        room = int((self.left - 6) / (0.6 * c.font))
        label = r.label if len(r.label) <= room else r.label[: max(room - 1, 1)] + "…"
        c.text(4, base, label, "tb accent" if r.marked else "tb")
        if not known(r.rank):
            c.text(x.start, base, _("no data"), "t2")
        else:
            if known(r.rank_low) and known(r.rank_high):
                whisker(c, (x(r.rank_low), x(r.rank_high)), y, r.marked)
            kind, style = ("diamond", "mark-chosen") if r.marked else ("circle", "mark-open")
            c.raw(shape(kind, x(r.rank), y, style))
        count = format_compact(r.count)
        if c.narrow and self.with_rate:
            c.text(self.count_at, y - 0.2 * c.font, count, "tb", "end")
            c.text(c.width, y + 1.05 * c.font, self._rate(r), "t2", "end")
            return
        c.text(self.count_at, base, count, "tb", "end")
        if self.with_rate:
            c.text(c.width, base, self._rate(r), "", "end")


def rank_words(r: Rank) -> str:
    """'3 (2–6)', for a sentence."""
    return f"{format_number(r.rank)} ({format_interval(r.rank_low, r.rank_high)})"
