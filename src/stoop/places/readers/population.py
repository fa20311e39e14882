"""How many people live in each area, from a CSV file."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from stoop.kernel.errors import Refusal
from stoop.places.models import area_code
from stoop.places.readers.tables import Table, plain, read_table

AREA_NAMES = (
    "area", "area_code", "code", "precinct", "police_precinct", "pct", "district",
    "police_district", "beat", "sector", "neighborhood", "ward", "geoid", "id", "name",
)  # fmt: skip
POPULATION_NAMES = (
    "population", "pop", "total_population", "population_total", "residents", "inhabitants",
    "persons", "people", "b01001_001e", "p1_001n",
)  # fmt: skip
# No area holds more; a larger number is a slip.
MOST_PEOPLE = 1e9
# A point before three digits is a thousand's in half of the world and a fraction's in the other.
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_THOUSANDS = re.compile(r"\d{1,3}([ ,\u00a0\u202f']\d{3})+(\.\d*)?")


def read_population(
    path: str | Path, *, field: str | None = None, year: int | None = None
) -> Mapping[str, float]:
    """Residents of each area, by area code, in the order of the file.

    The area column is the one named `field`, else one with a usual name, else the first; the
    population column is `population`, `pop`, `total_population`, ..., also with a year after it
    (`population_2010`). Of several years, be they in columns or in rows (a column `year`), it
    takes the newest not after `year`; without `year`, or when all are later, the newest or the
    oldest of all.

    Refuses (Refusal) a missing file or column, a line without an area, a number that is none, is
    negative or may be read in two ways, and an area that stands twice in one year.
    """
    table = read_table(Path(path), what="population")
    area, population = _area_column(table, field), _population_column(table, year)
    found: dict[str, float] = {}
    for line, row in _rows_of_one_year(table, year):
        code = area_code(row[area])
        if not code:
            raise Refusal(
                f"Line {line} of {table.name} has no area in column {table.header[area]!r}; "
                "fill it in or take the line out."
            )
        if code in found:
            raise Refusal(
                f"{table.name} names area {code} twice (line {line}); keep one line for each area."
            )
        found[code] = _number(row[population], table, line)
    return found


def _area_column(table: Table, field: str | None) -> int:
    column = table.find(AREA_NAMES if field is None else (plain(field), *AREA_NAMES))
    return 0 if column is None else column


def _population_column(table: Table, year: int | None) -> int:
    column = table.find(POPULATION_NAMES)
    if column is not None:
        return column
    dated = re.compile(rf"(?:{'|'.join(POPULATION_NAMES)})_?((?:19|20)\d\d)")
    years = {
        int(found[1]): place
        for place, name in enumerate(table.header)
        if (found := dated.fullmatch(plain(name)))
    }
    if not years:
        raise Refusal(
            f"{table.name} has no population column (its columns are {table.columns}); "
            "call the column of residents 'population'."
        )
    return years[_newest(years, year)]


def _rows_of_one_year(table: Table, year: int | None) -> list[tuple[int, tuple[str, ...]]]:
    """(line of the file, row); all rows when the table has no column of years."""
    rows = list(zip(table.lines, table.rows, strict=True))
    column = table.find(("year", "census_year"))
    if column is None:
        return rows
    years = [_year(row[column], table, line) for line, row in rows]
    wanted = _newest(years, year)
    return [row for row, its_year in zip(rows, years, strict=True) if its_year == wanted]


def _newest(years: Collection[int], latest: int | None) -> int:
    known = [year for year in years if latest is None or year <= latest]
    return max(known) if known else min(years)


def _year(text: str, table: Table, line: int) -> int:
    code = area_code(text)
    if not re.fullmatch(r"(19|20)\d\d", code):
        raise Refusal(f"Line {line} of {table.name} gives {text!r} as a year; write it as 2020.")
    return int(code)


def _number(text: str, table: Table, line: int) -> float:
    if _EITHER.fullmatch(text):
        raise Refusal(
            f"Line {line} of {table.name} gives {text!r} as a population, which may be a fraction "
            f"or thousands; write {text.replace('.', '')} or {float(text):g}."
        )
    digits = re.sub(r"[ ,\u00a0\u202f']", "", text) if _THOUSANDS.fullmatch(text) else text
    try:
        value = float(digits)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= MOST_PEOPLE:
        raise Refusal(
            f"Line {line} of {table.name} gives {text!r} as a population; write the number of "
            "residents, 0 or more, such as 66679."
        )
    return value
