"""The folder of a brief: whole or not at all, the same bytes from the same files."""

import csv
import json
from pathlib import Path

import pytest

from stoop.kernel.errors import Refusal
from stoop.precision import actions, studies
from stoop.precision.tests import factories


def request_in(folder: Path, extra: str = "") -> studies.Request:
    return studies.Request(
        files=(factories.shootings_file(folder / "shootings.csv", extra=extra),),
        areas=factories.areas_file(folder / "areas.geojson"),
        area_field="district",
        top=2,
        months=12,
    )


def publish(request: studies.Request, out: Path) -> None:
    actions.publish_brief(request=request, out=out, render=lambda brief: "<!doctype html>")


def test_same_files_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    publish(request_in(tmp_path), one)
    publish(request_in(elsewhere), two)
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in two.iterdir())
    assert {"brief.json", "run.json", "index.html", "rejected.csv", "areas.csv"} <= set(names)
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_brief_json_has_its_keys(tmp_path: Path) -> None:
    publish(request_in(tmp_path), tmp_path / "out")
    found = json.loads((tmp_path / "out" / "brief.json").read_text())
    wanted = "data trend areas coverage hotspots forecast clusters near_repeat hours quality"
    assert set(wanted.split()) <= set(found)
    data = "rows_read rows_rejected incidents victims first_date last_date"
    assert set(data.split()) <= set(found["data"])
    for area in found["areas"]:
        assert {"area", "rank", "rank_low", "rank_high", "incidents"} <= set(area)
    assert found["forecast"]["backtest"]["methods"]
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run["inputs"][0]["sha256"]
    assert str(tmp_path) not in json.dumps(run)


def test_old_brief_is_replaced_and_other_folders_are_not(tmp_path: Path) -> None:
    request, out = request_in(tmp_path), tmp_path / "out"
    publish(request, out)
    (out / "left-over.csv").write_text("x")
    publish(request, out)
    assert not (out / "left-over.csv").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(Refusal, match="did not make"):
        publish(request, mine)
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_failure_leaves_the_old_brief_and_no_half_of_a_new_one(tmp_path: Path) -> None:
    request, out = request_in(tmp_path), tmp_path / "out"
    publish(request, out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def broken(brief: studies.Brief) -> str:
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError):
        actions.publish_brief(request=request, out=out, render=broken)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["areas.geojson", "out", "shootings.csv"]


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    rows = [{"area": "=1+1", "incidents": -3, "programs": ["@SUM(A1)", "b"]}]
    from stoop.precision.actions.publish import write_csv

    write_csv(tmp_path / "t.csv", rows)
    with (tmp_path / "t.csv").open() as file:
        assert list(csv.reader(file))[1] == ["'=1+1", "-3", "'@SUM(A1); b"]
