"""What a reading found: files, rejected rows with their reasons, and notes in plain sentences."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

Use = Literal["nothing", "counts only", "all but the hour"]

NOTHING: Use = "nothing"
COUNTS_ONLY: Use = "counts only"
ALL_BUT_THE_HOUR: Use = "all but the hour"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file as it was read.

    `rows_read` counts the data rows that the file holds; `rows_rejected` those that no number
    uses. `columns` says which headers play which role, `ignored` which headers play none.
    `encoding` and `delimiter` are empty for files that have none.
    """

    name: str
    sha256: str
    kind: str
    encoding: str
    delimiter: str
    rows_read: int
    rows_rejected: int
    columns: Mapping[str, str]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that cannot be used, or not for everything.

    `row` is the data row's number in its file: the row under the header is 1, blank lines are
    not counted. `use` says what the row still serves: 'nothing', 'counts only' (its point is set
    aside) or 'all but the hour' (its time of day is).
    """

    file: str
    row: int
    reason: str
    use: Use

    @property
    def kind(self) -> str:
        """The reason without the offending value, for counting alike reasons together."""
        return self.reason.partition(":")[0]


class Rejects(Sequence[Reject]):
    """Rejects in order of file and row, kept as columns so that a million of them fit."""

    __slots__ = ("_files", "_reasons", "_rows", "_uses")

    def __init__(
        self,
        files: Sequence[str],
        rows: Sequence[int],
        reasons: Sequence[str],
        uses: Sequence[Use],
    ) -> None:
        self._files, self._rows, self._reasons, self._uses = files, rows, reasons, uses

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Reject: ...
    @overload
    def __getitem__(self, index: slice) -> "Rejects": ...
    def __getitem__(self, index: int | slice) -> "Reject | Rejects":
        if isinstance(index, slice):
            return Rejects(
                self._files[index], self._rows[index], self._reasons[index], self._uses[index]
            )
        return Reject(
            self._files[index], self._rows[index], self._reasons[index], self._uses[index]
        )

    def __iter__(self) -> Iterator[Reject]:
        columns = (self._files, self._rows, self._reasons, self._uses)
        return (Reject(*row) for row in zip(*columns, strict=True))


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was read, what was set aside and why, and what the reader should know.

    `rows_later` counts rows dated after the day that was asked for, which nothing else here
    speaks of; rows_read = rows_rejected + rows_later + the rows that were read in.
    `exact_duplicates` counts rows that repeat an earlier row in every column that is used; they
    are kept as published. `notes` are sentences for people.
    """

    files: tuple[FileReport, ...]
    rows_later: int
    rejects: Rejects
    exact_duplicates: int
    notes: tuple[str, ...]

    @property
    def rows_read(self) -> int:
        return sum(file.rows_read for file in self.files)

    @property
    def rows_rejected(self) -> int:
        """Rows that serve nothing; rows read less these are the rows in hand."""
        return sum(file.rows_rejected for file in self.files)

    @property
    def reasons(self) -> dict[tuple[str, Use], int]:
        """Rows per (reason without its value, use), most frequent first."""
        return dict(Counter((reject.kind, reject.use) for reject in self.rejects).most_common())


def write_rejects(report: ReadReport, path: Path) -> None:
    """Write every reject to a UTF-8 CSV file with the columns file, row, reason, use."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "row", "reason", "use"))
        for reject in report.rejects:
            writer.writerow((_inert(reject.file), reject.row, _inert(reject.reason), reject.use))


def _inert(text: str) -> str:
    # A spreadsheet runs a cell that opens with one of these as a formula.
    plain = " ".join(text.split())
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@")) else plain
