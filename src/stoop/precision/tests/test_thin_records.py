"""Thin records on the grid: no back-test from a handful of months, no cells beyond memory."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stoop.kernel.errors import Refusal
from stoop.precision import studies
from stoop.precision.tests import factories


def request_in(folder: Path, extra: str = "", **asked: object) -> studies.Request:
    shootings = factories.shootings_file(folder / "shootings.csv", extra=extra)
    outlines = factories.areas_file(folder / "areas.geojson")
    return studies.Request(
        files=(shootings,),
        areas=outlines,
        area_field="district",
        **asked,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("month", ["2021-02-14", "2021-12-31", "2022-01-31", "2022-05-15"])
def test_few_months_make_no_back_test(tmp_path: Path, month: str) -> None:
    made = studies.make_brief(request_in(tmp_path, as_of=date.fromisoformat(month)))
    assert made.forecast is not None
    assert made.forecast.backtest is None
    assert made.forecast.method == "decayed"


def test_months_without_incidents_make_no_back_test(tmp_path: Path) -> None:
    """One shooting a year, so that too few of the last 24 months have any."""
    path = tmp_path / "rare.csv"
    lines = [f"{y},{y}-07-04,22:00,A,41.002,-59.998,0" for y in range(2000, 2015)]
    path.write_text("\n".join(["incident_key,date,time,district,lat,lon,fatal", *lines]))
    for as_of in (date(2014, 7, 4), date(2016, 2, 29), date(2018, 1, 1)):
        made = studies.make_brief(studies.Request(files=(path,), as_of=as_of))
        assert made.forecast is not None
        assert made.forecast.backtest is None


def test_cells_too_small_for_a_wide_place_are_refused(tmp_path: Path) -> None:
    far = "998,2023-06-01,22:00,A,41.8,-59.2,0\n999,2023-06-01,22:00,A,40.2,-60.8,0\n"
    request = replace(request_in(tmp_path, extra=far, cell_m=50.0), areas=None, area_field=None)
    with pytest.raises(Refusal, match="choose a larger --cell"):
        studies.make_brief(request)
