"""CSV: the delimiter and header found, and a patient parser for files that are not regular."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from stoop.incidents.readers.columns import looks_like_header, recognised
from stoop.incidents.readers.files import Opened
from stoop.incidents.readers.tables import TITLE_ROWS, Table, csv_source, write_table
from stoop.kernel.errors import Refusal

DELIMITERS = (",", ";", "\t", "|")


def read_csv(opened: Opened) -> Table:
    """Find delimiter and header; the rows stay in the file when DuckDB can read them there."""
    lines = _first_lines(opened)
    delimiter, above, header = _layout(lines, opened.name)
    regular = opened.plain and above == 0 and not any("\n" in h or "\r" in h for h in header)
    source = ""
    if regular:
        source = csv_source(opened.path, [f"c{i}" for i in range(len(header))], delimiter)
    return Table(header, source, opened.encoding, delimiter)


def reread_csv(opened: Opened, table: Table, scratch: Path) -> Table:
    """Parse every row in Python, patiently, into a regular file in `scratch`."""
    rows = _records(opened, table.delimiter, len(table.header))
    try:
        for row in rows:
            if tuple(_clean(cell) for cell in row) == table.header:
                break
        target = scratch / f"regular-{len(list(scratch.iterdir()))}.csv"
        source, _ = write_table(rows, table.header, target)
    except csv.Error as error:
        raise Refusal(
            f"{opened.name} cannot be parsed as CSV ({error}); look for a quotation mark that is"
            " never closed, or save the file anew from a spreadsheet."
        ) from error
    return Table(table.header, source, table.encoding, table.delimiter, surplus=True)


def _records(opened: Opened, delimiter: str, width: int) -> Iterator[list[str]]:
    """The records of a file; csv.Error where a quotation mark swallows what follows."""
    raw: list[str] = []
    last = ""

    def lines(file: io.TextIOBase) -> Iterator[str]:
        for line in file:
            raw.append(line.replace("\0", ""))
            yield raw[-1]

    with opened.path.open(encoding=opened.encoding, errors="replace", newline="") as file:
        reader = csv.reader(lines(file), delimiter=delimiter, skipinitialspace=True)
        for record in reader:
            if len(raw) > 1:
                _check_swallowed(record, delimiter, width, reader.line_num)
            last = "".join(raw)
            raw.clear()
            yield record
        if _open_ended(last, delimiter):
            raise csv.Error(f"line {reader.line_num} ends inside quotation marks")


def _check_swallowed(record: list[str], delimiter: str, width: int, line_num: int) -> None:
    # A line within a quoted cell that has as many fields as a row of its own is one.
    lines = (line for cell in record if "\n" in cell or "\r" in cell for line in cell.splitlines())
    if width > 2 and any(line.count(delimiter) >= width - 1 for line in lines):
        raise csv.Error(f"a cell that ends in line {line_num} holds whole rows")


def _open_ended(record: str, delimiter: str) -> bool:
    try:
        for _ in csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error) or ("\n" in record.strip() and record.count('"') % 2 > 0)
    return False


def _first_lines(opened: Opened) -> list[str]:
    with opened.path.open(encoding=opened.encoding, errors="replace", newline="") as file:
        text = file.read(1 << 18)
    whole = len(text) < 1 << 18
    lines = io.StringIO(text.replace("\0", ""), newline="").readlines()
    if not whole:
        lines = lines[:-1] or lines
    return lines[: 4 * TITLE_ROWS]


def _layout(lines: list[str], name: str) -> tuple[str, int, tuple[str, ...]]:
    best: tuple[tuple[int, int], str, int, tuple[str, ...]] | None = None
    for delimiter in DELIMITERS:
        for above, record in enumerate(_head_records(lines, delimiter)):
            score = (recognised(record), len(record) if above == 0 else 0)
            if best is None or score > best[0]:
                best = (score, delimiter, above, record)
    if best is None:
        raise Refusal(f"{name} has no header that can be parsed; save it anew as plain CSV.")
    (known, _), delimiter, above, header = best
    if not known and not looks_like_header(header):
        raise Refusal(
            f"{name} seems to have no header: its first row holds data; write the column names"
            " above it."
        )
    return delimiter, above, header


def _head_records(lines: list[str], delimiter: str) -> list[tuple[str, ...]]:
    records: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            if any(cell.strip() for cell in row):
                records.append(tuple(_clean(cell) for cell in row))
            if len(records) > TITLE_ROWS:
                break
    except csv.Error:
        return records
    return records


def _clean(cell: str) -> str:
    return cell.strip().lstrip("\ufeff").strip()
