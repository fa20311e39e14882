# ruff: noqa: DTZ001 (a spreadsheet knows no time zone)
"""One made-up table in every format and dress gives the same shootings."""

import datetime as dt
import gzip
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

from stoop.incidents import readers
from stoop.incidents.tests.workbook import write_workbook

HEADER = ["Incident Number", "Occur Date", "Occur Time", "District", "Lat", "Lng", "Fatal", "Note"]
ROWS = [
    ["A-17", "2021-03-04", "22:10:00", "7", "39.95", "-75.16", "1", "Market & 5th"],
    ["A-17", "2021-03-04", "22:10:00", "7", "39.95", "-75.16", "0", "Market & 5th"],
    ["A-18", "2021-03-05", "", "9", "39.96", "-75.17", "0", "Café Zoë"],
    ["A-19", "2021-12-31", "00:00", "9", "39.97", "-75.18", "0", ""],
]


def as_csv(delimiter: str = ",", end: str = "\n", rows: list[list[str]] = ROWS) -> str:
    lines = [HEADER, *rows]
    return end.join(delimiter.join(f'"{c}"' if delimiter in c else c for c in r) for r in lines)


def check(shootings: readers.Shootings) -> None:
    assert shootings.incident.tolist() == [0, 0, 1, 2]
    assert [str(d) for d in shootings.date] == ["2021-03-04"] * 2 + ["2021-03-05", "2021-12-31"]
    assert shootings.minute.tolist() == [1330, 1330, -1, 0]
    assert [shootings.area_names[a] for a in shootings.area] == ["7", "7", "9", "9"]
    assert shootings.lat.tolist() == [39.95, 39.95, 39.96, 39.97]
    assert shootings.lon.tolist() == [-75.16, -75.16, -75.17, -75.18]
    assert shootings.fatal.tolist() == [1, 0, 0, 0]
    assert shootings.row.tolist() == [1, 2, 3, 4]
    assert shootings.crs == "EPSG:32618"
    assert shootings.report.rows_read == 4
    assert not len(shootings.report.rejects)
    assert np.isfinite(shootings.x_m).all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_csv_in_every_dress(tmp_path: Path, delimiter: str, end: str, encoding: str):
    path = tmp_path / "odd 'name' [1].csv"
    path.write_bytes(as_csv(delimiter, end).encode(encoding))
    shootings = readers.read([path])
    check(shootings)
    assert shootings.report.files[0].delimiter == delimiter


def test_gzip_without_its_suffix(tmp_path: Path):
    path = tmp_path / "shootings"
    path.write_bytes(gzip.compress(as_csv().encode()))
    check(readers.read([path]))


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: text.replace("Market & 5th", '"Market\n& ""5th"""'),
        lambda text: "Shootings, all districts\nPrinted 1 May 2022\n\n" + text,
        lambda text: text.replace("\n", "\n\n") + "\n\n \n",
        lambda text: text.replace(",39.97", " , 39.97 ").replace("A-19", " a-19 "),
        lambda text: text.replace("Note\n", "Note,\n"),
        lambda text: text.replace("5th\n", "5th,, \n"),
        lambda text: text.removesuffix(","),
        lambda text: text.replace("A-18", "A-\x0018".replace("\x00", "") + "\x00"),
        lambda text: text.replace("Lng,Fatal", "LONGITUDE,fatal "),
    ],
)
def test_untidy_csv(tmp_path: Path, dress):
    path = tmp_path / "a.csv"
    path.write_text(dress(as_csv()), encoding="utf-8", newline="")
    check(readers.read([path]))


def test_columns_in_another_order(tmp_path: Path):
    rows = [HEADER, *ROWS]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(reversed(row)) for row in rows), encoding="utf-8")
    check(readers.read([path]))


def test_xlsx_with_typed_cells_below_a_title(tmp_path: Path):
    typed = [
        [r[0], dt.date.fromisoformat(r[1]), dt.time.fromisoformat(r[2]) if r[2] else None,
         int(r[3]), float(r[4]), float(r[5]), int(r[6]), r[7]]
        for r in ROWS
    ]  # fmt: skip
    sheets = {"Read me": [["about"]], "Data": [["Shootings of Sample City"], HEADER, *typed]}
    shootings = readers.read([write_workbook(tmp_path / "a.xlsx", sheets)])
    check(shootings)
    assert shootings.report.files[0].kind == "XLSX"
    assert "'Data' was read" in shootings.report.notes[0]


def test_xlsx_with_date_and_time_in_one_cell(tmp_path: Path):
    rows = [
        ["Occurred DateTime", "Lat", "Lon"],
        [dt.datetime(2021, 3, 4, 22, 10), 39.95, -75.16],
        [dt.datetime(2021, 3, 5, 0, 0), 39.95, -75.16],
    ]
    shootings = readers.read([write_workbook(tmp_path / "a.xlsx", {"S": rows})])
    # A sheet writes midnight and no time at all alike, and no time is never taken for midnight.
    assert shootings.minute.tolist() == [1330, -1]
    assert [str(d) for d in shootings.date] == ["2021-03-04", "2021-03-05"]


def test_xlsx_with_times_as_spans_of_hours(tmp_path: Path):
    span = dt.timedelta(hours=22, minutes=10)
    rows = [["date", "time", "lat", "lon"], [dt.date(2021, 3, 4), span, 39.95, -75.16]]
    shootings = readers.read([write_workbook(tmp_path / "a.xlsx", {"S": rows})])
    assert shootings.minute.tolist() == [1330]


def test_of_sheets_that_look_alike_the_first_is_read(tmp_path: Path):
    header = ["date", "lat", "lon"]
    sheets = {
        name: [header, [dt.date(year, 3, 4), 39.95, -75.16]]
        for name, year in (("New", 2021), ("Old", 2020))
    }
    shootings = readers.read([write_workbook(tmp_path / "a.xlsx", sheets)])
    assert [str(d) for d in shootings.date] == ["2021-03-04"]
    assert "2 sheets; 'New' was read" in shootings.report.notes[0]


def test_parquet_with_typed_columns(tmp_path: Path):
    path = tmp_path / "a.parquet"
    source = tmp_path / "a.csv"
    source.write_text(as_csv(), encoding="utf-8")
    duckdb.sql(
        f"""COPY (SELECT "Incident Number", "Occur Date"::DATE AS "Occur Date",
        try_cast("Occur Time" AS TIME) AS "Occur Time", District::DOUBLE AS "Dis""trict",
        Lat::DOUBLE AS Lat, Lng::DOUBLE AS Lng, Fatal = '1' AS Fatal
        FROM read_csv('{source}', all_varchar=true)) TO '{path}' (FORMAT parquet)"""
    )
    check(readers.read([path]))


def test_geojson_gives_its_points(tmp_path: Path):
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(HEADER[:4], r[:4], strict=True)) | {"fatal": r[6] == "1"},
            "geometry": {"type": "Point", "coordinates": [float(r[5]), float(r[4])]},
        }
        for r in ROWS
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    check(readers.read([path]))


def test_list_of_records(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([dict(zip(HEADER, r, strict=True)) for r in ROWS]))
    check(readers.read([path]))


def test_two_files_of_different_columns_are_one_reading(tmp_path: Path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(as_csv(rows=ROWS[:2]), encoding="utf-8")
    lines = ["dc_key,date_,time,dist,lng,lat,fatal,point_x,point_y"]
    lines += [f"{r[0]},{r[1]},{r[2]},{r[3]},{r[5]},{r[4]},{r[6]},{r[5]},{r[4]}" for r in ROWS[2:]]
    second.write_text("\n".join(lines), encoding="utf-8")
    shootings = readers.read([first, second])
    assert shootings.incident.tolist() == [0, 0, 1, 2]
    assert shootings.file.tolist() == [0, 0, 1, 1]
    assert shootings.row.tolist() == [1, 2, 1, 2]
    assert shootings.report.files[1].columns["lon"] == "lng"
    assert shootings.minute.tolist() == [1330, 1330, -1, 0]


def test_short_rows_are_filled_and_long_rows_rejected(tmp_path: Path):
    text = (
        as_csv()
        + "\nA-20,2021-03-04,10:00,9,39.9,-75.1\nA-21,2021-03-04,10:00,a,b,9,39.9,-75.1,1,x"
    )
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    shootings = readers.read([path])
    assert len(shootings) == 5
    assert shootings.fatal[-1] == -1
    (reject,) = shootings.report.rejects
    assert (reject.row, reject.use) == (6, "nothing")
    assert "more fields" in reject.reason
    assert shootings.report.rows_read == 6 == shootings.report.rows_rejected + len(shootings)
