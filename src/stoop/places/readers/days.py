"""Days as people write them in outlines and lists of sites."""

import calendar
import re
from datetime import date

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ].*)?)?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_YEAR = re.compile(r"\d{4}")


def day(text: str, *, last: bool = False) -> date:
    """The day that a text names; of a month or a year the first day, or with `last` the last.

    Understands 2024-12-01, 2024/12/01, 2024-12-01T00:00:00, 20241201, 12/1/2024 (month first),
    2024-12 and 2024. Raises ValueError for anything else.
    """
    if iso := _ISO.fullmatch(text):
        year, month = int(iso[1]), int(iso[2])
        if iso[3]:
            return date(year, month, int(iso[3]))
        return _of_month(year, month, last=last)
    if american := _AMERICAN.fullmatch(text):
        return date(int(american[3]), int(american[1]), int(american[2]))
    if packed := _PACKED.fullmatch(text):
        return date(int(packed[1]), int(packed[2]), int(packed[3]))
    if _YEAR.fullmatch(text):
        return date(int(text), 12, 31) if last else date(int(text), 1, 1)
    raise ValueError(f"{text!r} is not a date")


def _of_month(year: int, month: int, *, last: bool) -> date:
    first = date(year, month, 1)
    return first.replace(day=calendar.monthrange(year, month)[1]) if last else first
