"""Where and since when programs work, from a list whose columns the study names."""

import csv
import re
from calendar import monthrange
from datetime import date
from pathlib import Path

from stoop.evaluation.models import Site, Sites
from stoop.kernel.errors import Refusal
from stoop.places.queries import area_code

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def read_sites(path: Path, *, area: str, start: str, end: str | None) -> Sites:
    """The programs of a CSV with the columns area, start and, where named, end.

    Dates are 2016, 2016-05 or 2016-05-31; a start counts from its first day, an end to its last. A
    line without a start is a plan: counted and left out. Raises Refusal for a column that is not
    there, a line without an area, and a date that is none or runs backwards.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            header = [name for name in table.fieldnames or [] if name]
            for name in filter(None, (area, start, end)):
                if name not in header:
                    raise Refusal(
                        f"{path.name} has no column {name!r} (its columns are "
                        f"{', '.join(header)}); name the right one in [treatment]."
                    )
            rows = [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{path.name} is no CSV file in UTF-8; save it as one.") from error
    programs, planned = [], 0
    for line, row in rows:
        where = f"Line {line} of {path.name}"
        code = area_code(row[area])
        if not code:
            raise Refusal(f"{where} names no area; fill it in or take the line out.")
        began = _day(row[start], where, last=False)
        if began is None:
            planned += 1
            continue
        ended = _day(row[end], where, last=True) if end else None
        if ended and ended < began:
            raise Refusal(f"{where} ends on {ended}, before it starts; mend one of the dates.")
        programs.append(Site(code, began, ended, "-" in (row[start] or "")))
    if not programs:
        raise Refusal(f"{path.name} names no program with a start; a study needs one or more.")
    return Sites(tuple(programs), planned)


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
