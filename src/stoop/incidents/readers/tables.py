"""Tables: a header and a place from which DuckDB reads the rows, whatever the file was."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Where a Python reader writes how many fields a row had beyond its header.
SURPLUS = "surplus"
# Exports often carry a title or two above the header; no header stands below more rows than these.
TITLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Table:
    """A header and an SQL source whose columns are c0, c1, ... in the header's order.

    All columns are text but `surplus`, which tells that the source has one more column, named so,
    with the number of fields that a row has too many.
    """

    header: tuple[str, ...]
    source: str
    encoding: str = ""
    delimiter: str = ""
    surplus: bool = False
    notes: tuple[str, ...] = ()


def csv_source(path: Path, columns: Sequence[str], delimiter: str) -> str:
    """The SQL that reads a regular UTF-8 CSV file; anything irregular makes DuckDB refuse it."""
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv({literal_path(path)}, columns={{{types}}}, header=true, auto_detect=false,"
        f" delim={_literal(delimiter)}, quote='\"', escape='\"', comment='', nullstr='',"
        " compression='none', strict_mode=true, max_line_size=4000000)"
    )


def write_table(
    rows: Iterable[Sequence[str]], header: Sequence[str], path: Path
) -> tuple[str, bool]:
    """Write rows as a regular CSV file and return its source, and whether any row was kept.

    A short row is filled up, the fields that a row has too many are counted when they hold
    anything. Blank lines are left out.
    """
    width, wrote = len(header), False
    names = [*(f"c{i}" for i in range(width)), SURPLUS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            cells = [_flat(cell) for cell in row]
            if not any(cells[:1]) and len(cells) < 2:
                continue
            wrote = True
            surplus = sum(1 for cell in cells[width:] if cell)
            cells = cells[:width] + [""] * (width - len(cells))
            writer.writerow((*cells, str(surplus)))
    return csv_source(path, names, ","), wrote


def literal_path(path: Path) -> str:
    """A path as an SQL text in which no character is a wildcard."""
    return _literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path.absolute())))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _flat(cell: str) -> str:
    if cell.isprintable():
        return cell.strip()
    # Line ends and stray control characters inside a cell never matter to what is read here.
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())
