"""Rows put together: incidents, areas, harm, duplicates, and what the report says of them."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from stoop.incidents import readers
from stoop.kernel.errors import Refusal


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path: Path, *texts: str, **choices) -> readers.Shootings:
    paths = [write(tmp_path / f"{i}.csv", text) for i, text in enumerate(texts)]
    return readers.read(paths, **choices)


def ids(*values: str, day: str = "2019-01-01") -> str:
    rows = (f'"{v}",{day},10:00,40.{i},-75' for i, v in enumerate(values))
    return "\n".join(["incident_id,date,time,lat,lon", *rows])


def test_ids_are_alike_however_written(tmp_path):
    text = ids(
        "201575314", "201575314.0", "201,575,314", " 201575314 ", "a-1", "A-1 ", "12.5", "13"
    )
    assert read(tmp_path, text).incident.tolist() == [0, 0, 0, 0, 1, 1, 2, 3]


def test_many_ids_of_letters_stay_apart(tmp_path):
    many = [f"HX{i}" for i in range(3000)]
    assert read(tmp_path, ids(*many, *many)).n_incidents == 3000


def test_rows_of_one_incident_that_differ_are_noted(tmp_path):
    shootings = read(tmp_path, ids("1", "1", "2"))
    assert shootings.n_incidents == 2
    assert shootings.first_of_each_incident().tolist() == [0, 2]
    assert any(
        note.startswith("1 incidents have rows that differ") for note in shootings.report.notes
    )


def test_without_ids_date_time_and_point_make_the_incident(tmp_path):
    moments = [
        "10:00,40,-75",
        "10:00,40,-75",
        "10:01,40,-75",
        "10:00,40,-75.01",
        "10:00,,",
        "10:00,,",
    ]
    rows = [f"2019-01-01,{moment},7" for moment in moments]
    shootings = read(tmp_path, "\n".join(["date,time,lat,lon,district", *rows]))
    assert shootings.incident.tolist() == [0, 0, 1, 2, 3, 4]
    assert any("no incident number" in note for note in shootings.report.notes)


def test_a_missing_id_falls_back_on_date_time_and_point(tmp_path):
    rows = [f"{number},2019-01-01,40,-75" for number in ("5", "", "(null)")]
    text = "\n".join(["incident_id,date,lat,lon", *rows])
    shootings = read(tmp_path, text)
    assert shootings.incident.tolist() == [0, 1, 1]
    assert any("2 rows have no incident number" in note for note in shootings.report.notes)


def test_one_id_in_two_files(tmp_path):
    same_day = read(tmp_path, ids("1", "2"), ids("2", "3") + "\n")
    assert same_day.incident.tolist() == [0, 1, 1, 2]
    assert any("1 incidents stand in more than one file" in n for n in same_day.report.notes)
    restarted = read(tmp_path, ids("1", "2"), ids("1", "2", day="2020-01-01"))
    assert restarted.n_incidents == 4
    assert any("2 incident numbers are used again" in n for n in restarted.report.notes)


def test_a_file_given_twice_is_refused(tmp_path):
    with pytest.raises(Refusal, match=r"0\.csv and 1\.csv are the same file"):
        read(tmp_path, ids("1"), ids("1"))


def test_exact_duplicates_are_counted_and_kept(tmp_path):
    row = "1,2019-01-01,40,-75,18-24,M\n"
    other = "1,2019-01-01,40,-75,25-44,M\n"
    shootings = read(tmp_path, "incident_id,date,lat,lon,vic_age,vic_sex\n" + row * 3 + other * 2)
    assert len(shootings) == 5
    assert shootings.report.exact_duplicates == 3
    assert shootings.victim.tolist() == [0, 0, 0, 1, 1]
    assert shootings.perpetrator.tolist() == [-1] * 5


def test_areas_are_one_however_written(tmp_path):
    def areas(*values: str, known=None) -> list[str]:
        text = "\n".join(["date,precinct", *(f"2019-01-01,{v}" for v in values)])
        shootings = read(tmp_path, text, known_areas=known)
        return [shootings.area_names[a] for a in shootings.area]

    assert areas("75", "075", "75.0", " 75 ") == ["75"] * 4
    assert areas("075", "080") == ["075", "080"]
    assert areas("075", "080", known={"75", "80"}) == ["75", "80"]
    assert areas("75", known={"075"}) == ["075"]
    assert areas("Central", "CENTRAL", "central ") == ["CENTRAL"] * 3
    assert areas("10", "9", "x2", "x10") == ["10", "9", "x2", "x10"]
    shootings = read(tmp_path, "date,precinct\n2019-01-01,10\n2019-01-01,9\n2019-01-01,X\n")
    assert shootings.area_names == ("9", "10", "X")


@pytest.mark.parametrize(
    ("word", "answer"),
    [("TRUE", 1), ("false", 0), ("Y", 1), ("N", 0), ("1", 1), ("0", 0), ("1.0", 1), ("2", 1),
     ("Fatal", 1), ("Non-Fatal", 0), ("NONFATAL", 0), ("HOMICIDE", 1), ("BATTERY", 0),
     ("Homicide - First Degree", 1), ("", -1), ("(null)", -1), ("perhaps", -1)],
)  # fmt: skip
def test_fatal_in_many_words(tmp_path, word, answer):
    shootings = read(tmp_path, f"date,lat,lon,fatal\n2019-01-01,40,-75,{word}\n")
    assert shootings.fatal.tolist() == [answer]
    assert any("neither yes nor no" in n for n in shootings.report.notes) == (word == "perhaps")


def test_victims_are_counted_only_where_the_file_says_so(tmp_path):
    said = read(tmp_path, "date,lat,lon,victims\n2019-01-01,40,-75,3\n2019-01-02,40,-75,\n")
    assert said.victims.tolist() == [3, -1]
    assert said.has_victim_counts
    both = read(
        tmp_path, "date,lat,lon,killed,injured\n2019-01-01,40,-75,1,2\n2019-01-02,40,-75,0,\n"
    )
    assert both.victims.tolist() == [3, -1]
    assert both.fatal.tolist() == [1, 0]
    assert not read(tmp_path, ids("1")).has_victim_counts


def test_of_killed_and_injured_an_empty_one_is_not_none(tmp_path):
    """The other one is the fewest that were hit, and a note says so."""
    found = read(
        tmp_path,
        "date,lat,lon,killed,injured\n2019-01-01,40,-75,2,\n2019-01-02,40,-75,,4\n"
        "2019-01-03,40,-75,0,\n2019-01-04,40,-75,0,0\n2019-01-05,40,-75,,\n",
    )
    assert found.victims.tolist() == [-1, -1, -1, 0, -1]
    assert found.at_least.tolist() == [2, 4, 0, -1, -1]
    assert found.fatal.tolist() == [1, -1, 0, 0, -1]
    (note,) = [each for each in found.report.notes if "without the other" in each]
    assert note.startswith("3 rows of")


def test_a_row_that_serves_nothing_is_rejected_once(tmp_path):
    text = "date,time,lat,lon\n2019-01-01,10:00,40,-75\n2019-01-01,25:99,0,0\n"
    (reject,) = read(tmp_path, text).report.rejects
    assert (reject.row, reject.kind, reject.use) == (2, "coordinates are zero", "nothing")


def test_until_uses_nothing_later(tmp_path):
    text = (
        "incident_id,date,precinct\n9,2019-01-03,50\n7,2019-01-01,40\n8,2019-01-02,60\n"
        "7,2019-01-01,40\n"
    )
    shootings = read(tmp_path, text)
    early = shootings.until(dt.date(2019, 1, 2))
    assert early.incident.tolist() == [0, 1, 0]
    assert early.row.tolist() == [2, 3, 4]
    assert early.area_names == ("40", "60")
    assert [early.area_names[a] for a in early.area] == ["40", "60", "40"]
    assert len(shootings.until(np.datetime64("2018-01-01"))) == 0
    assert shootings.until(dt.date(2018, 1, 1)).n_incidents == 0
    with pytest.raises(ValueError, match="read-only"):
        early.incident[0] = 5
    assert "2019" not in repr(shootings)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_rejects_are_written_without_formulas(tmp_path, sign):
    text = "date,lat,lon\n2019-01-01,40,-75\n-1-1-2019,40,-75\n=A1,40,-75\n"
    report = readers.read([write(tmp_path / f"{sign}cmd.csv", text)]).report
    readers.write_rejects(report, tmp_path / "rejected.csv")
    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["2", "3"]
    assert {row["file"] for row in rows} == {f"'{sign}cmd.csv"}
    assert all(not row["reason"].startswith(("=", "-", "+", "@")) for row in rows)
    assert {row["use"] for row in rows} == {"nothing"}
    assert [reject.row for reject in report.rejects[1:]] == [3]


def test_rows_after_the_day_are_as_if_unwritten(tmp_path: Path) -> None:
    """They choose no box and no projection, and nothing is said of them but how many they were."""
    early = [f"{i},2020-01-{i:02d},10:00,{40 + i / 1000},-75.1" for i in range(1, 9)]
    late = [f"{i},2021-01-{i % 28 + 1:02d},nonsense,45,-68.9" for i in range(100, 140)]
    head = "incident_key,date,time,lat,lon"
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    whole.write_text("\n".join([head, *early, *late]) + "\n")
    part.write_text("\n".join([head, *early]) + "\n")
    known = readers.read([whole], until=dt.date(2020, 12, 31))
    alone = readers.read([part])
    np.testing.assert_array_equal(known.x_m, alone.x_m)
    assert known.crs == alone.crs
    assert known.report.rows_later == 40
    assert len(known.report.rejects) == 0
    assert known.report.files[0].rows_rejected == 0
    with pytest.raises(Refusal, match="first is of 2020-01-01: choose a later --as-of"):
        readers.read([whole], until=dt.date(1999, 1, 1))
