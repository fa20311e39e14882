"""The whole New York study by the command: files in, folder out."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TITLE = "Whole study of New York, 2006-2020: every estimator and threat, 999 permutations"
PEER = "none does it"
PEER_REQUIRES: list[str] = []
QUOTED = None
AIM = "under 30 s wall, under 1 GB"

COMMAND = [sys.executable, "-c", "from stoop.config.cli import main; main()", "evaluate"]
STUDY = """\
question = "Did shootings fall where the Crisis Management System worked?"
permutations = {permutations}
[outcome]
files = ["{data}/shootings_2006_2019.csv", "{data}/shootings_2020.csv"]
measure = "rows"
[vintage]
files = ["{data}/shootings_2006_2019.csv"]
last = 2019
[unit]
kind = "precinct"
outlines = "{data}/precincts.geojson"
field = "precinct"
parts = {{ 116 = "105" }}
population = "{data}/precinct_population_2010.csv"
[period]
first = 2006
last = 2020
[treatment]
sites = "{data}/treatment_years.csv"
area = "precinct"
start = "start_year"
[spillover]
rings_m = [1000, 3000]
[[exclude]]
unit = 22
reason = "Central Park, where almost nobody lives"
[[sample]]
name = "before the pandemic"
last = 2019
[[sample]]
name = "late starts"
starts_from = 2019
[small_cells]
publish = "the city publishes every row of these files itself"
"""


def prepare(data: Path) -> Path:
    """Nothing is read before the clock starts."""
    return data


def warm(inputs: Path) -> None:
    """The command is a process of its own, and pays for its imports each time."""


def ours(inputs: Path) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "STUDY.toml"
        study.write_text(STUDY.format(data=inputs, permutations=999), encoding="utf-8")
        out = Path(folder) / "study"
        words = [*COMMAND, str(study), "--out", str(out)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return json.loads((out / "study.json").read_text(encoding="utf-8"))


def agree(ours: Any, theirs: Any, data: Path) -> str:
    known = json.loads((data / "expected_evaluation_2006_2020.json").read_text(encoding="utf-8"))
    binary = known["samples"]["main"]["binary"]["terms"]["on"]["coef"]
    (found,) = {
        each["estimate"]
        for each in ours["estimates"]
        if (each["estimator"], each["sample"], each["term"]) == ("poisson_binary", "all", "on")
    }
    off = abs(found - binary)
    assert off < 1e-6, f"the Poisson estimate differs from the known one by {off:.1e}"
    return (
        f"{len(ours['estimates'])} estimates, {len(ours['checks'])} checks, "
        f"{len(ours['refused'])} refusals with their reasons; Poisson {found:.4f}, as known."
    )
