"""New York's published files: answers that are known, from the command line's own roads."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stoop.precision import studies

# By rows of the 60 months before June 2020; 40 and 42 tie.
TOP_TWENTY = (
    "75 67 73 44 79 46 40 42 47 81 48 113 77 43 32 103 71 23 52 120".split()  # noqa: SIM905
)

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def files(real_data: Path) -> tuple[Path, Path]:
    return real_data / "shootings_2006_2019.csv", real_data / "shootings_2020.csv"


@pytest.fixture(scope="module")
def brief(real_data: Path, files: tuple[Path, Path]) -> studies.Brief:
    return studies.make_brief(
        studies.Request(
            files=files,
            areas=real_data / "precincts.geojson",
            area_field="precinct",
            sites=real_data / "cms_sites.csv",
            population=real_data / "precinct_population_2010.csv",
            crs="EPSG:2263",
        )
    )


def test_every_row_is_read_and_none_is_lost(brief: studies.Brief) -> None:
    assert [f.rows_read for f in brief.quality.files] == [21_626, 1_948]
    assert brief.quality.rows_rejected == 0
    data = brief.numbers["data"]
    assert isinstance(data, dict)
    assert data["incidents"] == 18_562
    assert data["rows"] == data["rows_read"] == 23_574
    assert data["incidents"] < data["victims"] < data["rows"]
    assert (data["first_date"], data["last_date"]) == ("2006-01-01", "2020-12-31")


def test_programs_of_2017_held_half(files: tuple[Path, Path], real_data: Path) -> None:
    lines = (real_data / "treatment_years.csv").read_text().split()[1:]
    treated = [p for p, year in (line.split(",") for line in lines) if int(year) <= 2017]
    assert len(treated) == 17
    city = studies.load(studies.Request(files=files, as_of=date(2017, 12, 31)))
    year = city.since(date(2017, 1, 1))
    here = np.isin(city.area, [city.area_codes.index(p) for p in treated])
    shares = [
        city.measure(m)[year & here].sum() / city.measure(m)[year].sum()
        for m in ("rows", "incidents")
    ]
    assert [round(100 * share, 2) for share in shares] == [49.95, 50.57]


def test_top_twenty_of_june_2020(files: tuple[Path, Path]) -> None:
    city = studies.load(studies.Request(files=files, as_of=date(2020, 5, 31)))
    found = {
        measure: studies.areas.study(city, top=20, months=60, seed=1, measure=measure)
        for measure in ("rows", "incidents")
    }
    by_rows, by_incidents = found["rows"], found["incidents"]
    assert by_rows is not None
    assert by_incidents is not None
    want = [
        "75",
        "67",
        "73",
        "44",
        "79",
        "46",
        "40",
        "42",
        "47",
        "81",
        "48",
        "113",
        "77",
        "43",
        "32",
        "103",
        "71",
        "23",
        "52",
        "120",
    ]
    assert list(by_rows.priority) == want
    place = {r.area: r.rank for r in by_rows.ranked}
    assert place["40"] == place["42"], "a tie is said to be one"
    assert set(by_incidents.priority) == set(TOP_TWENTY) - {"23"} | {"105"}


def test_forecast_is_not_below_the_decayed_count(brief: studies.Brief) -> None:
    """2019 and 2020, month by month, at 1, 2 and 5 % of the land."""
    assert brief.forecast is not None
    judged = brief.forecast.backtest
    assert judged is not None
    assert (judged.first_month, judged.last_month) == ("2019-01", "2020-12")
    against = next(a for a in judged.against if a.baseline == "decayed")
    assert min(against.mean) >= 0
    rates = {m.method: m.hit_rate for m in judged.methods}
    for share in range(3):
        assert rates["decayed"][share] > rates["last_year"][share]


def test_nothing_is_new_and_drift_is_not_taken_for_repeats(brief: studies.Brief) -> None:
    assert brief.clusters is not None
    assert not brief.clusters.standing_out
    assert brief.clusters.clusters[0].llr == pytest.approx(8.518917, abs=1e-4)
    n = brief.near_repeat
    assert n is not None
    assert n.all_time.ratio[1][1] == pytest.approx(1.47, abs=0.02)
    assert n.within_year.ratio[1][1] == pytest.approx(1.07, abs=0.02)


def test_moved_borders_are_told(brief: studies.Brief) -> None:
    found = brief.quality.agreement
    assert found is not None
    assert found.more_than_a_little
    assert (found.differ[0].recorded, found.differ[0].mapped) == ("105", "116")
    assert brief.quality.no_recorded_rows == ("116",)
    assert brief.areas is not None
    assert len(brief.areas.ranked) == 77


def test_a_park_without_residents_has_no_rate(brief: studies.Brief) -> None:
    assert brief.areas is not None
    park = next(r for r in brief.areas.ranked if r.area == "22")
    assert park.rate is None
    assert "22" in brief.areas.unrated


def test_no_description_of_a_person_leaves(brief: studies.Brief) -> None:
    """Age, sex and race of victims and perpetrators are read to count, and are in no output."""
    text = json.dumps(brief.numbers).upper()
    for word in ("WHITE HISPANIC", "25-44", "BLACK", "<18"):
        assert word not in text
