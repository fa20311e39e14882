"""Tables out as CSV that no spreadsheet takes for a program."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

# What makes a spreadsheet compute: see OWASP, "CSV Injection".
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def safe(cell: Any) -> Any:
    """A cell that a spreadsheet shows and never computes; numbers stay numbers.

    A text that would be computed gets an apostrophe before it, after leading blanks too.

    >>> safe("=1+1"), safe(-3.5), safe(None)
    ("'=1+1", -3.5, '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool | int | float):
        return cell
    text = str(cell).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_STARTS) else text


class _Line:
    """What csv.writer writes to: gives back the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A header and its rows as lines of CSV (RFC 4180), every cell safe; nothing is held back."""
    writer = csv.writer(_Line())
    yield str(writer.writerow([safe(cell) for cell in header]))
    for row in rows:
        yield str(writer.writerow([safe(cell) for cell in row]))
