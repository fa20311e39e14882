"""Where and since when programs work, from a list whose columns the study names."""

import csv
import re
from calendar import monthrange
from collections import Counter
from datetime import date
from pathlib import Path

from stoop.evaluation.models import Site, Sites, Status
from stoop.evaluation.readers.keys import shown
from stoop.kernel.errors import Refusal
from stoop.places.queries import area_code

# What the platform writes as a status. In a list of these alone, one that no line has is no slip:
# a design is frozen before its list is written.
PLATFORM = frozenset({"operational", "start_up", "closed", "covered", "planned"})

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def read_sites(
    path: Path, *, area: str, start: str, end: str | None, status: Status | None = None
) -> Sites:
    """The programs of a CSV with the columns area, start and, where named, end and status.

    Dates are 2016, 2016-05 or 2016-05-31; a start counts from its first day, an end to its last. A
    line without a start is a plan: counted and left out. With a status, a line counts only where
    that is among those at work, or among the closed, which must say when they ended. Raises Refusal
    for a column or a status that is not there, a line without an area, and a date that is none or
    runs backwards.
    """
    rows = _rows(path, [name for name in (area, start, end, status and status.column) if name])
    words = [" ".join((row[status.column] or "").split()) if status else "" for _, row in rows]
    counted = (*status.at_work, *status.closed) if status else ("",)
    known = {*words, *PLATFORM} if PLATFORM.issuperset(words) else set(words)
    for wanted in counted:
        if wanted not in known and status:
            there = ", ".join(repr(shown(each)) for each in sorted(set(words))[:5])
            raise Refusal(
                f"No line of {path.name} has the status {shown(wanted)!r} (there are {there}); "
                "write it alike."
            )
    programs, planned, otherwise = [], 0, Counter[str]()
    for (line, row), word in zip(rows, words, strict=True):
        where = f"Line {line} of {path.name}"
        site = _site(row, where, area=area, start=start, end=end)
        if word not in counted:
            otherwise[word] += 1
        elif site is None:
            planned += 1
        elif status and word in status.closed and site.end is None:
            raise Refusal(f"{where} is {shown(word)!r} and gives no end; fill in when it closed.")
        else:
            programs.append(site)
    if not programs:
        raise Refusal(f"{path.name} names no program with a start; a study needs one or more.")
    return Sites(tuple(programs), planned, tuple(sorted(otherwise.items())))


def _site(
    row: dict[str, str | None], where: str, *, area: str, start: str, end: str | None
) -> Site | None:
    """One line; None where it is a plan."""
    code = area_code(row[area])
    if not code:
        raise Refusal(f"{where} names no area; fill it in or take the line out.")
    began = _day(row[start], where, last=False)
    ended = _day(row[end], where, last=True) if end else None
    if began is None:
        return None
    if ended and ended < began:
        raise Refusal(f"{where} ends on {ended}, before it starts; mend one of the dates.")
    return Site(code, began, ended, "-" in (row[start] or ""))


def _rows(path: Path, needed: list[str]) -> list[tuple[int, dict[str, str | None]]]:
    """The lines of the file with their numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            header = [name for name in table.fieldnames or [] if name]
            for name in needed:
                if name not in header:
                    raise Refusal(
                        f"{path.name} has no column {shown(name)!r} (its columns are "
                        f"{shown(', '.join(header))}); name the right one in [treatment]."
                    )
            return [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{path.name} is no CSV file in UTF-8; save it as one.") from error


def _day(text: str | None, where: str, *, last: bool) -> date | None:
    written = (text or "").strip()
    if not written:
        return None
    found = _WRITTEN.fullmatch(written)
    try:
        if not found:
            raise ValueError(written)
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        day = int(found[3] or (monthrange(year, month)[1] if last else 1))
        return date(year, month, day)
    except ValueError as error:
        raise Refusal(
            f"{where} gives {written[:40]!r} as a date; write 2016, 2016-05 or 2016-05-31."
        ) from error
