"""A million rows of shootings into PostgreSQL: checked, joined to incidents, placed, kept."""

import csv
from pathlib import Path
from typing import Any

from bench.works import _imports

TITLE = "1,000,000 rows of shootings loaded into PostgreSQL by stoop load"
PEER = "COPY into one bare table (the floor: no dates, places, incidents or checks)"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 50 s wall"


def prepare(data: Path) -> dict[str, Any]:
    return _imports.ready(data, "postgresql")


def warm(inputs: dict[str, Any]) -> None:
    """Nothing: the command starts from nothing, as it does for a city."""


def ours(inputs: dict[str, Any]) -> dict[str, int]:
    return _imports.load(inputs)


def theirs(inputs: dict[str, Any]) -> int:
    import psycopg

    file: Path = inputs["file"]
    with file.open(encoding="utf-8", newline="") as lines:
        columns = ", ".join(f'"{name}" text' for name in next(csv.reader(lines)))
    with psycopg.connect(inputs["platform"].env["STOOP_DATABASE_URL"]) as connection:
        connection.execute(f"CREATE TABLE bare ({columns})")
        with (
            file.open("rb") as source,
            connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while part := source.read(1 << 20):
                copy.write(part)
        found = connection.execute("SELECT count(*) FROM bare").fetchone()
    return int(found[0]) if found else 0


def agree(ours: dict[str, int], theirs: int | None, data: Path) -> str:
    return _imports.sentence(
        ours,
        theirs,
        "50 s are 20,000 rows a second. The server's own CPU is in no figure but the wall's.",
    )
