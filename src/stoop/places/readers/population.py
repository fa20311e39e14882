"""How many people live in each area, from a CSV file."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from stoop.kernel.errors import Refusal
from stoop.places.models import area_code
from stoop.places.readers.tables import Table, read_table

AREA_NAMES = (
    "area", "area_code", "code", "precinct", "police_precinct", "pct", "district",
    "police_district", "beat", "sector", "neighborhood", "ward", "geoid", "id", "name",
)  # fmt: skip
POPULATION_NAMES = (
    "population", "pop", "total_population", "population_total", "residents", "inhabitants",
    "persons", "people", "b01001_001e", "p1_001n",
)  # fmt: skip
# A point before three digits is a thousand's in half of the world and a fraction's in the other.
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_THOUSANDS = re.compile(r"\d{1,3}([ ,\u00a0\u202f']\d{3})+(\.\d*)?")


def read_population(path: str | Path, *, field: str | None = None) -> Mapping[str, float]:
    """Residents of each area, by area code, in the order of the file.

    The area column is the one named `field`, else one with a usual name, else the first; the
    population column is `population`, `pop`, `total_population`, ... or the only one whose name
    begins with one of these (`population_2010`). With several years the newest is taken, be they
    in columns (`population_2010`, `population_2020`) or in rows (a column `year`).

    Refuses (Refusal) a missing file or column, a number that is none or is negative, an area that
    stands twice, and a table of several years whose newest does not name every area.
    """
    table = read_table(Path(path), what="population")
    area, population = _area_column(table, field), _population_column(table)
    rows = _newest_year(table)
    found: dict[str, float] = {}
    for line, row in rows:
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
    names = AREA_NAMES if field is None else (_lower(field), *AREA_NAMES)
    column = table.find(names)
    return 0 if column is None else column


def _lower(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")


def _population_column(table: Table) -> int:
    column = table.find(POPULATION_NAMES)
    if column is not None:
        return column
    plain = [_lower(name) for name in table.header]
    dated = [
        (name[-4:], place)
        for place, name in enumerate(plain)
        if re.fullmatch(rf"({'|'.join(POPULATION_NAMES)})_?(19|20)\d\d", name)
    ]
    if not dated:
        raise Refusal(
            f"{table.name} has no population column (its columns are {table.columns}); "
            "call the column of residents 'population'."
        )
    return max(dated)[1]


def _newest_year(table: Table) -> Sequence[tuple[int, tuple[str, ...]]]:
    rows = list(enumerate(table.rows, start=2))
    column = table.find(("year", "census_year"))
    if column is None:
        return rows
    newest = max(row[column] for _, row in rows)
    return [(line, row) for line, row in rows if row[column] == newest]


def _number(text: str, table: Table, line: int) -> float:
    if _EITHER.fullmatch(text):
        raise Refusal(
            f"Line {line} of {table.name} gives {text!r} as a population, which may be a fraction "
            f"or thousands; write {text.replace('.', '')} or {float(text):g}."
        )
    plain = re.sub(r"[ ,\u00a0\u202f']", "", text) if _THOUSANDS.fullmatch(text) else text
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise Refusal(
            f"Line {line} of {table.name} gives {text!r} as a population; write the number of "
            "residents, 0 or more, such as 66679."
        )
    return value
