"""Dates, however a table writes them, as local days and minutes of the day."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.times import clock
from stoop.incidents.readers.words import is_missing, short
from stoop.kernel.errors import Refusal

FIRST_YEAR, LAST_YEAR = 1900, 2100
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# A spreadsheet counts days from here; its first ones are never those of a shooting on record.
_SHEET_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's time is local)
_SHEET_DAYS = (18264, 73415)  # 1950 to 2100

_TAIL = (
    r"(?:(?:T|,?\s+|:)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?:(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?(?::?00)?)?"
    r"|Z)?"
)
_ISO = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TAIL)
_COMPACT = re.compile(r"(?P<year>(?:19|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:\.0*)?" + _TAIL)
_SLASHED = re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<year>\d{4})" + _TAIL)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(\D.*)?", re.DOTALL)
_MONTH_DAY = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    r"(?P<year>\d{4})" + _TAIL
)
_DAY_MONTH = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(?P<day>\d{1,2})[-\s/.]+(?P<name>[A-Za-z]{3,9})\.?[-\s/,.]+"
    r"(?P<year>\d{4})" + _TAIL
)
_NUMBER = re.compile(r"(\d{5}(?:\.\d+)?)|(\d{9,10}(?:\.0*)?)|(\d{12,13}(?:\.0*)?)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

# Of the dates that tell day from month, so many must agree; the others are then rejected.
AGREEMENT = 0.99


@dataclass(frozen=True, slots=True)
class Days:
    """What each distinct text says: `day` (NaT where none), `minute` (-1 where none), and the
    reason why it is no date. One more place at the end serves the code -1, a row without text.
    """

    day: NDArray[np.datetime64]
    minute: NDArray[np.int16]
    reason: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Written:
    """A date as it was written; of a `slashed` one, month and day may yet change places."""

    year: int
    month: int
    day: int
    minute: int | None = None
    offset_minutes: int | None = None
    slashed: bool = False


def parse_days(
    texts: Sequence[str], counts: NDArray[np.int64], zone: ZoneInfo | None, where: str
) -> Days:
    """Read the distinct texts of one date column; `counts` says how many rows carry each.

    Whether 3/4/2019 is March or April is decided by all values of the column together. Raises
    Refusal when they contradict each other, or when years have two digits.
    """
    written: list[_Written | str] = [_written(text.strip()) for text in texts]
    notes: list[str] = []
    _order(written, counts, where, notes)
    _refuse_short_years(written, counts, where)
    whole_days = not any(isinstance(w, _Written) and w.minute for w in written)
    if whole_days and any(isinstance(w, _Written) and w.minute is not None for w in written):
        notes.append(f"Every time in {where} is 00:00, so it is read as no time.")
    zoned = any(isinstance(w, _Written) and w.offset_minutes is not None for w in written)
    if zoned and not whole_days and zone is None:
        notes.append(
            f"Times in {where} carry an offset from UTC and are taken as they are written; say"
            " the city's zone with --timezone (as America/New_York) to have them converted."
        )
    days = np.full(len(texts) + 1, np.datetime64("NaT"), dtype="datetime64[D]")
    minutes = np.full(len(texts) + 1, -1, dtype=np.int16)
    reasons = [""] * len(texts) + ["no date"]
    for i, found in enumerate(written):
        if isinstance(found, str):
            reasons[i] = found
            continue
        try:
            moment = _moment(found, None if whole_days else zone)
        except (ValueError, OverflowError):
            reasons[i] = f"date that no calendar has{short(texts[i])}"
            continue
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            reasons[i] = f"date outside {FIRST_YEAR} to {LAST_YEAR}{short(texts[i])}"
            continue
        days[i] = np.datetime64(moment.date(), "D")
        if found.minute is not None and not whole_days:
            minutes[i] = moment.hour * 60 + moment.minute
    if zone is not None and zoned and not (minutes > 0).any():
        # Local midnights that were written in UTC: days, not times.
        minutes[:] = -1
    return Days(days, minutes, tuple(reasons), tuple(notes))


def _written(text: str) -> _Written | str:
    for pattern in (_ISO, _SLASHED, _COMPACT, _MONTH_DAY, _DAY_MONTH):
        if found := pattern.fullmatch(text):
            return _from_match(found.groupdict(), text)
    if found := _NUMBER.fullmatch(text):
        return _from_number(found, text)
    if is_missing(text):
        return "no date"
    if _SHORT_YEAR.fullmatch(text):
        return f"year of two digits{short(text)}"
    return f"date that cannot be read{short(text)}"


def _from_match(part: dict[str, str | None], text: str) -> _Written | str:
    year = int(part["year"] or 0)
    minute = None
    if part["hour"] is not None:
        seconds = int(part["second"] or 0)
        minute = clock(int(part["hour"]), int(part["minute"] or 0), seconds, part["half"])
        if minute < 0:
            return f"date that cannot be read{short(text)}"
    offset = _offset(part["offset"])
    if part.get("a"):
        a, b = int(part["a"] or 0), int(part["b"] or 0)
        return _Written(year, a, b, minute, offset, slashed=True)
    if name := part.get("name"):
        if name[:3].casefold() not in _MONTHS:
            return "date that cannot be read"
        month = _MONTHS.index(name[:3].casefold()) + 1
    else:
        month = int(part["month"] or 0)
    return _Written(year, month, int(part["day"] or 0), minute, offset)


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
    return -minutes if text[0] == "-" else minutes


def _from_number(found: re.Match[str], text: str) -> _Written | str:
    serial, seconds, milliseconds = found.groups()
    if serial:
        days = float(serial)
        if not _SHEET_DAYS[0] <= days < _SHEET_DAYS[1]:
            return f"date that cannot be read{short(text)}"
        moment = _SHEET_EPOCH + dt.timedelta(minutes=round(days * 1440))
        minute = None if days.is_integer() else moment.hour * 60 + moment.minute
        return _Written(moment.year, moment.month, moment.day, minute)
    since = float(seconds) if seconds else float(milliseconds) / 1000
    moment = _EPOCH + dt.timedelta(seconds=since)
    minute = moment.hour * 60 + moment.minute
    return _Written(moment.year, moment.month, moment.day, minute, offset_minutes=0)


def _moment(found: _Written, zone: ZoneInfo | None) -> dt.datetime:
    day = dt.date(found.year, found.month, found.day)
    moment = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=found.minute or 0)
    if zone is None or found.offset_minutes is None or found.minute is None:
        return moment
    offset = dt.timezone(dt.timedelta(minutes=found.offset_minutes))
    return moment.replace(tzinfo=offset).astimezone(zone)


def _order(
    written: list[_Written | str], counts: NDArray[np.int64], where: str, notes: list[str]
) -> None:
    """Decide once for the column whether the day or the month comes first."""
    slashed = [(i, w) for i, w in enumerate(written) if isinstance(w, _Written) and w.slashed]
    if not slashed:
        return
    month_first = sum(int(counts[i]) for i, w in slashed if w.day > 12 >= w.month)
    day_first = sum(int(counts[i]) for i, w in slashed if w.month > 12 >= w.day)
    decided = month_first + day_first
    if not decided:
        notes.append(
            f"Nothing in {where} tells the month from the day; the month is read first, as in"
            " 12/31/2019."
        )
        return
    if max(month_first, day_first) < AGREEMENT * decided:
        raise Refusal(
            f"{where} mixes dates with the month first ({month_first} rows) and with the day first"
            f" ({day_first} rows); write them all alike, best as 2019-12-31."
        )
    for i, w in slashed:
        if day_first > month_first:
            w.month, w.day = w.day, w.month
        if w.month > 12 >= w.day:
            a, b = (w.day, w.month) if day_first > month_first else (w.month, w.day)
            written[i] = f"day and month the other way round than in the file: {a}/{b}/{w.year}"


def _refuse_short_years(
    written: list[_Written | str], counts: NDArray[np.int64], where: str
) -> None:
    short_years = [
        i for i, w in enumerate(written) if isinstance(w, str) and w.startswith("year of two")
    ]
    if short_years and 2 * sum(int(counts[i]) for i in short_years) > int(counts.sum()):
        raise Refusal(
            f"{where} writes years with two digits, and the century would be a guess; write them"
            " with four."
        )


def out_of_place(days: NDArray[np.datetime64]) -> tuple[np.datetime64, np.datetime64] | None:
    """First and last day beyond which a date stands far from all others, None if too few tell.

    A typing slip in the year (2091 for 2019) is 5 years or more after the 99th percentile; a
    placeholder (1900, 1970) is 20 years or more before the first.
    """
    if days.size < 100:
        return None
    ordered = np.sort(days)
    low, high = ordered[days.size // 100], ordered[days.size - 1 - days.size // 100]
    return low - np.timedelta64(20 * 365, "D"), high + np.timedelta64(5 * 365, "D")
