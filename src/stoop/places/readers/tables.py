"""Small CSV tables, with the columns found by what people call them."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stoop.kernel.errors import Refusal

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Table:
    """A CSV file as text: its name, the header, rows as long as the header, their line numbers."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def find(self, synonyms: Sequence[str]) -> int | None:
        """Position of the first column called by one of the names, the best name first."""
        names = [plain(name) for name in self.header]
        for synonym in synonyms:
            if synonym in names:
                return names.index(synonym)
        return None

    def cell(self, row: Sequence[str], column: int | None) -> str:
        """The text of a cell; empty when the table has no such column."""
        return "" if column is None else row[column]

    @property
    def columns(self) -> str:
        """The header in words, for a sentence."""
        return ", ".join(name for name in self.header if name)


def read_table(path: Path, *, what: str) -> Table:
    """Read a CSV file: comma, semicolon or tab; UTF-8 (BOM or not), UTF-16 or Latin-1.

    Refuses a file that is missing, unreadable, not text, or without a row under its header.
    `what` says what the file should hold, for the sentence.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(
            f"The {what} file {path} cannot be read ({error.strerror or error}); "
            "check its name and folder."
        ) from error
    text = _decode(data)
    filled = [(number, cells) for number, cells in _lines(path, text, what) if any(cells)]
    if len(filled) < 2:
        raise Refusal(
            f"{path.name} has no rows; it needs a line of column names and one line for each "
            f"{what} entry."
        )
    (_, header), *body = filled
    padding = [""] * len(header)
    rows = tuple(tuple([*cells, *padding][: len(header)]) for _, cells in body)
    return Table(path.name, tuple(header), rows, tuple(number for number, _ in body))


def _lines(path: Path, text: str, what: str) -> list[tuple[int, list[str]]]:
    table = csv.reader(io.StringIO(text, newline=""), delimiter=likely_delimiter(text), strict=True)
    try:
        if "\0" in text:
            raise csv.Error("a byte that is no text")
        return [(table.line_num, [cell.strip() for cell in line]) for line in table]
    except csv.Error as error:
        raise Refusal(
            f"{path.name} is not a CSV file ({error}); save the {what} table as CSV (UTF-8)."
        ) from error


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def encoding_of(path: Path) -> str:
    """The codec of a text file that may be too large to hold at once: as `read_table` decides it.

    Raises OSError.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        block = file.read(_BLOCK)
        if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8-sig"


def likely_delimiter(text: str) -> str:
    """What parts the cells of a table, by its header."""
    header = text.lstrip().partition("\n")[0]
    return max(",;\t|", key=header.count)


def plain(name: str) -> str:
    """The name of a column without case, spaces and signs: 'Area code' is 'area_code'."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")
