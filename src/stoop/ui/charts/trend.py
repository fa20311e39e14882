"""How much, over time: years and months."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stoop.ui.charts.axes import count_ticks, left_axis, spread
from stoop.ui.charts.figure import Figure, Head, Key, Table, empty_figure, figure
from stoop.ui.charts.numbers import (
    Number,
    Scale,
    format_compact,
    format_interval,
    format_number,
    is_missing,
    known,
    present,
)
from stoop.ui.charts.svg import Canvas, picture, polyline, shape, text_width
from stoop.ui.charts.words import _


@dataclass(frozen=True)
class Year:
    """One column: incidents, and victims where they are counted too. `partial`: not over yet."""

    label: str
    incidents: Number
    victims: Number = None
    partial: bool = False


@dataclass(frozen=True)
class Band:
    """What the long run was: an interval of incidents a year, its middle, and words for it."""

    low: float
    high: float
    label: str
    middle: Number = None


@dataclass(frozen=True)
class Month:
    """One bar. `rolling` is the mean of the twelve months that end here (so, per month)."""

    label: str
    value: Number
    rolling: Number = None
    partial: bool = False


def years(
    head: Head,
    points: Sequence[Year],
    *,
    incidents_label: str,
    victims_label: str = "",
    partial_label: str = "",
    band: Band | None = None,
    year_label: str = "",
) -> Figure:
    """Columns of incidents with a diamond for victims; on a phone the columns lie down.

    A year that is not over is hatched and carries a star. Years without a number are dotted.
    """
    if not present([p.incidents for p in points]):
        return empty_figure(head)
    values = [v for p in points for v in (p.incidents, p.victims)]
    ticks = count_ticks([*values, band.high if band else None], count=5)
    svg = picture(
        head.id,
        head.title,
        head.desc,
        lambda c: (_years_lying if c.narrow else _years_upright)(c, points, ticks, band),
    )
    with_victims = bool(present([p.victims for p in points]))
    keys = [Key(incidents_label, "bar")]
    if with_victims:
        keys.append(Key(victims_label or _("Victims"), "mark", "diamond"))
    if any(p.partial for p in points):
        keys.append(Key("* " + (partial_label or _("Year not over")), "bar-part", "hatch"))
    if band:
        keys.append(Key(band.label, "band"))
    if any(is_missing(p.incidents) for p in points):
        keys.append(Key(_("No data"), "missing", "dots"))
    headers: tuple[str, ...] = (year_label or _("Year"), incidents_label)
    rows: list[tuple[str, ...]] = [(_starred(p), format_number(p.incidents)) for p in points]
    if with_victims:
        headers += (victims_label or _("Victims"),)
        rows = [(*row, format_number(p.victims)) for row, p in zip(rows, points, strict=True)]
    if band:
        # A row of its own would break the column of years: the band is said in the key as well.
        interval = format_interval(band.low, band.high)
        rows.append((band.label, interval, *["–"] * len(headers[2:])))
    return figure(head, svg, keys, Table(headers, tuple(rows), head.title))


def _starred(point: Year | Month) -> str:
    return point.label + ("*" if point.partial else "")


def _years_upright(
    c: Canvas, points: Sequence[Year], ticks: Sequence[float], band: Band | None
) -> float:
    top, bottom = 2.2 * c.font, 300.0
    y = Scale(ticks[0], ticks[-1], bottom, top)
    left = left_axis(c, ticks, y, c.width)
    slot = (c.width - left) / len(points)
    width = min(slot * 0.88, 64)
    if band:
        c.rect(left, y(band.high), c.width - left, y(band.low) - y(band.high), "band")
    step = spread([p.label for p in points], c.width - left, c.font)
    for i, p in enumerate(points):
        middle = left + (i + 0.5) * slot
        if i % step == 0 or p.partial:
            c.text(middle, bottom + 1.4 * c.font, _starred(p), "tb" if p.partial else "", "middle")
        if known(p.incidents):
            at = y(p.incidents)
            _bar(c, middle - width / 2, at, width, bottom - at, p.partial)
        else:
            c.rect(middle - width / 2, top, width, bottom - top, "missing", c.fill("dots"))
    if band:
        _band_edges(c, band, lambda v: (left, y(v), c.width, y(v)))
    c.line(left, bottom, c.width, bottom, "axis")
    for i, p in enumerate(points):
        _label_upright(c, p, left + (i + 0.5) * slot, (width, slot), y)
    return bottom + 2 * c.font


def _label_upright(c: Canvas, p: Year, middle: float, room: tuple[float, float], y: Scale) -> None:
    """Incidents at the foot of the column, the diamond of victims with its number above it."""
    text = format_compact(p.incidents)
    if known(p.incidents) and text_width(text, c.font) <= room[0] + 2:
        if y.start - y(p.incidents) >= 1.6 * c.font:
            c.text(middle, y.start - 0.5 * c.font, text, _inside(p), "middle")
        elif not known(p.victims):
            c.text(middle, y(p.incidents) - 0.4 * c.font, text, "", "middle")
    if known(p.victims):
        c.raw(shape("diamond", middle, y(p.victims), "mark"))
        text = format_compact(p.victims)
        if text_width(text, c.font) <= room[1]:
            c.text(middle, y(p.victims) - 0.75 * c.font, text, "t2 halo", "middle")


def _years_lying(
    c: Canvas, points: Sequence[Year], ticks: Sequence[float], band: Band | None
) -> float:
    row, thick = 26.0, 19.0
    left = max(text_width(_starred(p), c.font) for p in points) + 4
    victims = present([p.victims for p in points])
    spare = text_width(format_compact(ticks[-1]), c.font) / 2 + 2
    if victims:
        spare = max(spare, text_width(format_compact(max(victims)), c.font) + 14)
    top = 1.6 * c.font
    bottom = top + row * len(points)
    x = Scale(ticks[0], ticks[-1], left, c.width - spare)
    if band:
        c.rect(x(band.low), top, x(band.high) - x(band.low), bottom - top, "band")
    for tick in ticks:
        c.line(x(tick), top, x(tick), bottom, "axis" if tick == 0 else "grid")
        c.text(x(tick), top - 0.5 * c.font, format_compact(tick), "t2", "middle")
    for i, p in enumerate(points):
        middle = top + (i + 0.5) * row
        c.text(left - 6, middle + 0.36 * c.font, _starred(p), "tb" if p.partial else "", "end")
        if known(p.incidents):
            _bar(c, left, middle - thick / 2, x(p.incidents) - left, thick, p.partial)
        else:
            c.rect(left, middle - thick / 2, x.end - left, thick, "missing", c.fill("dots"))
    if band:
        _band_edges(c, band, lambda v: (x(v), top, x(v), bottom))
    for i, p in enumerate(points):
        _label_lying(c, p, top + (i + 0.5) * row, x)
    return bottom + 4


def _label_lying(c: Canvas, p: Year, middle: float, x: Scale) -> None:
    base = middle + 0.36 * c.font
    text = format_compact(p.incidents)
    if known(p.incidents):
        if x(p.incidents) - x.start >= text_width(text, c.font) + 8:
            c.text(x.start + 5, base, text, _inside(p))
        elif not known(p.victims):
            c.text(x(p.incidents) + 5, base, text, "halo")
    if known(p.victims):
        c.raw(shape("diamond", x(p.victims), middle, "mark", 0.9))
        c.text(x(p.victims) + 9, base, format_compact(p.victims), "t2 halo")


def _inside(p: Year) -> str:
    return "tb halo" if p.partial else "on-bar"


def _bar(c: Canvas, x: float, y: float, width: float, height: float, partial: bool) -> None:
    if partial:
        c.rect(x, y, width, height, "bar-part", c.fill("hatch"))
    else:
        c.rect(x, y, width, height, "bar")


def _band_edges(
    c: Canvas, band: Band, ends: Callable[[float], tuple[float, float, float, float]]
) -> None:
    # Dashed over the columns, so that the band is seen to run behind them.
    for value in (band.low, band.high):
        c.line(*ends(value), "band-edge")
    if known(band.middle):
        c.line(*ends(band.middle), "band-middle")


def months(
    head: Head,
    points: Sequence[Month],
    *,
    value_label: str,
    rolling_label: str = "",
    partial_label: str = "",
    month_label: str = "",
    decimals: int = 0,
) -> Figure:
    """Monthly bars with the rolling mean as a line; labels are 'YYYY-MM' or any words.

    The year of a 'YYYY-MM' label is written under its January.
    """
    if not present([p.value for p in points]):
        return empty_figure(head)
    with_line = bool(present([p.rolling for p in points]))
    ticks = count_ticks([v for p in points for v in (p.value, p.rolling)], count=4)
    svg = picture(head.id, head.title, head.desc, lambda c: _months(c, points, ticks, decimals))
    keys = [Key(value_label, "bar-soft")]
    if with_line:
        keys.append(Key(rolling_label or _("Mean of the 12 months up to then"), "series", "line"))
    if any(p.partial for p in points):
        keys.append(Key("* " + (partial_label or _("Month not over")), "bar-part", "hatch"))
    if any(is_missing(p.value) for p in points):
        keys.append(Key(_("No data"), "missing", "dots"))
    headers: tuple[str, ...] = (month_label or _("Month"), value_label)
    rows: list[tuple[str, ...]] = [
        (p.label + ("*" if p.partial else ""), format_number(p.value)) for p in points
    ]
    if with_line:
        headers += (rolling_label or _("Mean of the 12 months up to then"),)
        rows = [(*r, format_number(p.rolling, 1)) for r, p in zip(rows, points, strict=True)]
    return figure(head, svg, keys, Table(headers, tuple(rows), head.title))


def _months(c: Canvas, points: Sequence[Month], ticks: Sequence[float], decimals: int) -> float:
    top, bottom = 1.2 * c.font, 240.0
    y = Scale(ticks[0], ticks[-1], bottom, top)
    last = next((p.rolling for p in reversed(points) if not is_missing(p.rolling)), None)
    end_text = format_number(last, 1) if last is not None else ""
    right = c.width - (text_width(end_text, c.font) + 8 if end_text else 0)
    left = left_axis(c, ticks, y, right)
    slot = (right - left) / len(points)
    gap = 0.25 * slot if slot > 4 else 0
    soft: list[str] = []
    for i, p in enumerate(points):
        x = left + i * slot
        if not known(p.value):
            c.rect(x, top, slot, bottom - top, "missing", c.fill("dots"))
        elif p.partial:
            c.rect(
                x + gap / 2,
                y(p.value),
                slot - gap,
                bottom - y(p.value),
                "bar-part",
                c.fill("hatch"),
            )
        else:
            soft.append(_column(x + gap / 2, y(p.value), slot - gap, bottom))
    c.path("".join(soft), "bar-soft")
    line = [
        (left + (i + 0.5) * slot, y(p.rolling)) if known(p.rolling) else None
        for i, p in enumerate(points)
    ]
    c.path(polyline(line), "series-halo")
    c.path(polyline(line), "series")
    ends = [p for p in line if p]
    if ends:
        c.text(ends[-1][0] + 8, ends[-1][1] + 0.35 * c.font, end_text, "tb halo")
    c.line(left, bottom, right, bottom, "axis")
    _month_names(c, points, left, slot, bottom)
    return bottom + 2 * c.font


def _column(x: float, y: float, width: float, bottom: float) -> str:
    # Two decimals: with 180 bars in a phone's width, rounding to one shows as uneven gaps.
    return f"M{x:.2f} {bottom:g}V{y:.1f}h{width:.2f}V{bottom:g}z"


def _month_names(
    c: Canvas, points: Sequence[Month], left: float, slot: float, bottom: float
) -> None:
    """Years where they begin if the labels are months, else as many labels as fit."""
    named = [(i, p.label[:4]) for i, p in enumerate(points) if p.label[4:] == "-01"]
    if len(named) >= 2:
        step = spread([text for _i, text in named], slot * 12 * len(named), c.font)
        for i, _text in named:
            c.line(left + i * slot, bottom, left + i * slot, bottom + 5, "axis")
        named = named[::step]
    else:
        step = spread([p.label for p in points], slot * len(points), c.font)
        named = [(i, p.label) for i, p in enumerate(points)][::step]
    for i, text in named:
        x = min(left + i * slot, c.width - text_width(text, c.font))
        c.text(x, bottom + 1.4 * c.font, text, "t2")
