"""`stoop brief` as an analyst types it: the happy road, and every clear no."""

import json
import shutil
from pathlib import Path

import pytest

from stoop.precision.tests import factories
from tests.stories.running import stoop


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    factories.shootings_file(folder / "shootings.csv")
    factories.areas_file(folder / "areas.geojson")
    text = (
        (folder / "areas.geojson").read_text().replace('"properties": {', '"properties": {"b": 1, ')
    )
    (folder / "two.geojson").write_text(text)
    (folder / "header.csv").write_text("incident_key,date,time,district,lat,lon\n")
    (folder / "empty.csv").write_text("")
    (folder / "nothing.csv").write_text("incident_key,date,lat,lon\n1,never,41,-60\n2,,41,-60\n")
    (folder / "no-date.csv").write_text("incident_key,lat,lon\n1,41.001,-59.999\n")
    (folder / "junk.csv").write_bytes(bytes(range(256)) * 40)
    (folder / "points.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"district":"A"},'
        '"geometry":{"type":"Point","coordinates":[-60,41]}}]}'
    )
    return folder


def test_brief_is_made_from_a_command(inputs: Path, tmp_path: Path) -> None:
    done = stoop(
        "brief", inputs / "shootings.csv", "--areas", inputs / "areas.geojson",
        "--area-field", "district", "--out", "brief", "--top", 2, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Open brief/index.html" in done.stderr
    assert done.stdout == ""
    found = json.loads((tmp_path / "brief" / "brief.json").read_text())
    assert found["data"]["incidents"] == 144
    assert [a["area"] for a in found["areas"]] == ["A", "B"]
    assert "<h1>" in (tmp_path / "brief" / "index.html").read_text()


REFUSALS = {
    "a file that is not there": (["gone.csv"], "gone.csv"),
    "an empty file": (["empty.csv"], "empty"),
    "a header and nothing else": (["header.csv"], "header.csv"),
    "no usable row": (["nothing.csv"], "nothing.csv"),
    "no date column": (["no-date.csv"], "--columns"),
    "bytes that are no text": (["junk.csv"], "junk.csv"),
    "a folder": (["."], "folder"),
    "outlines with two fields": (["shootings.csv", "--areas", "two.geojson"], "--area-field"),
    "a field that the outlines lack": (
        ["shootings.csv", "--areas", "areas.geojson", "--area-field", "precinct"],
        "district",
    ),
    "points for outlines": (
        ["shootings.csv", "--areas", "points.geojson", "--area-field", "district"],
        "points.geojson",
    ),
    "a role that does not exist": (["shootings.csv", "--columns", "weather=date"], "weather"),
    "a column that is not there": (["shootings.csv", "--columns", "date=OCCUR_DATE"], "OCCUR_DATE"),
    "columns of no form": (["shootings.csv", "--columns", "date"], "--columns"),
    "a day that is none": (["shootings.csv", "--as-of", "31/12/2020"], "YYYY-MM-DD"),
    "a day before the record": (["shootings.csv", "--as-of", "1999-01-01"], "--as-of"),
    "a projection that is none": (["shootings.csv", "--crs", "EPSG:1"], "EPSG:1"),
    "a time zone that is none": (["shootings.csv", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
    "the same file twice": (["shootings.csv", "shootings.csv"], "shootings.csv"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_clear_no(name: str, inputs: Path, tmp_path: Path) -> None:
    """One sentence, exit code 2, no traceback, nothing written."""
    words, must_say = REFUSALS[name]
    home = tmp_path / "home"
    shutil.copytree(inputs, home)
    before = sorted(p.name for p in home.iterdir())
    done = stoop("brief", *words, "--out", "brief", cwd=home)
    said = done.stderr.splitlines()[-1]
    assert done.returncode == 2, done.stderr
    assert said.startswith("stoop: "), done.stderr
    assert must_say in said
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in home.iterdir()) == before


def test_rank_knox_and_scan_print_tables_and_json(inputs: Path) -> None:
    few = {"rank": (), "knox": ("--permutations", 99), "scan": ("--replications", 99)}
    for command, key in (("rank", "areas"), ("knox", "within_year"), ("scan", "clusters")):
        table = stoop(command, "shootings.csv", *few[command], cwd=inputs)
        assert table.returncode == 0, table.stderr
        assert len(table.stdout.splitlines()) > 3
        found = stoop(command, "shootings.csv", *few[command], "--json", cwd=inputs)
        assert key in json.loads(found.stdout)


def test_forecasts_are_written_month_by_month(inputs: Path, tmp_path: Path) -> None:
    done = stoop(
        "forecast", inputs / "shootings.csv", "--areas", inputs / "areas.geojson",
        "--area-field", "district", "--from", "2023-01", "--to", "2024-01", "--out", "f.csv",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, *rows = (tmp_path / "f.csv").read_text().splitlines()
    assert head == "month,cell_x,cell_y,score"
    cells = [row.split(",") for row in rows]
    assert {c[0] for c in cells} == {f"2023-{m:02d}" for m in range(1, 13)} | {"2024-01"}
    assert all(float(c[1]) % 250 == 0 and float(c[2]) % 250 == 0 for c in cells)
    assert all(float(c[3]) >= 0 for c in cells)


@pytest.mark.parametrize(
    ("first", "last", "must_say"),
    [
        ("2023-13", "2024-01", "YYYY-MM"),
        ("2024-01", "2023-01", "earlier month first"),
        ("2020-01", "2023-01", "begin --from later"),
        ("2023-01", "2031-01", "end earlier"),
    ],
)
def test_forecast_months_that_cannot_be(
    first: str, last: str, must_say: str, inputs: Path, tmp_path: Path
) -> None:
    done = stoop(
        "forecast", inputs / "shootings.csv", "--from", first, "--to", last, cwd=tmp_path
    )  # fmt: skip
    assert done.returncode == 2
    assert must_say in done.stderr
    assert not list(tmp_path.iterdir())
