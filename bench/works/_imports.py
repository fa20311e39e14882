"""A platform with New York's outlines, and a command that loads a million rows into it."""

import atexit
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.live.platform import ROOT, Platform, platform
from bench.works import reader

ROWS, FAULTY = reader.ROWS, reader.ROWS // reader.FAULT_EVERY


def ready(data: Path, engine: str) -> dict[str, Any]:
    """An empty platform on the engine, with precincts and sectors, and the file to load."""
    file = reader.prepare(data)["large"]
    stack = ExitStack()
    atexit.register(stack.close)
    made = stack.enter_context(platform(engine, STOOP_TIMEZONE="America/New_York"))
    for kind in ("precinct", "sector"):
        stoop(made, "areas", str(data / f"{kind}s.geojson"), "--kind", kind, "--code-field", kind)
    return {"platform": made, "file": file}


def load(inputs: dict[str, Any]) -> dict[str, int]:
    """`stoop load incidents`, as a city types it; its counts."""
    said = stoop(inputs["platform"], "incidents", str(inputs["file"]))
    cells = (line.split("│") for line in said.splitlines() if line.count("│") == 3)
    return {name.strip(): int(number.replace(",", "")) for _, name, number, _ in cells}


def stoop(made: Platform, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stoop.config.cli", "load", *words],
        env=made.env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return done.stdout


def sentence(ours: dict[str, int], theirs: int | None, wall: str) -> str:
    assert ours["rows"] == ROWS
    assert ours["rejected rows"] == FAULTY
    assert ours["added"] == ours["incidents"]
    assert theirs in (None, ROWS)
    return (
        f"{ROWS:,} rows read and kept word for word as {ours['incidents']:,} incidents, each"
        f" placed in its precinct and sector, {FAULTY} impossible dates set aside; {wall}"
    )
