"""XLSX: the sheet that holds shootings, its typed cells written out as text."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import python_calamine

from stoop.incidents.readers.columns import recognised
from stoop.incidents.readers.files import Opened
from stoop.incidents.readers.tables import TITLE_ROWS, Table, write_table
from stoop.kernel.errors import Refusal


def read_workbook(opened: Opened, scratch: Path) -> Table:
    """Find the sheet and the row of its header, and write the rows below as a table."""
    sheets = _sheets(opened)
    best: tuple[int, str, int, list[list[str]]] | None = None
    for name, rows in sheets:
        for above, row in enumerate(rows[: TITLE_ROWS + 1]):
            score = recognised(row)
            if best is None or score > best[0]:
                best = (score, name, above, rows)
    if best is None:
        raise Refusal(f"{opened.name} has no sheet with rows; give one with a header and rows.")
    _, sheet, above, rows = best
    header = _trimmed(rows[above])
    source, _ = write_table(rows[above + 1 :], header, scratch / f"{opened.sha256}.csv")
    notes: tuple[str, ...] = ()
    if len(sheets) > 1:
        notes = (f"{opened.name} has {len(sheets)} sheets; '{sheet[:40]}' was read.",)
    return Table(header, source, surplus=True, notes=notes)


def _sheets(opened: Opened) -> list[tuple[str, list[list[str]]]]:
    try:
        with opened.path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            return [
                (name, rows)
                for name in book.sheet_names
                if (rows := list(_texts(book.get_sheet_by_name(name).to_python())))
            ]
    except BaseException as error:
        # A panic of the parser is no Exception, yet it means a broken file like any other.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Refusal(
                f"{opened.name} cannot be read as XLSX; open and save it anew, or save it as CSV."
            ) from error
        raise


def _texts(rows: Sequence[Sequence[object]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield cells


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.timedelta):
        # A time of day that the sheet formats as a span of hours.
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return str(cell).strip()


def _trimmed(row: Sequence[str]) -> tuple[str, ...]:
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
