"""Known answers on New York's published files."""

from pathlib import Path

import numpy as np
import pytest

from stoop.incidents import readers

SURVEY_FOOT_M = 0.3048006096012192

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def new_york(real_data: Path) -> readers.Shootings:
    files = [real_data / "shootings_2006_2019.csv", real_data / "shootings_2020.csv"]
    return readers.read(files, crs="EPSG:2263", timezone="America/New_York")


def test_no_row_is_lost(new_york):
    assert [file.rows_read for file in new_york.report.files] == [21626, 1948]
    assert new_york.report.rows_rejected == 0
    assert len(new_york.report.rejects) == 0
    assert len(new_york) == 23574


def test_incidents_days_and_areas(new_york):
    assert new_york.n_incidents == 18562
    assert str(new_york.date.min()) == "2006-01-01"
    assert str(new_york.date.max()) == "2020-12-31"
    assert len(new_york.area_names) == 77
    assert new_york.minute.min() == 0
    assert new_york.minute.max() == 1439


def test_published_feet_become_metres_untouched(new_york, real_data):
    import csv

    feet = []
    for name in ("shootings_2006_2019.csv", "shootings_2020.csv"):
        with (real_data / name).open(encoding="utf-8") as file:
            feet += [float(r["X_COORD_CD"].replace(",", "")) for r in csv.DictReader(file)]
    assert new_york.crs == "EPSG:2263"
    assert np.array_equal(new_york.x_m, np.array(feet) * SURVEY_FOOT_M)
    assert np.isfinite(new_york.lat).all()
