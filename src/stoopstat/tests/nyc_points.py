"""Where and when New York's shootings were, for tests and benches that use the real files."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np

US_SURVEY_FOOT_M = 0.3048006096012192


@dataclass(frozen=True)
class Points:
    """(n,) metres (EPSG:2263 in metres), days and years; one value per row or per incident."""

    x_m: np.ndarray
    y_m: np.ndarray
    day: np.ndarray
    year: np.ndarray
    month: np.ndarray

    def since(self, year: int) -> "Points":
        return self._taken(self.year >= year)

    def first(self, n: int) -> "Points":
        return self._taken(slice(n))

    def _taken(self, some: np.ndarray | slice) -> "Points":
        return Points(*(values[some] for values in vars(self).values()))


def day_number(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


def month_number(iso: str) -> int:
    return int(iso[:4]) * 12 + int(iso[5:7]) - 1


@cache
def points(folder: Path, *, incidents: bool) -> Points:
    seen, found = set(), []
    for name in ("shootings_2006_2019.csv", "shootings_2020.csv"):
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                if incidents and row["INCIDENT_KEY"] in seen:
                    continue
                seen.add(row["INCIDENT_KEY"])
                on = datetime.strptime(row["OCCUR_DATE"], "%m/%d/%Y")  # noqa: DTZ007
                x, y = (float(row[c].replace(",", "")) for c in ("X_COORD_CD", "Y_COORD_CD"))
                found.append((x, y, on.toordinal(), on.year, on.year * 12 + on.month - 1))
    x, y, day, year, month = (np.array(column) for column in zip(*found, strict=True))
    return Points(x * US_SURVEY_FOOT_M, y * US_SURVEY_FOOT_M, day, year, month)
