"""Times of day, however a table writes them, as minutes after midnight."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.words import is_missing

DAY = 1440
NONE, UNREADABLE = -1, -2

_CLOCK = re.compile(
    r"(?:.*[T\s])?(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:([AaPp])\.?[Mm]?\.?)?"
    r"\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?\s*(?:hrs?\.?)?",
    re.DOTALL,
)
_HOUR_OF_HALF_DAY = re.compile(r"(\d{1,2})\s*([AaPp])\.?[Mm]\.?")
_MILITARY = re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:hrs?\.?|h)?", re.IGNORECASE)
_FRACTION = re.compile(r"(\d*)(\.\d+(?:[eE]-?\d+)?)")


def clock(hour: int, minute: int, second: int = 0, half: str | None = None) -> int:
    """Minutes after midnight; 24:00 is 1440, the next day's start; UNREADABLE where no clock."""
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return UNREADABLE
    return hour * 60 + minute


def parse_times(texts: Sequence[str]) -> NDArray[np.int16]:
    """Minutes of each text, 0 to 1440; NONE where it says nothing; UNREADABLE else.

    Bare digits are read as a clock without its colon (2210, 45 for 00:45), unless no value of
    the column has more than two digits: then they are hours.
    """
    digits = [m[1] for t in texts if (m := _MILITARY.fullmatch(t.strip()))]
    hours = bool(digits) and all(len(d) <= 2 and int(d) <= 24 for d in digits)
    minutes = np.full(len(texts) + 1, NONE, dtype=np.int16)
    for i, text in enumerate(texts):
        minutes[i] = _minute(text.strip(), hours)
    return minutes


def _minute(text: str, hours: bool) -> int:
    if found := _CLOCK.fullmatch(text):
        return clock(int(found[1]), int(found[2]), int(found[3] or 0), found[4])
    if is_missing(text):
        return NONE
    if found := _MILITARY.fullmatch(text):
        number = int(found[1])
        return clock(number, 0) if hours else clock(number // 100, number % 100)
    if found := _HOUR_OF_HALF_DAY.fullmatch(text):
        return clock(int(found[1]), 0, 0, found[2])
    if (found := _FRACTION.fullmatch(text)) and (int(found[1] or 0) == 0 or len(found[1]) == 5):
        # A spreadsheet keeps a time as a fraction of its day, with a date before the point.
        return min(round(float(found[2]) * DAY), DAY - 1)
    return UNREADABLE
