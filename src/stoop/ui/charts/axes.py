"""Axes that several charts share."""

from collections.abc import Sequence

from stoop.ui.charts.numbers import Scale, format_compact, nice_ticks, present
from stoop.ui.charts.svg import Canvas, text_width


def count_ticks(values: Sequence[float | None], *, count: int = 4) -> list[float]:
    """Ticks from zero for counts or rates; at least 0 and 1."""
    highest = max([*present(values), 0.0])
    whole = all(v == int(v) for v in present(values))
    return nice_ticks(highest or 1.0, 0.0, count=count, whole=whole)


def left_axis(
    canvas: Canvas, ticks: Sequence[float], y: Scale, right: float, label: str = ""
) -> float:
    """Grid lines with their numbers at the left; returns where the plot begins."""
    texts = [format_compact(t) for t in ticks]
    left = max(text_width(t, canvas.font) for t in texts) + 6
    if label:
        canvas.text(0, y.end - canvas.font, label, "t2")
    for tick, text in zip(ticks, texts, strict=True):
        at = y(tick)
        canvas.line(left, at, right, at, "axis" if tick == 0 else "grid")
        canvas.text(left - 6, at + canvas.font * 0.35, text, "t2", "end")
    return left


def spread(labels: Sequence[str], room: float, font: float) -> int:
    """Show every n-th of equally spaced labels so that none touch in `room` units."""
    if not labels:
        return 1
    widest = max(text_width(text, font) for text in labels) + 0.6 * font
    each = room / len(labels)
    for step in (1, 2, 3, 5, 10, 12, 20, 25, 50, 100, 500):
        if each * step >= widest:
            return step
    return len(labels)


def whisker(canvas: Canvas, ends: tuple[float, float], y: float, chosen: bool = False) -> None:
    """An interval from end to end (drawing units), with caps."""
    style = "whisker-chosen" if chosen else "whisker"
    canvas.line(ends[0], y, ends[1], y, style)
    for x in ends:
        canvas.line(x, y - 4, x, y + 4, style)
