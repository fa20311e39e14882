"""Where a city's prevention programs work, from its list of sites."""

from datetime import date
from pathlib import Path

from stoop.kernel.errors import Refusal
from stoop.kernel.rejects import RejectedRow, as_line
from stoop.places.models import Program, area_code
from stoop.places.readers.days import day
from stoop.places.readers.population import AREA_NAMES
from stoop.places.readers.tables import Table, read_table

SYNONYMS = {
    "area": tuple(name for name in AREA_NAMES if name not in ("neighborhood", "id", "name")),
    "program": ("program", "program_name", "programme", "site", "site_name", "name"),
    "provider": ("provider", "organization", "organisation", "agency", "contractor", "operator"),
    "neighborhood": ("neighborhood", "neighbourhood", "catchment", "location", "place"),
    "start": (
        "start", "start_month", "start_date", "started", "opened", "launch", "launch_date",
        "start_year",
    ),
    "end": ("end", "end_month", "end_date", "ended", "closed", "close_date", "end_year"),
    "planned_start": ("planned_start", "planned", "planned_start_date", "expected_start"),
}  # fmt: skip
# What people write where there is nothing to write.
_NOTHING = frozenset({"", "tbd", "n/a", "na", "none", "null", "(null)", "-", "?", "unknown"})


def read_programs(path: str | Path) -> tuple[Program, ...]:
    """The programs of a list of sites, one a line, in the order of the file.

    Columns are found by usual names (`precinct`, `program`, `provider`, `neighborhood`,
    `start_month`, `end_month`, `planned_start`, `status...`); only the area and a start are
    needed. A month counts from its first day to its last. Several programs may work in one area.

    Refuses (Refusal) a missing file, area or start column, a line without an area, a date that is
    none, and an end before its start.
    """
    table, columns = _opened(Path(path))
    try:
        return tuple(_program(table, row, columns) for row in range(len(table.rows)))
    except _LineError as error:
        raise Refusal(f"Line {error.line} of {table.name} {error}.") from error


def read_program_list(path: Path) -> tuple[tuple[Program, ...], tuple[RejectedRow, ...]]:
    """The same, with the lines that cannot be used set aside; refuses a list of nothing else."""
    table, columns = _opened(path)
    programs: list[Program] = []
    rejects: list[RejectedRow] = []
    for row, cells in enumerate(table.rows):
        try:
            programs.append(_program(table, row, columns))
        except _LineError as error:
            rejects.append(RejectedRow(table.name, row + 1, str(error), as_line(cells)))
    if not programs:
        raise Refusal(f"No line of {table.name} can be used: the first {rejects[0].reason}.")
    return tuple(programs), tuple(rejects)


class _LineError(ValueError):
    """What is wrong with a line of the file, in words that follow its number."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def _opened(path: Path) -> tuple[Table, dict[str, int | None]]:
    table = read_table(path, what="sites")
    columns = {noun: table.find(names) for noun, names in SYNONYMS.items()}
    columns["status"] = _status_column(table)
    for noun, wanted in (("area", "precinct"), ("start", "start_month")):
        if columns[noun] is None:
            raise Refusal(
                f"{table.name} has no column for the {noun} of a program (its columns are "
                f"{table.columns}); call it {wanted!r}."
            )
    return table, columns


def _status_column(table: Table) -> int | None:
    """A status column often carries its date in its name, as `status_2022_01`."""
    for place, name in enumerate(table.header):
        if name.lower().startswith("status"):
            return place
    return None


def _program(table: Table, row: int, columns: dict[str, int | None]) -> Program:
    line = table.lines[row]

    def text(noun: str) -> str:
        cell = table.cell(table.rows[row], columns[noun])
        return "" if cell.lower() in _NOTHING else cell

    def when(noun: str, *, last: bool = False) -> date | None:
        written = text(noun)
        if not written:
            return None
        try:
            return day(written, last=last)
        except ValueError as error:
            raise _LineError(
                line,
                f"gives {written!r} as the {_words(noun)} of a program; write it as 2021-07 or "
                "2021-07-15",
            ) from error

    area = area_code(text("area"))
    if not area:
        raise _LineError(line, "names no area; write where it works")
    start, end = when("start"), when("end", last=True)
    if start and end and end < start:
        raise _LineError(
            line,
            f"ends a program on {end} before it starts on {start}; mend one of the two dates",
        )
    return Program(
        area=area,
        program=text("program"),
        provider=text("provider"),
        neighborhood=text("neighborhood"),
        start=start,
        end=end,
        planned_start=when("planned_start"),
        status=text("status"),
    )


def _words(noun: str) -> str:
    return noun.replace("_", " ")
