"""How well a choice of places does: hit rates of methods, and share held by the top areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from stoop.ui.charts.axes import spread, whisker
from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.numbers import (
    Number,
    Scale,
    format_estimate,
    format_percent,
    known,
    nice_ticks,
    present,
)
from stoop.ui.charts.svg import Canvas, picture, polyline, shape, shorten, text_width
from stoop.ui.charts.words import _


@dataclass(frozen=True)
class Estimate:
    """A share (0 to 1) with its interval."""

    value: Number
    low: Number = None
    high: Number = None


@dataclass(frozen=True)
class Method:
    """A method of forecasting and its hit rates, one for each share of land asked about."""

    label: str
    hits: tuple[Estimate, ...]
    chosen: bool = False


def hit_rates(
    head: Head,
    methods: Sequence[Method],
    panels: Sequence[str],
    *,
    method_label: str = "",
    chosen_label: str = "",
) -> Figure:
    """Dots and whiskers, one panel for each share of land ('1% of the land', ...).

    `panels` names the shares in the order of each method's `hits`. All panels share one axis.
    """
    for m in methods:
        if len(m.hits) != len(panels):
            raise ValueError(f"{m.label}: {len(m.hits)} hit rates for {len(panels)} panels")
    numbers = present([v for m in methods for h in m.hits for v in (h.value, h.low, h.high)])
    if not numbers:
        return empty_figure(head)
    ticks = nice_ticks(max(max(numbers), 0.01), min(0.0, *numbers), count=5)
    svg = picture(head.id, head.title, head.desc, lambda c: _hits(c, methods, panels, ticks))
    keys = []
    if any(m.chosen for m in methods):
        keys.append(Key(chosen_label or _("used in this brief"), "mark-chosen", "diamond"))
    keys.append(Key(_("other methods"), "mark-open", "circle"))
    if any(known(h.low) and known(h.high) for m in methods for h in m.hits):
        keys.append(Key(_("interval"), "whisker", "whisker"))
    rows = tuple(
        (
            m.label + (f" ({chosen_label or _('used in this brief')})" if m.chosen else ""),
            *(_words(h) for h in m.hits),
        )
        for m in methods
    )
    table = Table((method_label or _("Method"), *panels), rows, head.title)
    return figure(head, svg, keys, table)


def _words(h: Estimate) -> str:
    return format_estimate(h.value, h.low, h.high, 1, percent=True)


def _hits(
    c: Canvas, methods: Sequence[Method], panels: Sequence[str], ticks: Sequence[float]
) -> float:
    hits = [h for m in methods for h in m.hits]
    right = c.width - max(text_width(_words(h), c.font) for h in hits) - 12
    if c.narrow:
        left, row = 4.0, 2.9 * c.font
    else:
        left = min(max(text_width(m.label, c.font) for m in methods) + 12, c.width * 0.36)
        row = 1.8 * c.font
    x = Scale(ticks[0], ticks[-1], left + 6, right - 6)
    at = 0.0
    for i, panel in enumerate(panels):
        at += 1.6 * c.font
        c.text(0, at, panel, "tb")
        top = at + 0.6 * c.font
        at = top + row * len(methods)
        for t in ticks:
            c.line(x(t), top, x(t), at, "axis" if t == 0 else "grid")
        for j, m in enumerate(methods):
            _hit(c, m, m.hits[i], top + j * row, row, x)
        at += 0.8 * c.font
    words = [format_percent(t) for t in ticks]
    step = spread(words, x.end - x.start, c.font)
    for i, (t, word) in enumerate(zip(ticks, words, strict=True)):
        if (i - list(ticks).index(0)) % step == 0:  # nought is always among those shown
            middle = max(x(t), text_width(word, c.font) / 2)  # a cut minus would be another number
            c.text(middle, at + 0.5 * c.font, word, "t2", "middle")
    return at + 1.2 * c.font


def _hit(c: Canvas, m: Method, h: Estimate, top: float, row: float, x: Scale) -> None:
    room = c.width if c.narrow else x.start - 10
    y = top + row * (0.72 if c.narrow else 0.5)
    name_at = top + 1.1 * c.font if c.narrow else y + 0.36 * c.font
    c.text(0, name_at, shorten(m.label, room, c.font), "tb accent halo" if m.chosen else "halo")
    style = "tb accent" if m.chosen else ""
    c.text(c.width, y + 0.36 * c.font, _words(h), style, "end")
    if not known(h.value):
        return
    if known(h.low) and known(h.high):
        whisker(c, (x(h.low), x(h.high)), y, m.chosen)
    kind, mark = ("diamond", "mark-chosen") if m.chosen else ("circle", "mark-open")
    c.raw(shape(kind, x(h.value), y, mark))


def share_curve(
    head: Head,
    chosen: Sequence[Number],
    best: Sequence[Number],
    *,
    chosen_label: str,
    best_label: str,
    areas_label: str,
    marks: Sequence[int] = (17, 20, 30),
) -> Figure:
    """Share of incidents held by the top k areas, k = 1, 2, ...; `chosen[k - 1]` is a share 0..1.

    Chosen on the past (solid) against the best choice in hindsight (dashed). Marks beyond the
    data are left out. The axis ends a little after the last mark.
    """
    if not present(chosen):
        return empty_figure(head)
    marks = [k for k in marks if 0 < k <= len(chosen)]
    shown = min(len(chosen), max([*(round(1.25 * k) for k in marks), 10]))
    curves = (list(chosen[:shown]), list(best[:shown]))
    words = (chosen_label, best_label, areas_label)
    svg = picture(head.id, head.title, head.desc, lambda c: _curves(c, curves, marks, words))
    keys = [Key(chosen_label, "series", "line")]
    if present(best):
        keys.append(Key(best_label, "series-2", "line"))
    rows = tuple(
        (str(k), format_percent(chosen[k - 1], 1), format_percent(_at(best, k), 1))
        for k in range(1, len(chosen) + 1)
    )
    return figure(head, svg, keys, Table((areas_label, chosen_label, best_label), rows, head.title))


def _at(values: Sequence[Number], k: int) -> Number:
    return values[k - 1] if k <= len(values) else None


def _curves(
    c: Canvas,
    curves: tuple[list[Number], list[Number]],
    marks: Sequence[int],
    words: tuple[str, str, str],
) -> float:
    chosen, best = curves
    top, bottom = 0.8 * c.font, 260.0
    highest = max([*present(chosen), *present(best)])
    ticks = nice_ticks(highest, 0, count=5)
    y = Scale(0, ticks[-1], bottom, top)
    left = text_width("100%", c.font) + 8
    for t in ticks:
        c.line(left, y(t), c.width, y(t), "axis" if t == 0 else "grid")
        c.text(left - 6, y(t) + 0.35 * c.font, format_percent(t), "t2", "end")
    x = Scale(0, len(chosen), left, c.width - 6)
    for curve, style in ((best, "series-2"), (chosen, "series")):
        line = [(x(k), y(v)) if known(v) else None for k, v in enumerate([0.0, *curve])]
        if present(curve):
            c.path(polyline(line), style)
    end = bottom + 0.4 * c.font
    columns = apart([x(k) for k in marks], text_width("00 100.0%", c.font), (left, c.width))
    for k, column in zip(marks, columns, strict=True):
        end = _mark(c, k, column, (_at(chosen, k), _at(best, k)), (x, y))
    c.text(x.end, end + 1.6 * c.font, words[2], "t2", "end")
    return end + 2.2 * c.font


def apart(wanted: Sequence[float], width: float, ends: tuple[float, float]) -> list[float]:
    """Ascending middles of texts of one width, as near to `wanted` as `ends` and manners allow."""
    places: list[float] = []
    for at in wanted:
        lowest = places[-1] + width if places else ends[0] + width / 2
        places.append(max(at, lowest))
    limit = ends[1] - width / 2
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], limit)
        limit = places[i] - width
    return places


def _mark(
    c: Canvas,
    k: int,
    column: float,
    values: tuple[Number, Number],
    scales: tuple[Scale, Scale],
) -> float:
    """A mark on both curves, led down to its own column of words: marks may stand close."""
    x, y = scales
    bottom = y.start
    tops = [y(v) for v in present(values)]
    if tops:
        c.line(x(k), max(tops) + 7, x(k), bottom, "leader-thin")
    knee = bottom + 1.1 * c.font
    c.path(f"M{x(k):.1f} {bottom:.1f}L{column:.1f} {knee:.1f}", "leader")
    base = knee + 1.1 * c.font
    c.text(column, base, k, "tb", "middle")
    signs = (("diamond", "mark-chosen", "tb accent"), ("circle", "mark-open", "t2"))
    for i, (kind, mark, style) in enumerate(signs):
        value = values[i]
        line = base + 1.35 * c.font * (i + 1)
        if known(value):
            text = format_percent(value, 1)
            c.raw(shape(kind, x(k), y(value), mark))
            c.raw(shape(kind, column - text_width(text, c.font) / 2 - 3, line - 4.5, mark, 0.8))
            c.text(column + 6, line, text, style, "middle")
    return base + 2.7 * c.font
