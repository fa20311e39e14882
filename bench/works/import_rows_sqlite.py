"""A million rows of shootings into SQLite: checked, joined to incidents, placed, kept."""

import subprocess
from pathlib import Path
from typing import Any

from bench.works import _imports

TITLE = "1,000,000 rows of shootings loaded into SQLite by stoop load"
PEER = "sqlite3 .import into one bare table (the floor: no dates, places, incidents or checks)"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 40 s wall"


def prepare(data: Path) -> dict[str, Any]:
    return _imports.ready(data, "sqlite")


def warm(inputs: dict[str, Any]) -> None:
    """Nothing: the command starts from nothing, as it does for a city."""


def ours(inputs: dict[str, Any]) -> dict[str, int]:
    return _imports.load(inputs)


def theirs(inputs: dict[str, Any]) -> int:
    target = inputs["platform"].home / "bare.sqlite3"
    script = f".import --csv {inputs['file']} rows\nSELECT count(*) FROM rows;\n"
    done = subprocess.run(
        ["sqlite3", str(target)], input=script, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


def agree(ours: dict[str, int], theirs: int | None, data: Path) -> str:
    return _imports.sentence(ours, theirs, "40 s are 25,000 rows a second.")
