"""Bulk writing below the ORM: COPY into PostgreSQL, one prepared statement into SQLite.

The ORM would take ten times as long for a million rows. Everything that is written here has been
checked before it comes here; the tables' own constraints hold as ever.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, repeat
from typing import Any

from django.db import connection, models

Column = Sequence[Any]

# While so much is written: memory for the indexes, and pages of the log that may wait for their
# place in the file (200 MB), for many of them will be written again soon.
_SQLITE_MANY = {"cache_size": -131_072, "wal_autocheckpoint": 50_000}


@contextmanager
def many() -> Iterator[None]:
    """More room for SQLite while many rows are written; afterwards as it was."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in _SQLITE_MANY}
    _set(_SQLITE_MANY)
    try:
        yield
    finally:
        _set(usual)


def _set(pragmas: Mapping[str, int]) -> None:
    with connection.cursor() as cursor:
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name} = {value}")


def keys(model: type[models.Model], n: int) -> list[int]:
    """Primary keys for n new rows; in a transaction, which keeps other writers off them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, n],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        last = int(found[0]) if found else 0
    return list(range(last + 1, last + n + 1))


def insert(
    model: type[models.Model], n: int, columns: Mapping[str, Column], alike: Mapping[str, Any]
) -> None:
    """Insert n rows: `columns` one value a row, `alike` one for all, other fields their default.

    Names are those of columns; without `id` the database numbers the rows. Values are texts,
    numbers, booleans and None; moments and JSON are given as the text that the database reads.
    """
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.column in columns or field.column in alike or field.primary_key:
            continue
        default = field.get_default()
        if isinstance(field, models.JSONField):
            values[field.column] = json.dumps(default)
        else:
            values[field.column] = field.get_db_prep_save(default, connection)
    values |= alike
    names = [*columns, *values]
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        lines = zip(
            *map(_fields, columns.values()),
            *(repeat(_fields([value])[0], n) for value in values.values()),
            strict=True,
        )
        _copy(f"COPY {table} ({quoted}) FROM STDIN", map("\t".join, lines))
        return
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw = connection.connection
        # What is alike stands in the statement, in SQLite's own spelling: bound a million times it
        # would cost as much as an index.
        spelled = raw.execute(
            "SELECT " + ", ".join(["quote(?)"] * len(values)), [*values.values()]
        ).fetchone()
        marks = ", ".join([*["?"] * len(columns), *map(str, spelled)])
        statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"  # noqa: S608 (quoted)
        raw.executemany(statement, zip(*columns.values(), strict=True))


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the named fields of rows of one model; `bulk_update` takes milliseconds for each."""
    if not rows:
        return
    model = type(rows[0])
    fields = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    marks = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {marks} WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                (
                    *(f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields),
                    row.pk,
                )
                for row in rows
            ],
        )


def settle(*tables: type[models.Model]) -> None:
    """Tell the database's planner what it holds now, by a sample: questions come next.

    PostgreSQL also looks through what is new, as it would a minute later by itself, while people
    wait for their pages; inside a transaction it may not.
    """
    do = "ANALYZE"
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        do = "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        for table in tables:
            cursor.execute(f"{do} {connection.ops.quote_name(table._meta.db_table)}")


def _copy(statement: str, lines: Iterable[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while part := list(islice(lines, 2_000)):
            copy.write("\n".join(part) + "\n")


def _fields(column: Column) -> list[str]:
    """A column as COPY reads it."""
    kind = next((type(value) for value in column if value is not None), None)
    if kind is None:
        return ["\\N"] * len(column)
    if not issubclass(kind, str):
        return ["\\N" if value is None else str(value) for value in column]
    plain = [*column]
    whole = "".join(plain)  # one look tells whether any of them needs care
    for mark, written in _MARKS.items():
        if mark in whole:
            plain = [value.replace(mark, written) for value in plain]
    return plain


# What would end a field or a line of COPY; the backslash first, for the others are written with it.
_MARKS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
