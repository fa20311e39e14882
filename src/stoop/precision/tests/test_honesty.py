"""The future stays unseen, and a busy season of a place is no near repeat."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stoop.precision import studies
from stoop.precision.studies import blocks, forecasts, near_repeat
from stoop.precision.tests import factories

DAYS_OF_A_QUARTER = 90


@pytest.mark.parametrize("outlines", [True, False])
def test_a_forecast_is_the_same_whatever_came_after(tmp_path: Path, *, outlines: bool) -> None:
    """Also where land is read off the incidents: later ones must not draw the map."""
    whole = factories.shootings_file(tmp_path / "whole.csv", extra=_far_away("2023-07-01"))
    lines = whole.read_text().splitlines()
    cut = tmp_path / "cut.csv"
    kept = [line for line in lines[1:] if line.split(",")[1] < "2023-05-01"]
    cut.write_text("\n".join([lines[0], *kept]) + "\n")
    request = studies.Request(files=(whole,))
    if outlines:
        path = factories.areas_file(tmp_path / "areas.geojson")
        request = replace(request, areas=path, area_field="district")
    month = (2023 - 1970) * 12 + 4
    known, blind = (
        list(_rolling(replace(request, files=(file,)), first=month - back, last=month))[-1]
        for file, back in ((whole, 2), (cut, 0))
    )
    assert known[0] == blind[0] == "2023-05"
    for one, other in zip(known[1:], blind[1:], strict=True):
        np.testing.assert_array_equal(one, other)


def _far_away(day: str) -> str:
    return f"9000,{day},10:00,A,{factories.SOUTH + 0.3:.3f},{factories.WEST + 0.3:.3f},0\n"


def _rolling(request: studies.Request, *, first: int, last: int):  # type: ignore[no-untyped-def]
    city = studies.load(request)
    on = blocks.lattice(city, cell_m=250.0)
    assert on is not None
    return forecasts.rolling(city, on, first=first, last=last)


def test_a_back_test_draws_no_land_from_its_own_months(tmp_path: Path) -> None:
    """Without outlines, a place that first turns up in the months foretold was not on the map."""
    file = factories.shootings_file(tmp_path / "s.csv", extra=_far_away("2023-07-01"))
    city = studies.load(studies.Request(files=(file,), as_of=date(2023, 12, 31)))
    on = blocks.lattice(city, cell_m=250.0)
    assert on is not None
    spots = blocks.hot_spots(city, on, months=12)
    judged = forecasts.next_month(city, on, spots, seed=1).backtest
    assert judged is not None
    assert judged.incidents == 2 * 12 * 4, "the stray one lies off the land known by then"


def test_a_busy_season_is_no_watch_zone(tmp_path: Path) -> None:
    """Each place is busy in one quarter of each year, with nothing following from anything."""
    city = studies.load(studies.Request(files=(_seasonal(tmp_path / "seasons.csv", follow=0.0),)))
    found = near_repeat.study(city, seed=1, permutations=199)
    assert found is not None
    assert found.within_year.ratio[1, 1] > 1.5
    assert found.within_year.p[1, 1] == 1 / 200
    assert found.within_quarter.ratio_low[1, 1] < 1 < found.within_quarter.ratio_high[1, 1]
    assert not found.zone.raised


def test_what_follows_a_shooting_is_a_watch_zone(tmp_path: Path) -> None:
    city = studies.load(studies.Request(files=(_seasonal(tmp_path / "follow.csv", follow=0.3),)))
    found = near_repeat.study(city, seed=1, permutations=199)
    assert found is not None
    assert found.zone.raised
    assert (found.zone.radius_m, found.zone.days) == (100.0, 7)


def _seasonal(path: Path, *, follow: float, places: int = 150, years: int = 4) -> Path:
    """Three incidents a year at each place, on random days of one quarter; of each, with chance
    `follow`, one more at the place within five days."""
    rng = np.random.default_rng(7)
    lines = ["incident_key,date,time,district,lat,lon,fatal"]
    for place in range(places):
        lat = factories.SOUTH + 0.01 * (place // 15)
        lon = factories.WEST + 0.01 * (place % 15)
        for year in range(years):
            start = np.datetime64(f"{2020 + year}-{1 + 3 * rng.integers(4):02d}-01")
            for day in rng.integers(0, DAYS_OF_A_QUARTER, 3).tolist():
                later = [int(rng.integers(1, 6))] if rng.random() < follow else []
                for wait in (0, *later):
                    key = len(lines)
                    lines.append(f"{key},{start + day + wait},12:00,A,{lat:.4f},{lon:.4f},0")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rank_intervals_are_held_against_the_years_that_followed(tmp_path: Path) -> None:
    """Two of the three years have a year before them; every year is like the last."""
    request = studies.Request(
        files=(factories.shootings_file(tmp_path / "s.csv"),),
        areas=factories.areas_file(tmp_path / "areas.geojson"),
        area_field="district",
    )
    found = studies.areas.study(studies.load(request), top=3, months=12, seed=1)
    assert found is not None
    assert (found.held, found.held_windows) == (1.0, 2)
    short = studies.areas.study(studies.load(request), top=3, months=36, seed=1)
    assert short is not None
    assert (short.held, short.held_windows) == (None, 0)


def test_a_list_that_turned_over_is_said_not_to_hold(tmp_path: Path) -> None:
    lines = ["incident_key,date,time,district,lat,lon,fatal"]
    for year, busy in ((2022, "AB"), (2023, "CD")):
        for code, (column, row) in factories.CODES.items():
            lat, lon = factories.SOUTH + 0.01 * row + 0.005, factories.WEST + 0.01 * column + 0.005
            for i in range(90 if code in busy else 5):
                day = np.datetime64(f"{year}-01-01") + 4 * i
                lines.append(f"{len(lines)},{day},12:00,{code},{lat:.4f},{lon:.4f},0")
    file = tmp_path / "turned.csv"
    file.write_text("\n".join(lines) + "\n")
    city = studies.load(studies.Request(files=(file,), as_of=date(2023, 12, 31)))
    found = studies.areas.study(city, top=2, months=12, seed=1)
    assert found is not None
    assert (found.held, found.held_windows) == (0.0, 1)


def test_later_rows_choose_no_projection(tmp_path: Path) -> None:
    """Rows of another zone, all later than the day: the metres of the earlier ones stay."""
    far = "".join(f"{9000 + i},2023-12-20,10:00,A,41.5,-75.0,0\n" for i in range(400))
    city = studies.load(
        studies.Request(
            files=(factories.shootings_file(tmp_path / "s.csv", extra=far),),
            as_of=date(2023, 6, 30),
        )
    )
    assert city.crs == "EPSG:32621"
    assert np.isfinite(city.x_m).all()


def test_the_order_of_files_and_rows_moves_no_number(tmp_path: Path) -> None:
    whole = factories.shootings_file(tmp_path / "s.csv").read_text().splitlines()
    # A second area in every cell, in the rows that come first in one order and last in the other.
    mixed = [line.replace(",A,", ",E,") if i % 5 == 0 else line for i, line in enumerate(whole)]
    early, late = tmp_path / "early.csv", tmp_path / "late.csv"
    early.write_text("\n".join(mixed[:70]) + "\n")
    late.write_text("\n".join([mixed[0], *reversed(mixed[70:])]) + "\n")
    made = [
        studies.make_brief(studies.Request(files=files, months=12, top=2)).numbers
        for files in ((early, late), (late, early))
    ]
    for name in ("trend", "areas", "hotspots", "forecast", "clusters", "near_repeat", "hours"):
        assert made[0][name] == made[1][name], name


def test_a_month_just_begun_is_no_calm_month(tmp_path: Path) -> None:
    """Three days into a month the forecast expects as many as on its eve."""
    file = factories.shootings_file(tmp_path / "s.csv")
    totals = []
    for day, month in ((date(2023, 9, 30), "2023-10"), (date(2023, 10, 3), "2023-11")):
        city = studies.load(studies.Request(files=(file,), as_of=day))
        on = blocks.lattice(city, cell_m=250.0)
        assert on is not None
        spots = blocks.hot_spots(city, on, months=12)
        found = forecasts.next_month(city, on, spots, seed=1)
        assert found.month == month
        totals.append(found.expected_total)
    assert totals[1] == pytest.approx(totals[0], rel=0.01)


def test_a_record_too_large_is_searched_from_its_latest_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = studies.load(studies.Request(files=(factories.shootings_file(tmp_path / "s.csv"),)))
    monkeypatch.setattr(near_repeat, "MOST_INCIDENTS", 100)
    found = near_repeat.study(city, seed=1, permutations=19)
    assert found is not None
    assert (found.first_year, found.last_year, found.incidents) == (2022, 2023, 96)
