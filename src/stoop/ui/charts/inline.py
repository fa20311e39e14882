"""Small pictures that stand inside a line or a cell, beside the numbers they repeat.

They are hidden from screen readers: the number next to them says the same.
"""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from stoop.ui.charts.numbers import Number, Scale, known, present
from stoop.ui.charts.svg import number_of, polyline, safe

WIDTH, HEIGHT = 112.0, 20.0


def interval(
    low: Number, value: Number, high: Number, *, start: float, end: float, zero: Number = None
) -> SafeString:
    """A dot with its whisker on an axis from `start` to `end`; `zero` marks 'no difference'.

    Ends beyond the axis are cut and drawn as arrows. Nothing to draw without a value.
    """
    if not known(value) or not end > start:
        return safe("")
    x = Scale(start, end, 6, WIDTH - 6)
    middle = HEIGHT / 2
    parts = [f'<path class="axis" d="M2 {middle}H{WIDTH - 2:g}"/>']
    if known(zero) and start <= zero <= end:
        parts.append(f'<path class="zero" d="M{number_of(x(zero))} 2V{HEIGHT - 2:g}"/>')
    if known(low) and known(high):
        low, high = sorted((low, high))
        a, b = x(min(max(low, start), end)), x(max(min(high, end), start))
        d = f"M{number_of(a)} {middle}H{number_of(b)}"
        d += _end(a, middle, -1 if low < start else 0) + _end(b, middle, 1 if high > end else 0)
        parts.append(f'<path class="whisker" d="{d}"/>')
    if start <= value <= end:
        dot = number_of(x(value))
        parts.append(f'<circle class="mark" cx="{dot}" cy="{middle:g}" r="4.5"/>')
    return _inline("interval", "".join(parts))


def _end(x: float, y: float, arrow: int) -> str:
    at, back = number_of(x), number_of(x - 5 * arrow)
    if arrow:
        return f"M{back} {y - 4:g}L{at} {y:g}L{back} {y + 4:g}"
    return f"M{at} {y - 4:g}V{y + 4:g}"


def sparkline(values: Sequence[Number], *, low: float = 0.0, high: Number = None) -> SafeString:
    """A line of values from `low` (zero unless said) up; the last has a dot, gaps are gaps."""
    numbers = present(values)
    if not numbers:
        return safe("")
    top = high if known(high) else max([*numbers, low])
    y = Scale(low, top if top > low else low + 1, HEIGHT - 4, 4)
    x = Scale(0, max(len(values) - 1, 1), 4, WIDTH - 6)
    points = [(x(i), y(v)) if known(v) else None for i, v in enumerate(values)]
    cx, cy = next(p for p in reversed(points) if p)
    base = f'<path class="grid" d="M2 {number_of(y(low))}H{WIDTH - 2:g}"/>'
    line = f'<path class="series" d="{polyline(points)}"/>'
    dot = f'<circle class="spark-end" cx="{number_of(cx)}" cy="{number_of(cy)}" r="3"/>'
    return _inline("sparkline", base + line + dot)


def _inline(kind: str, inner: str) -> SafeString:
    return safe(
        f'<svg class="inline {kind}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-hidden="true" '
        f'focusable="false">{inner}</svg>'
    )
