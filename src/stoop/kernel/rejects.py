"""Rows of somebody's file that cannot be used: which, why, and as they were."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stoop.kernel.csvs import lines
from stoop.kernel.errors import Refusal

_HEAD = ("file", "row", "reason", "use", "said")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row of a file; `row` 1 is the one under the header, blank lines are not counted.

    reason: in words, for whoever can mend it. use: what the row still serves. said: the row as it
    was.
    """

    file: str
    row: int
    reason: str
    said: str
    use: str = "nothing"

    def __repr__(self) -> str:
        # What a row says has no place in a log or a failing test.
        return f"RejectedRow({self.file} {self.row}: {self.reason.partition(':')[0]})"


def as_line(cells: Sequence[str]) -> str:
    """A row's cells as one line of CSV.

    >>> as_line(["12", "Mill Lane, rear"])
    '12,"Mill Lane, rear"'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def write(path: Path, rejects: Iterable[RejectedRow]) -> None:
    """Write them as CSV, each cell safe for a spreadsheet, with a header also when there is none.

    Raises Refusal where the file cannot be written.
    """
    rows = ((r.file, r.row, r.reason, r.use, r.said) for r in rejects)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines(_HEAD, rows))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise Refusal(f"Cannot write {path} ({reason}); name another file.") from error
