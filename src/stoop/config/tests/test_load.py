"""`stoop load`: what a command prints, writes and refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.config.cli import app
from stoop.incidents import queries as incidents
from stoop.kernel.errors import Refusal
from stoop.places import queries as places

pytestmark = pytest.mark.django_db

HEAD = "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,PRECINCT,STATISTICAL_MURDER_FLAG,Latitude,Longitude"


@pytest.fixture
def stoop(tmp_path, monkeypatch):
    """Run a command in an empty folder; what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


def numbers(printed: str) -> dict[str, str]:
    rows = (line.split("│") for line in printed.splitlines() if line.count("│") == 3)
    return {name.strip(): number.strip() for _, name, number, _ in rows}


def outlines(name: str, **boxes: tuple[float, float, float, float]) -> None:
    def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
        return [[west, south], [east, south], [east, north], [west, north], [west, south]]

    features = [
        {
            "type": "Feature",
            "properties": {"code": code.removeprefix("p")},
            "geometry": {"type": "Polygon", "coordinates": [ring(*box)]},
        }
        for code, box in boxes.items()
    ]
    body = {"type": "FeatureCollection", "features": features}
    Path(name).write_text(json.dumps(body), encoding="utf-8")


def shootings(name: str, *rows: str) -> None:
    Path(name).write_text("\n".join([HEAD, *rows]), encoding="utf-8")


def test_a_city_from_its_files(stoop):
    outlines("a.geojson", p1=(-87.7, 41.7, -87.6, 41.9), p2=(-87.6, 41.7, -87.5, 41.9))
    printed = stoop("load", "areas", "a.geojson", "--kind", "precinct")
    assert numbers(printed)["added"] == "2"
    assert "loaded before" in stoop("load", "areas", "a.geojson", "--kind", "precinct")

    Path("sites.csv").write_text("precinct,program,provider,start_month\n1,Calm,Harbor,2019-01\n")
    assert numbers(stoop("load", "sites", "sites.csv"))["sites"] == "1"
    (site,) = accounts.sites(SYSTEM)
    assert places.placed(-87.65, 41.8)["catchment"] == (site.code,)

    Path("addresses.csv").write_text("number,street,lat,lon\n12,Main St,41.8,-87.65\n")
    Path("more.csv").write_text("number,street,lat,lon\n3,Hill St,41.8,-87.66\n4,=Hill St,,\n")
    both = ("load", "addresses", "addresses.csv", "more.csv")
    printed = numbers(stoop(*both, "--rejects", "rejects.csv"))
    assert (printed["addresses"], printed["rejected rows"]) == ("2", "1")
    assert Path("rejects.csv").read_text().splitlines() == [
        "file,row,reason,use,said",
        'more.csv,2,no latitude and longitude,nothing,"4,=Hill St,,"',
    ]
    assert "addresses.csv, more.csv were loaded before, on " in stoop(*both)
    assert places.find_address("12 main street")[0].lon == -87.65

    shootings(
        "first.csv",
        "1,01/02/2020,10:00,1,TRUE,41.8,-87.65",
        "2,01/02/2020,11:00,2,FALSE,41.8,-87.55",
        "3,02/31/2020,11:00,2,FALSE,41.8,-87.55",
    )
    printed = stoop("load", "incidents", "first.csv", "--rejects", "rejects.csv")
    assert numbers(printed) == {
        "rows": "3", "rejected rows": "1", "incidents": "2", "added": "2", "changed": "0",
        "withdrawn": "0", "as they were": "0",
    }  # fmt: skip
    assert "date that no calendar has" in printed
    rejects = Path("rejects.csv").read_text()
    assert "first.csv,3,date that no calendar has: 02/31/2020,nothing," in rejects
    assert '"3,02/31/2020,11:00,2,FALSE,41.8,-87.55"' in rejects, "the row as it was"
    again = stoop("load", "incidents", "first.csv", "--rejects", "rejects.csv")
    assert "first.csv was loaded before, on " in again
    assert Path("rejects.csv").read_text() == rejects
    shootings("later.csv", "1,01/02/2020,10:00,1,FALSE,41.8,-87.65")
    printed = numbers(stoop("load", "incidents", "later.csv", "--part"))
    assert (printed["changed"], printed["withdrawn"]) == ("1", "0")
    assert incidents.incidents(SYSTEM).count() == 2


def test_areas_that_come_later_place_what_is_there(stoop):
    shootings("first.csv", "1,01/02/2020,10:00,1,TRUE,41.8,-87.65")
    stoop("load", "incidents", "first.csv", "--source", "police-open-data")
    outlines("a.geojson", p1=(-87.7, 41.7, -87.6, 41.9))
    printed = stoop("load", "areas", "a.geojson", "--kind", "precinct", "--from", "2019-01-01")
    assert numbers(printed)["incidents that lie elsewhere now"] == "1"
    assert incidents.incidents(SYSTEM).get().area == "1"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("areas", "none.geojson", "--kind", "precinct"), "cannot be read"),
        (("areas", "none.geojson", "--kind", "precinct", "--from", "soon"), "not a day"),
        (("sites", "none.csv"), "cannot be read"),
        (("addresses", "none.csv"), "cannot be read"),
        (("incidents", "none.csv"), "none.csv"),
        (("incidents", "none.csv", "--part", "--whole"), "part or the whole"),
        (("incidents", "none.csv", "--source", "no good"), "code"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(stoop, words, why):
    with pytest.raises(Refusal, match=why) as caught:
        stoop("load", *words)
    assert "\n" not in str(caught.value)


def test_rows_that_cannot_be_used_are_kept_though_nobody_asked(stoop, settings, tmp_path):
    settings.STOOP_HOME = tmp_path / "home"
    shootings("first.csv", "1,02/31/2020,11:00,2,FALSE,41.8,-87.55", "2,01/02/2020,10:00,1,TRUE,,")
    printed = stoop("load", "incidents", "first.csv")
    kept = tmp_path / "home" / "rejected-incidents.csv"
    assert str(kept) in "".join(printed.split("\n"))
    assert "1 row: date that no calendar has (used for nothing)" in printed
    assert "first.csv,1,date that no calendar has: 02/31/2020,nothing," in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    before = kept.read_text()
    assert "was loaded before" in stoop("load", "incidents", "first.csv")
    assert kept.read_text() == before
