"""Silences of the files and outlines of another time: said or refused, never counted as peace."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stoop.kernel.errors import Refusal
from stoop.places.queries import area_order
from stoop.precision import studies
from stoop.precision.studies import record
from stoop.precision.tests import factories

DAILY = np.arange("2019-01-01", "2019-07-01", dtype="datetime64[D]")


def request_in(folder: Path, **asked: object) -> studies.Request:
    shootings = factories.shootings_file(
        folder / "shootings.csv", extra=str(asked.pop("extra", ""))
    )
    outlines = factories.areas_file(folder / "areas.geojson", dates=asked.pop("dates", None))  # type: ignore[arg-type]
    return studies.Request(
        files=(shootings,),
        areas=outlines,
        area_field="district",
        **asked,  # type: ignore[arg-type]
    )


def test_no_silence_in_a_steady_record() -> None:
    assert record.silences(DAILY) == ()
    record.check_end(DAILY, date(2019, 8, 15))


def test_a_small_town_is_not_silent() -> None:
    rare = np.cumsum(np.random.default_rng(1).exponential(40, 200)).astype(int) + np.datetime64(
        0, "D"
    )
    assert record.silences(rare) == ()


def test_a_missing_year_is_noted() -> None:
    day = np.concatenate([DAILY, DAILY + 366 + 365])
    assert record.silences(day) == ((date(2019, 6, 30), date(2021, 1, 1)),)
    (note,) = record.notes(day)
    assert "between 2019-06-30 and 2021-01-01" in note
    record.check_end(day, date(2021, 7, 1))


def test_a_brief_long_after_the_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"last shooting on file .* choose --as-of 2023-12-"):
        studies.load(request_in(tmp_path, as_of=date(2026, 7, 1)))


def test_a_slip_in_the_last_date_is_refused(tmp_path: Path) -> None:
    slip = "999,2026-07-04,22:00,A,41.002,-59.998,0\n"
    with pytest.raises(Refusal, match=r"only 1 of 145 incidents .* of 2026-07-04"):
        studies.load(request_in(tmp_path, extra=slip))
    city = studies.load(request_in(tmp_path, extra=slip, as_of=date(2023, 12, 31)))
    assert city.rows_after == 1


def test_a_slip_in_the_first_date_is_noted(tmp_path: Path) -> None:
    slip = "999,2011-07-04,22:00,A,41.002,-59.998,0\n"
    quality = studies.make_brief(request_in(tmp_path, extra=slip)).quality
    assert any("between 2011-07-04 and 2021-01-" in note for note in quality.notes)


def test_outlines_of_another_time_are_refused(tmp_path: Path) -> None:
    later = {code: {"valid_from": "2030-01-01"} for code in factories.CODES}
    with pytest.raises(Refusal, match=r"No outline of areas.geojson holds on 2023-12-"):
        studies.load(request_in(tmp_path, dates=later))


def test_no_point_near_the_outlines_still_ranks(tmp_path: Path) -> None:
    """Every point is set aside as outside the city; the recorded areas remain."""
    request = request_in(tmp_path)
    moved = (
        (tmp_path / "shootings.csv").read_text().replace(",-59.", ",-49.").replace(",-60.", ",-49.")
    )
    (tmp_path / "shootings.csv").write_text(moved)
    made = studies.make_brief(request)
    assert made.quality.without_point == 144
    assert made.lattice is None
    assert made.hotspots is None
    assert made.areas is not None
    assert made.areas.ranked[0].area == "A"
    assert made.city.crs == "EPSG:32621"


@pytest.mark.parametrize("role", ["population", "sites"])
def test_a_file_of_other_areas_is_refused(tmp_path: Path, role: str) -> None:
    """Else no area would have a rate, or none a program, and nobody would know why."""
    beside = tmp_path / "beside.csv"
    beside.write_text("precinct,population,program,start\n75,90000,Save,2020-01\n")
    with pytest.raises(Refusal, match=r"None of the areas in beside.csv \(75.* is one of the 4"):
        studies.load(request_in(tmp_path, **{role: beside}))
    beside.write_text("precinct,population,program,start\n75,90000,Save,2020-01\nA,1,Cure,2021\n")
    studies.load(request_in(tmp_path, **{role: beside}))


def test_codes_sort_whatever_they_are() -> None:
    odd = ["10", "9", "²", "٣", "1.5", ".", "", "-1", "=1+1", "101D"]
    assert sorted(odd, key=area_order)[:3] == ["1.5", "9", "10"]
