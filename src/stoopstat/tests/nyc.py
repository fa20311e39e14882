"""New York's published rows as arrays of codes, for the tests that use the real files."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

from stoopstat.events import Floats, Ints

DESCRIPTION = ("AGE_GROUP", "SEX", "RACE")


@dataclass(frozen=True)
class Rows:
    """One value per published row, (n,); first: whether it is its incident's first row."""

    incident: Ints
    perpetrator: Ints
    victim: Ints
    fatal: Ints
    precinct: Ints
    date: np.ndarray
    weekday: Ints
    minute: Ints
    first: np.ndarray


def _coded(values: list[str]) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@cache
def rows(folder: Path) -> Rows:
    table = []
    for name in ("shootings_2006_2019.csv", "shootings_2020.csv"):
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            table.extend(csv.DictReader(file))
    times = [
        datetime.strptime(f"{r['OCCUR_DATE']} {r['OCCUR_TIME']}", "%m/%d/%Y %H:%M:%S")  # noqa: DTZ007
        for r in table
    ]
    incident = _coded([r["INCIDENT_KEY"] for r in table])
    first = np.zeros(incident.size, dtype=bool)
    first[np.unique(incident, return_index=True)[1]] = True
    return Rows(
        incident=incident,
        perpetrator=_coded(["|".join(r[f"PERP_{d}"] for d in DESCRIPTION) for r in table]),
        victim=_coded(["|".join(r[f"VIC_{d}"] for d in DESCRIPTION) for r in table]),
        fatal=np.array([r["STATISTICAL_MURDER_FLAG"].lower() == "true" for r in table], dtype=int),
        precinct=np.array([int(r["PRECINCT"]) for r in table]),
        date=np.array([t.date() for t in times], dtype="datetime64[D]"),
        weekday=np.array([t.weekday() for t in times]),
        minute=np.array([t.hour * 60 + t.minute for t in times]),
        first=first,
    )


@cache
def by_year(folder: Path, *, incidents: bool) -> tuple[Ints, Floats]:
    """Precinct numbers (77,), and counts by precinct and year 2006 to 2020, (77, 15)."""
    r = rows(folder)
    keep = r.first if incidents else np.ones(r.first.shape, dtype=bool)
    numbers, code = np.unique(r.precinct, return_inverse=True)
    year = r.date.astype("datetime64[Y]").astype(int) + 1970 - 2006
    counts = np.bincount(code[keep] * 15 + year[keep], minlength=numbers.size * 15)
    return numbers, counts.reshape(-1, 15).astype(np.float64)
