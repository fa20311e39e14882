"""New York's shootings as points, for the works that need them."""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

US_SURVEY_FOOT_M = 0.3048006096012192


@cache
def points(data: Path, *, incidents: bool) -> np.ndarray:
    """(4, n) x_m, y_m, day, month; one column per published row, or per incident."""
    seen, found = set(), []
    for name in ("shootings_2006_2019.csv", "shootings_2020.csv"):
        with (data / name).open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                if incidents and row["INCIDENT_KEY"] in seen:
                    continue
                seen.add(row["INCIDENT_KEY"])
                on = datetime.strptime(row["OCCUR_DATE"], "%m/%d/%Y")  # noqa: DTZ007
                x, y = (float(row[c].replace(",", "")) for c in ("X_COORD_CD", "Y_COORD_CD"))
                month = on.year * 12 + on.month - 1
                found.append((x * US_SURVEY_FOOT_M, y * US_SURVEY_FOOT_M, on.toordinal(), month))
    return np.array(found).T


def since(all_points: np.ndarray, year: int) -> np.ndarray:
    return all_points[:, all_points[3] >= year * 12]
