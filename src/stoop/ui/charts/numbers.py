"""Numbers as a reader sees them, and the scales that place them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from stoop.ui.charts.words import _

Number = float | int | None

EN_DASH = "–"
MINUS = "−"


def is_missing(value: Number) -> bool:
    """Nothing was measured here. Missing is never zero."""
    return value is None or not math.isfinite(value)


def known(value: Number) -> TypeGuard[float]:
    """Something was measured here."""
    return not is_missing(value)


def present(values: Iterable[Number]) -> list[float]:
    """The values that were measured, as floats."""
    return [float(v) for v in values if known(v)]


def nice_step(span: float, count: int) -> float:
    """The step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into about `count`."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    rough = span / max(count, 1)
    power: float = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 2.5, 5.0):
        if rough <= factor * power * (1 + 1e-9):
            return factor * power
    return 10.0 * power


def nice_ticks(
    high: float, low: float = 0.0, *, count: int = 5, whole: bool = False
) -> list[float]:
    """Round numbers, ascending, whose first is at or below `low` and last at or above `high`.

    `whole` keeps to whole numbers, for counts.
    """
    if high < low:
        low, high = high, low
    if high == low:
        high = low + (abs(low) or 1.0)
    step = nice_step(high - low, count)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


@dataclass(frozen=True)
class Scale:
    """A straight line from numbers (low..high) to drawing units (start..end)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def format_number(value: Number, decimals: int = 0) -> str:
    """1234.5 as '1,234' or '1,234.5'; a missing number in words."""
    if not known(value):
        return _("no data")
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        # Rounding can leave "-0", which is only zero.
        return text[1:] if float(text.replace(",", "")) == 0 else MINUS + text[1:]
    return text


def format_compact(value: Number) -> str:
    """A number for an axis: 950, 12.5k, 3M, 2.5B."""
    if not known(value):
        return _("no data")
    size = abs(value)
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scaled = value / (1e3 if unit == "k" else limit)
            return (format_number(scaled, 1).removesuffix(".0")) + unit
    if size >= 1e16:
        return f"{value:.0e}"
    decimals = 0 if float(value).is_integer() else (1 if size >= 1 else 2)
    return format_number(value, decimals)


def format_percent(share: Number, decimals: int = 0) -> str:
    """0.4995 as '50%'; shares, not hundreds, come in."""
    if not known(share):
        return _("no data")
    return format_number(100 * share, decimals) + "%"


def format_interval(low: Number, high: Number, decimals: int = 0, *, percent: bool = False) -> str:
    """An interval with an en dash; with 'to' where a minus sign would stand beside the dash."""
    if not (known(low) and known(high)):
        return _("no interval")
    factor = 100 if percent else 1
    first, last = format_number(factor * low, decimals), format_number(factor * high, decimals)
    unit = "%" if percent else ""
    if MINUS in first or MINUS in last:
        return _("%(low)s to %(high)s") % {"low": first + unit, "high": last + unit}
    return f"{first}{EN_DASH}{last}{unit}"


def format_estimate(
    value: Number, low: Number, high: Number, decimals: int = 0, *, percent: bool = False
) -> str:
    """A number with its interval behind it: '12.3 (10.1–14.8)'."""
    shown = format_percent(value, decimals) if percent else format_number(value, decimals)
    if is_missing(value) or is_missing(low) or is_missing(high):
        return shown
    return f"{shown} ({format_interval(low, high, decimals, percent=percent)})"
