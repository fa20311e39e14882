# ruff: noqa: S608 (headers and paths are quoted)
"""Parquet: read by the engine itself, every column that is needed as text."""

import duckdb

from stoop.incidents.readers.files import Opened
from stoop.incidents.readers.tables import Table, literal_path
from stoop.kernel.errors import Refusal


def read_parquet(opened: Opened, connection: duckdb.DuckDBPyConnection) -> Table:
    """The table of a Parquet file. Raises Refusal when it is damaged or encrypted."""
    file = f"read_parquet({literal_path(opened.path)})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {file}").fetchall()
    except duckdb.Error as error:
        raise Refusal(
            f"{opened.name} cannot be read as Parquet; write or fetch it again."
        ) from error
    header = tuple(str(name) for name, *_ in described)
    columns = ", ".join(f"{_quoted(name)}::VARCHAR AS c{i}" for i, name in enumerate(header))
    return Table(header, f"(SELECT {columns} FROM {file})")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
