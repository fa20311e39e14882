"""New York's precincts by year with their program years, and the known answers on them."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np

from stoopstat.events import Floats, Ints
from stoopstat.impact.design import NEVER, Treated, treated
from stoopstat.tests import nyc

FIRST = 2006


@cache
def precincts(folder: Path) -> tuple[Ints, Floats, Floats]:
    """Precinct numbers without 22 (76,), rows as victims (76, 15), onset columns (76,)."""
    numbers, counts = nyc.by_year(folder, incidents=False)
    with (folder / "treatment_years.csv").open(newline="") as file:
        years = {int(r["precinct"]): int(r["start_year"]) for r in csv.DictReader(file)}
    keep = numbers != 22
    onset = [years[n] - FIRST if n in years else NEVER for n in numbers[keep].tolist()]
    return numbers[keep], counts[keep], np.array(onset)


def panel(folder: Path, outcome: str = "n") -> Treated:
    _, counts, onset = precincts(folder)
    return treated(np.log1p(counts) if outcome == "log1p" else counts, onset)


@cache
def _answers(folder: Path) -> dict:
    return json.loads((folder / "expected_evaluation_2006_2020.json").read_text())


def known(folder: Path, estimator: str, *, outcome: str = "n", package: str = "") -> dict:
    """Of one estimator, named by how it begins: {aggregation: (estimate, se)}."""
    return {
        r["agg"]: (r["estimate"], r["se"])
        for r in _answers(folder)["modern"]
        if r["estimator"].startswith(estimator)
        and r["outcome"].startswith(outcome)
        and r["package"].startswith(package)
    }


def known_synthetic(folder: Path) -> list[dict]:
    return _answers(folder)["scm"]
