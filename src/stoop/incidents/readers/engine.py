# ruff: noqa: S608 (names in the SQL are this module's own, paths are quoted)
"""The engine: DuckDB reads the columns that play a role, once, and hands over typed arrays.

Texts come as codes into their distinct values, so that each distinct text is parsed once however
many rows carry it. Numbers come as floats, with the texts of the few that are none.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.columns import Columns
from stoop.incidents.readers.tables import SURPLUS, Table
from stoop.incidents.readers.words import MISSING

NO_ID = -(2**63) + 1
_TEXT_ROLES = ("date", "time", "area", "fatal", "victims", "killed", "injured")
_NUMBER_ROLES = ("lat", "lon", "x", "y")
SAID, ID_TEXT = "said", "id_text"


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text: `code` indexes `values`, -1 where a row has none."""

    code: NDArray[np.int32]
    values: tuple[str, ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows that carry each value."""
        return np.bincount(self.code[self.code >= 0], minlength=len(self.values))

    def coded(self, codes: Mapping[str, int]) -> NDArray[np.int32]:
        """The code that each row's value has in `codes`, -1 where a row has none."""
        new = np.array([*(codes[value] for value in self.values), -1], dtype=np.int32)
        return new[self.code]

    def renamed(self, rename: Callable[[str], str]) -> "Texts":
        """The same rows with their values by other names; a name that is '' counts as none."""
        names = {value: rename(value) for value in self.values}
        unique = sorted(set(names.values()) - {""})
        code = {name: i for i, name in enumerate(unique)} | {"": -1}
        return Texts(self.coded({value: code[names[value]] for value in names}), tuple(unique))


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers: NaN where a row has none; `odd` holds what is text, by row index."""

    value: NDArray[np.float64]
    odd: dict[int, str]


@dataclass(frozen=True, slots=True)
class Raw:
    """The columns of one file by role, n rows long, in the order of the file.

    `incident` is a number that equals another's when the two ids are alike, NO_ID where a row has
    none. `point` holds point texts by row index, of rows without latitude and longitude alone.
    `surplus` lists the rows with more fields than the header. `said` holds each row word for word,
    its cells as a JSON list, and `id_text` the ids that are no whole numbers, by row index; both
    are empty unless asked for.
    """

    n: int
    incident: NDArray[np.int64] | None
    texts: dict[str, Texts]
    numbers: dict[str, Numbers]
    point: dict[int, str]
    surplus: NDArray[np.int64]
    said: NDArray[np.object_]
    id_text: dict[int, str]


@contextmanager
def engine(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of one reading: one thread costs the least, and nothing is fetched."""
    settings = {
        "threads": 1,
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(scratch / "spill"),
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")  # the steps are told by us
        yield connection
    finally:
        connection.close()


def extract(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: Columns, *, verbatim: bool = False
) -> Raw:
    """Read the columns that play a role. Raises duckdb.Error where the source is not regular.

    `verbatim` keeps every row word for word too.
    """
    wanted = _wanted(table, columns)
    if verbatim:
        cells = ", ".join(f"c{i}" for i in range(len(table.header)))
        wanted[SAID] = f"to_json([{cells}])::VARCHAR"
        if (i := columns.one("incident")) is not None:
            number = wanted["incident"]
            wanted[ID_TEXT] = f"CASE WHEN ({number}) < 0 THEN {_bare(f'c{i}')} END"
    chosen = ", ".join(f"{sql} AS {name}" for name, sql in wanted.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE taken AS SELECT {chosen} FROM {table.source}")
    try:
        return _fetch(connection, wanted)
    finally:
        connection.execute("DROP TABLE taken")


def _wanted(table: Table, columns: Columns) -> dict[str, str]:
    """SQL by name of the columns of the table `taken`."""
    wanted = {"row_exists": "1::TINYINT"}
    for role in _TEXT_ROLES:
        if (i := columns.one(role)) is not None:
            wanted[role] = f"c{i}"
    for role in ("perpetrator", "victim"):
        if places := columns.at.get(role, ()):
            wanted[role] = " || chr(31) || ".join(f"coalesce(c{i}, '')" for i in places)
    for role in _NUMBER_ROLES:
        if (i := columns.one(role)) is not None:
            wanted[role] = f"try_cast(c{i} AS DOUBLE)"
            wanted[f"{role}_odd"] = f"CASE WHEN try_cast(c{i} AS DOUBLE) IS NULL THEN c{i} END"
    if (i := columns.one("incident")) is not None:
        wanted["incident"] = _incident(f"c{i}")
    if (i := columns.one("point")) is not None:
        wanted["point"] = f"CASE WHEN {_pointless(columns)} THEN c{i} END"
    if table.surplus:
        wanted[SURPLUS] = f"{SURPLUS}::INTEGER"
    return wanted


def _pointless(columns: Columns) -> str:
    lat, lon = columns.one("lat"), columns.one("lon")
    if lat is None or lon is None:
        return "true"
    cast = "coalesce(try_cast(c{} AS DOUBLE), 0) = 0"
    return f"({cast.format(lat)} OR {cast.format(lon)})"


def _incident(column: str) -> str:
    """SQL that turns an id into a number: whole numbers as they are, other texts by a digest.

    201575314, 201575314.0 and 201,575,314 are one id; so are 'a-1 ' and 'A-1'. Digests are
    negative, so that they never meet a number.
    """
    bare = _bare(column)
    none = ", ".join("'" + word.upper() + "'" for word in sorted(MISSING))
    return (
        # The common case first, and cheaply.
        rf"CASE WHEN regexp_full_match({column}, '\d{{1,18}}') THEN try_cast({column} AS BIGINT)"
        f" WHEN {column} IS NULL OR {bare} IN ({none}) THEN {NO_ID}"
        rf" WHEN regexp_full_match({bare}, '\d{{1,18}}') THEN try_cast({bare} AS BIGINT)"
        f" ELSE -(md5_number_lower({bare}) >> 2)::BIGINT - 1 END"
    )


def _bare(column: str) -> str:
    """SQL of an id without the marks that spreadsheets add, in capitals."""
    text = f"upper(trim({column}))"
    return (
        rf"regexp_replace(CASE WHEN regexp_full_match({text}, '\d{{1,3}}(,\d{{3}})+(\.0*)?')"
        rf" THEN replace({text}, ',', '') ELSE {text} END, '^(\d+)\.0*$', '\1')"
    )


def _fetch(connection: duckdb.DuckDBPyConnection, wanted: dict[str, str]) -> Raw:
    values: dict[str, tuple[str, ...]] = {}
    picked = ["row_exists"]
    for name in wanted:
        if name in (*_TEXT_ROLES, "perpetrator", "victim"):
            values[name] = _distinct(connection, name)
            code = f"enum_code({name}::words_{name})::INTEGER" if values[name] else "NULL::INTEGER"
            picked.append(f"coalesce({code}, -1) AS {name}")
        elif name in _NUMBER_ROLES:
            picked.append(f"coalesce({name}, 'nan'::DOUBLE) AS {name}")
        elif name in ("incident", SAID):
            picked.append(name)
    got = connection.execute(f"SELECT {', '.join(picked)} FROM taken").fetchnumpy()
    n = len(got["row_exists"])
    return Raw(
        n=n,
        incident=_plain(got["incident"], np.int64) if "incident" in wanted else None,
        texts={r: Texts(_plain(got[r], np.int32), v) for r, v in values.items()},
        numbers={
            role: Numbers(_plain(got[role], np.float64), _rows_of(connection, f"{role}_odd"))
            for role in _NUMBER_ROLES
            if role in wanted
        },
        point=_rows_of(connection, "point") if "point" in wanted else {},
        surplus=_surplus(connection) if SURPLUS in wanted else np.empty(0, dtype=np.int64),
        said=np.asarray(got[SAID], dtype=object) if SAID in wanted else np.empty(0, dtype=object),
        id_text=_rows_of(connection, ID_TEXT) if ID_TEXT in wanted else {},
    )


def _distinct(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, ...]:
    source = f"SELECT DISTINCT {name} FROM taken WHERE {name} IS NOT NULL"
    if not connection.execute(f"{source} LIMIT 1").fetchall():
        return ()
    connection.execute(f"CREATE OR REPLACE TEMP TYPE words_{name} AS ENUM ({source} ORDER BY 1)")
    rows = connection.execute(f"SELECT unnest(enum_range(NULL::words_{name}))::VARCHAR").fetchall()
    return tuple(text for (text,) in rows)


def _rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> dict[int, str]:
    rows = connection.execute(f"SELECT rowid, {name} FROM taken WHERE {name} IS NOT NULL")
    return dict(rows.fetchall())


def _surplus(connection: duckdb.DuckDBPyConnection) -> NDArray[np.int64]:
    rows = connection.execute(f"SELECT rowid FROM taken WHERE {SURPLUS} > 0").fetchnumpy()
    return np.sort(_plain(rows["rowid"], np.int64))


def _plain(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    return np.ascontiguousarray(np.asarray(array), dtype=dtype)
