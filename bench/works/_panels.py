"""Panels that several works measure on: New York by year, and a made-up one of a large country."""

import csv
from pathlib import Path

import numpy as np

from stoopstat.impact.design import NEVER, Treated, treated
from stoopstat.tests import nyc_staggered

AREAS, MONTHS, TREATED = 3_000, 240, 200
PER = 100_000


def new_york(data: Path) -> Treated:
    """76 precincts, 2006-2020: rows of the file by precinct and year."""
    return nyc_staggered.panel(data)


def new_york_rates(data: Path) -> Treated:
    """The same for each 100,000 residents, as `stoop evaluate` gives it to synthetic control."""
    numbers, counts, onset = nyc_staggered.precincts(data)
    with (data / "precinct_population_2010.csv").open(newline="") as file:
        people = {
            int(row["precinct"]): float(row["population_2010"]) for row in csv.DictReader(file)
        }
    residents = np.array([people[number] for number in numbers.tolist()])
    return treated(counts / residents[:, None] * PER, onset)


def made_up() -> Treated:
    """3,000 areas of unlike level by 240 months; 200 start in months 60 to 219 and fall by 14 %."""
    rng = np.random.default_rng(1)
    onset = np.full(AREAS, NEVER)
    onset[rng.permutation(AREAS)[:TREATED]] = rng.integers(60, 220, TREATED)
    on = np.arange(MONTHS) >= onset[:, None]
    level = rng.gamma(2.0, 1.0, AREAS)[:, None]
    return treated(rng.poisson(level * np.exp(rng.normal(0, 0.1, MONTHS) - 0.15 * on)), onset)
