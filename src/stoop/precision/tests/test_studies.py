"""What the sections say of a small city whose answers are known by counting."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stoop.kernel.errors import Refusal
from stoop.precision import studies
from stoop.precision.studies import areas, city, hours, quality, trend
from stoop.precision.tests import factories


@pytest.fixture
def request_(tmp_path: Path) -> studies.Request:
    return studies.Request(
        files=(factories.shootings_file(tmp_path / "shootings.csv"),),
        areas=factories.areas_file(tmp_path / "areas.geojson"),
        area_field="district",
        top=2,
        months=12,
    )


def test_city_counts_each_incident_once(request_: studies.Request) -> None:
    found = studies.load(request_)
    assert found.day.size == found.counted.incidents == 3 * 12 * 4
    assert found.area_codes == ("A", "B", "C", "D")
    assert found.area_source == "recorded"
    assert found.as_of == found.last_day


def test_as_of_hides_everything_after_it(request_: studies.Request) -> None:
    """A brief as of a day is the brief of a file that ends on that day."""
    day = date(2022, 6, 30)
    early = studies.load(replace(request_, as_of=day))
    cut = request_.files[0].with_name("cut.csv")
    lines = request_.files[0].read_text().splitlines()
    kept = [line for line in lines[1:] if line.split(",")[1] <= str(day)]
    cut.write_text("\n".join([lines[0], *kept]) + "\n")
    alone = studies.load(replace(request_, files=(cut,), as_of=day))
    assert early.rows_after == len(lines) - 1 - len(kept) > 0
    np.testing.assert_array_equal(early.x_m, alone.x_m)
    whole = studies.make_brief(replace(request_, as_of=day)).numbers
    part = studies.make_brief(replace(request_, files=(cut,), as_of=day)).numbers
    for name in ("trend", "areas", "hotspots", "forecast", "clusters", "near_repeat", "hours"):
        assert whole[name] == part[name], name


def test_as_of_before_the_record_is_refused(request_: studies.Request) -> None:
    with pytest.raises(Refusal, match="choose a later --as-of"):
        studies.load(replace(request_, as_of=date(1999, 1, 1)))


def test_one_field_needs_no_name(request_: studies.Request) -> None:
    found = studies.load(replace(request_, area_field=None))
    assert found.areas is not None
    assert found.areas.field == "district"


def test_codes_unknown_to_the_outlines_give_way_to_the_map(
    request_: studies.Request, tmp_path: Path
) -> None:
    text = request_.files[0].read_text()
    lines = [line.split(",") for line in text.splitlines()]
    for line in lines[1:]:
        line[3] = "zone-" + line[3]
    (tmp_path / "zones.csv").write_text("\n".join(",".join(line) for line in lines) + "\n")
    found = studies.load(replace(request_, files=(tmp_path / "zones.csv",)))
    assert found.area_source == "mapped"
    np.testing.assert_array_equal(found.area, studies.load(request_).area)


def test_area_split_half_way_is_counted_by_todays_outline(tmp_path: Path) -> None:
    """A ends when E opens on the same ground: A's old incidents are E's history."""
    split = {"A": {"valid_to": "2023-01-01"}}
    path = factories.areas_file(tmp_path / "areas.geojson", dates=split)
    collection = json.loads(path.read_text())
    collection["features"].append(
        {
            "type": "Feature",
            "properties": {"district": "E", "valid_from": "2023-01-01"},
            "geometry": {"type": "Polygon", "coordinates": factories.square(0, 0)},
        }
    )
    path.write_text(json.dumps(collection))
    request = studies.Request(
        files=(factories.shootings_file(tmp_path / "s.csv"),), areas=path, area_field="district"
    )
    today = studies.load(replace(request, as_of=date(2023, 12, 31)))
    before = studies.load(replace(request, as_of=date(2022, 12, 31)))
    assert today.area_codes == ("B", "C", "D", "E")
    assert (today.area == today.area_codes.index("E")).sum() == 3 * 24
    assert before.area_codes == ("A", "B", "C", "D")
    assert (before.area == 0).sum() == 2 * 24


def test_trend_compares_the_same_days(request_: studies.Request) -> None:
    found = trend.study(studies.load(replace(request_, as_of=date(2023, 6, 30))))
    assert found.this_year == 2023
    assert not found.whole_year
    assert found.incidents is not None
    assert (found.incidents.now, found.incidents.before) == (24, 24)
    assert found.incidents.low < 1 < found.incidents.high
    assert found.long_run is None, "two earlier years are no long run"


def test_ranking_and_what_it_holds(request_: studies.Request) -> None:
    found = areas.study(studies.load(request_), top=2, months=12, seed=1)
    assert found is not None
    assert [r.area for r in found.ranked] == ["A", "B", "C", "D"]
    assert [r.incidents for r in found.ranked] == [24, 12, 11, 1]
    assert found.priority == ("A", "B")
    assert found.ranked[1].rank_low <= 2 <= found.ranked[1].rank_high
    assert found.stability == pytest.approx(1.0)


def test_window_of_whole_months() -> None:
    assert city.months_before(date(2020, 12, 31), 36) == date(2018, 1, 1)
    assert city.months_before(date(2020, 5, 31), 60) == date(2015, 6, 1)
    assert city.months_before(date(2020, 3, 30), 1) == date(2020, 2, 29)


def test_priority_areas_without_a_program(request_: studies.Request, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text(
        "area,program,provider,start_month,end_month,status\n"
        "A,Open Hands,Northside,2020-01,,Fully Operational\n"
        "B,Steady Ground,Eastside,2020-01,2022-06,Closed\n"
        "D,Far Shore,Eastside,2020-01,,Fully Operational\n"
    )
    loaded = studies.load(replace(request_, sites=sites))
    ranked = areas.study(loaded, top=2, months=12, seed=1)
    assert ranked is not None
    found = areas.coverage(loaded, ranked)
    assert found is not None
    assert found.gaps == ("B",)
    assert [o.area for o in found.outside] == ["D"]
    assert (found.running, found.closed) == (2, 1)


def test_hours_hold_a_night_together(request_: studies.Request) -> None:
    found = hours.study(studies.load(request_), ("A",), seed=1)
    assert found.known == 144
    assert found.occupy.share == pytest.approx(0.75)
    assert found.areas[0].area == "A"


def test_quality_names_what_was_set_aside(request_: studies.Request, tmp_path: Path) -> None:
    bad = "900,2023-13-01,10:00,A,41.001,-59.999,0\n901,2023-05-05,10:00,A,0,0,0\n"
    file = factories.shootings_file(tmp_path / "dirty.csv", extra=bad)
    loaded = studies.load(replace(request_, files=(file,)))
    found = quality.study(loaded)
    assert found.rows_read == 146
    assert found.rows_rejected == 1
    assert found.rows_set_aside == 1
    assert found.without_point == 1
    assert found.rows_read == found.rows_rejected + loaded.counted.rows


def test_rows_and_incidents_are_never_mixed(request_: studies.Request, tmp_path: Path) -> None:
    """An incident of three identical rows weighs three rows, and one incident."""
    line = "950,2023-12-20,21:00,B,41.005,-59.985,0\n"
    file = factories.shootings_file(tmp_path / "rows.csv", extra=line * 3)
    loaded = studies.load(replace(request_, files=(file,)))
    by_rows = areas.study(loaded, top=2, months=12, seed=1, measure="rows")
    by_incidents = areas.study(loaded, top=2, months=12, seed=1)
    assert by_rows is not None
    assert by_incidents is not None
    b_rows = next(r for r in by_rows.ranked if r.area == "B")
    assert (b_rows.rows, b_rows.incidents) == (15, 13)
    assert len(loaded.events()) == loaded.counted.incidents


def test_a_column_of_victims_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "one-row-each.csv"
    rows = [f"{i},2023-{1 + i % 12:02d}-05,N,{i % 3}" for i in range(24)]
    file.write_text("\n".join(["incident_number,date,district,victims", *rows]) + "\n")
    counted = studies.load(studies.Request(files=(file,))).counted
    assert (counted.incidents, counted.victims, counted.rows) == (24, 24, 24)
    assert counted.incident_victims.tolist()[:3] == [0, 1, 2]


def test_a_short_record_is_not_divided_by_months_it_lacks(
    request_: studies.Request, tmp_path: Path
) -> None:
    """Twelve months on file, 36 asked for: rates are for a year of twelve months."""
    file = factories.shootings_file(tmp_path / "short.csv", years=range(2023, 2024))
    people = tmp_path / "people.csv"
    people.write_text("area,population\nA,10000\nB,10000\nC,10000\nD,10000\n")
    request = replace(request_, files=(file,), population=people, as_of=date(2023, 12, 31))
    loaded = studies.load(request)
    assert (loaded.opens, loaded.months_on_file) == (date(2023, 1, 1), 12)
    found = areas.study(loaded, top=2, months=36, seed=1)
    assert found is not None
    assert found.months == 12
    first = found.ranked[0]
    assert first.rate is not None
    assert first.rate == pytest.approx(1e5 * 24 / 10_000, rel=0.2), "shrunk a little"


def test_midnight_that_is_written_otherwise_is_told(tmp_path: Path) -> None:
    lines = ["incident_key,date,time,district"]
    for i in range(400):
        day = f"2023-{1 + i % 12:02d}-{1 + i % 28:02d}"
        lines.append(f"{i},{day},{['23:00', '01:00', '00:01', '14:30'][i % 4]},N")
    file = tmp_path / "clock.csv"
    file.write_text("\n".join(lines) + "\n")
    found = hours.study(studies.load(studies.Request(files=(file,))), (), seed=1)
    assert found.midnight_scarce
    assert not found.midnight_suspicious
    assert (found.at_midnight, found.midnight_expected) == (0, 100.0)
