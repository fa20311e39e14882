"""The files: the same bytes from the same seed, and what the truth says of them."""

import csv
import hashlib
import json
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
import shapely

from stoop.kernel.errors import Refusal
from stoop.sample.actions import build
from stoop.sample.models import LABEL, City
from stoop.sample.queries import truth

PEOPLE = ("VIC_AGE_GROUP", "VIC_SEX", "VIC_RACE"), ("PERP_AGE_GROUP", "PERP_SEX", "PERP_RACE")


def rows_of(city: City) -> dict[str, list[dict[str, str]]]:
    early, late = city.shootings
    with early.open(encoding="utf-8", newline="") as file:
        found = {early.name: list(csv.DictReader(file))}
    with late.open(encoding="utf-8-sig", newline="") as file:
        found[late.name] = list(csv.DictReader(file, delimiter=";"))
    return found


def bytes_of(city: City) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(city.folder.iterdir())}


def polygons(path: Path, field: str) -> list[tuple[str, str, str | None, shapely.Geometry]]:
    return [
        (f["properties"][field], f["properties"]["valid_from"], f["properties"]["valid_to"],
         shapely.geometry.shape(f["geometry"]))
        for f in json.loads(path.read_text())["features"]
    ]  # fmt: skip


def on(day: str, found: list[tuple]) -> dict[str, shapely.Geometry]:
    return {code: p for code, start, end, p in found if start <= day and (end is None or day < end)}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_another_city(
    city: City, tmp_path: Path
) -> None:
    again, other = build(tmp_path / "again", seed=1), build(tmp_path / "other", seed=2)
    assert bytes_of(again) == bytes_of(city)
    assert all(bytes_of(other)[name] != content for name, content in bytes_of(city).items())


def test_the_bytes_are_the_same_on_every_machine(city: City) -> None:
    # Held with GEOS 3.11 and 3.14, NumPy 2.1 and 2.4, with and without AVX. Whoever changes the
    # city on purpose puts the new digest here.
    digest = hashlib.sha256(b"".join(bytes_of(city).values())).hexdigest()
    assert digest == "062a13e2bfa9c4b5d15dda3a1151dc6c8c3be6e551ccf94082ed3dfd688fdaa2"


def test_every_file_that_can_says_that_it_is_made_up(city: City) -> None:
    for path in (city.areas, city.sectors, city.truth, city.readme):
        assert LABEL in path.read_text()[:200]


def test_counts_in_the_truth_are_those_of_the_files(city: City) -> None:
    told, files = truth(city.folder).counts, rows_of(city)
    rows = [row for file in files.values() for row in file]
    assert {name: len(file) for name, file in files.items()} == told.rows
    assert len({row["INCIDENT_KEY"] for row in rows}) == told.incidents
    copies = [len(file) - len({tuple(r.values()) for r in file}) for file in files.values()]
    assert sum(copies) == told.repeated_rows
    assert told.victims_told_apart <= told.victims <= len(rows)
    assert 8 * 500 <= told.incidents <= 8 * 700


def test_dirty_rows_stand_where_the_truth_says(city: City) -> None:
    files = rows_of(city)
    dirty = truth(city.folder).dirty
    for row in dirty:
        assert files[row.file][row.line - 2]["INCIDENT_KEY"] == str(row.key)
    kinds = Counter(row.reason for row in dirty)
    assert len(kinds) == 8
    assert min(kinds.values()) >= 4
    lines = {(row.file, row.line - 2) for row in dirty}
    for name, file in files.items():
        for k, row in enumerate(file):
            if (name, k) not in lines:
                assert 41.3 < float(row["Latitude"]) < 41.5
                assert row["OCCUR_TIME"]
                assert "/30/" not in row["OCCUR_DATE"] or not row["OCCUR_DATE"].startswith("2/")


def test_rows_of_many_incidents_are_a_cross_product(city: City) -> None:
    groups: dict[str, list[dict[str, str]]] = {}
    for file in rows_of(city).values():
        for row in file:
            groups.setdefault(row["INCIDENT_KEY"], []).append(row)
    products = 0
    for rows in groups.values():
        sides = [
            sorted({tuple(row[column] for column in side) for row in rows})
            for side in (*PEOPLE, ("STATISTICAL_MURDER_FLAG",))
        ]
        columns = (*PEOPLE[0], *PEOPLE[1], "STATISTICAL_MURDER_FLAG")
        seen = sorted(tuple(row[column] for column in columns) for row in rows)
        products += len(rows) > 1 and seen == sorted((*v, *p, *m) for v, p, m in product(*sides))
    told = truth(city.folder).counts.cross_product
    # Two victims in two rows are a product too, by chance.
    assert told <= products <= told * 1.6
    assert told > 300


def test_early_release_has_thousands_commas_and_the_late_one_nulls(city: City) -> None:
    early, late = rows_of(city).values()
    commas = sum("," in row["X_COORD_CD"] for row in early)
    assert 0.1 < commas / len(early) < 0.6
    assert {row["STATISTICAL_MURDER_FLAG"] for row in early} == {"TRUE", "FALSE"}
    assert {row["STATISTICAL_MURDER_FLAG"] for row in late} == {"Y", "N"}
    assert sum(row["PERP_SEX"] == "(null)" for row in late) > 100
    assert late[0]["Latitude"].partition(".")[2].isdigit()
    assert len(late[0]["Latitude"].partition(".")[2]) == 15
    assert city.shootings[1].read_bytes().startswith(b"\xef\xbb\xbf")


def test_one_district_is_split_half_way_and_keeps_a_part(city: City) -> None:
    split = truth(city.folder).split
    found = polygons(city.areas, "district")
    before, after = on("2021-12-31", found), on("2022-01-01", found)
    assert (len(before), len(after)) == (24, 25)
    assert set(after) - set(before) == {split.new}
    joined = after[split.old].union(after[split.new])
    assert joined.symmetric_difference(before[split.old]).area < 1e-8
    assert after[split.old].area < 0.75 * before[split.old].area


@pytest.mark.parametrize("day", ["2018-01-01", "2021-12-31", "2022-01-01", "2025-12-31"])
def test_sectors_nest_in_districts_and_districts_do_not_overlap(city: City, day: str) -> None:
    districts = on(day, polygons(city.areas, "district"))
    sectors = on(day, polygons(city.sectors, "sector"))
    assert len(sectors) == 90
    for code, sector in sectors.items():
        home = districts[code.rstrip("ABCDEFGH")]
        assert sector.is_valid
        assert sector.difference(home).area < 1e-4 * sector.area
    total = sum(p.area for p in districts.values())
    assert abs(shapely.union_all(list(districts.values())).area - total) < 1e-5 * total


def test_recorded_district_is_that_of_the_day_but_for_a_few_border_streets(city: City) -> None:
    told = truth(city.folder)
    found = polygons(city.areas, "district")
    spoilt = {(row.file, row.line) for row in told.dirty}
    rows = differ = 0
    for name, file in rows_of(city).items():
        for line, row in enumerate(file, start=2):
            if (name, line) in spoilt:
                continue
            month, day, year = row["OCCUR_DATE"].split("/")
            borders = on(f"{year}-{int(month):02}-{int(day):02}", found)
            point = shapely.Point(float(row["Longitude"]), float(row["Latitude"]))
            rows += 1
            differ += not borders[row["DISTRICT"]].contains(point)
    assert abs(differ - told.counts.border_rows) <= 3
    assert 0.01 < differ / rows < 0.05


def test_population_and_sites_name_districts_that_exist(city: City) -> None:
    told = truth(city.folder)
    with city.population.open(newline="") as file:
        people = {row["district"]: int(row["population"]) for row in csv.DictReader(file)}
    assert people == {area.code: area.population for area in told.areas}
    assert people[told.park] < 100 < 9000 < sorted(people.values())[1]
    with city.sites.open(newline="") as file:
        sites = list(csv.DictReader(file))
    assert {site["district"] for site in sites} < set(people)
    assert sum(bool(site["end_month"]) for site in sites) == 1
    assert sum(bool(site["planned_start"]) and not site["start_month"] for site in sites) == 1
    assert [p.effect for p in told.programs].count(-0.3) == 2


def test_truth_survives_its_file_and_refuses_another_folder(city: City, tmp_path: Path) -> None:
    told = truth(city.folder)
    assert told.label == LABEL
    assert told.cluster.first_day < told.cluster.last_day == told.last_day
    assert told.programs[0].start is not None
    with pytest.raises(Refusal, match="build Sample City"):
        truth(tmp_path)
    (tmp_path / "truth.json").write_text("{}")
    with pytest.raises(Refusal, match="does not belong"):
        truth(tmp_path)
