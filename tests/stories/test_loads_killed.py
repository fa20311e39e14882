"""`stoop load`, killed with no warning and typed again, ends where loading in peace ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Runs commands of the real command line one after the other; the process of one that is given a
# step is killed at that step of its progress. At last it tells what is in the tables.
CHILD = """
import json, os, signal, sys
from contextlib import contextmanager
import django
django.setup()
from django.apps import apps
from stoop.config.cli import app, show

@contextmanager
def steps():
    count = 0
    def step(*_):
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
    yield step

show.steps = steps
for words, die_at in json.loads(sys.argv[1]):
    app(["load", *words], standalone_mode=False)

BY_CHANCE = {"id", "key", "changed", "changed_at", "reported_at", "started_at", "finished_at",
             "since", "read", "at"}
def said(row, deep=True):
    found = {}
    for field in row._meta.concrete_fields:
        if field.name in BY_CHANCE:
            continue
        value = getattr(row, field.name)
        if field.is_relation and value is not None:
            value = said(value, deep=False) if deep else None
        found[field.name] = value is not None if field.name == "withdrawn" else repr(value)
    return found
told = {}
for label in ("places.Area", "places.Street", "places.Address", "places.Crossing",
              "accounts.Site", "accounts.Program", "incidents.Incident", "incidents.Row",
              "incidents.Batch"):
    rows = apps.get_model(label)._default_manager.all()
    told[label] = sorted(json.dumps(said(row), sort_keys=True) for row in rows)
print("\\n" + json.dumps(told))
"""
STREETS = 900  # more than are written in two transactions


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Two empty platforms, on the engine of the tests."""
    names = ("calm", "killed")
    if os.environ.get("STOOP_TEST_ENGINE") == "postgresql":
        cluster, make = (request.getfixturevalue(each) for each in ("postgres", "new_database"))
        urls = {name: cluster.url(make()) for name in names}
        for url in urls.values():
            migrated(url)
        return urls
    urls = {name: f"sqlite:///{tmp_path}/{name}.sqlite3" for name in names}
    migrated(urls["calm"])
    shutil.copy(tmp_path / "calm.sqlite3", tmp_path / "killed.sqlite3")
    return urls


def migrated(url: str) -> None:
    words = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(words, env=environment(url), check=True)


def environment(url: str) -> dict[str, str]:
    return os.environ | {
        "STOOP_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
        "PYTHONWARNINGS": "ignore",
    }


def run(url: str, *loads: tuple[list[str], int]) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", CHILD, json.dumps(loads)]
    return subprocess.run(words, env=environment(url), capture_output=True, text=True, check=False)


def files(folder: Path) -> list[list[str]]:
    """A small city: the words of its loads, the last list of addresses a later one."""
    squares = [
        {
            "type": "Feature",
            "properties": {"code": str(at)},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 0], [x + 0.1, 0], [x + 0.1, 1], [x, 1], [x, 0]]],
            },
        }
        for at, x in enumerate((0.0, 0.1, 0.2, 0.3, 0.4))
    ]
    areas, sites, rows = (folder / name for name in ("areas.geojson", "sites.csv", "rows.csv"))
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    sites.write_text(
        "precinct,program,provider,start_month\n1,Calm,Harbor,2019-01\n2,Hope,Hill,2018-01\n"
    )
    rows.write_text(
        "incident_id,date,time,lat,lon,fatal\n"
        + "".join(f"{at},2020-01-{at % 28 + 1:02},12:00,0.5,0.{at % 5}5,N\n" for at in range(300))
    )
    first, later = folder / "first.csv", folder / "later.csv"
    lines = [f"{n},{at} Road,0.{at:04},1.5" for at in range(STREETS) for n in (1, 3)]
    corners = [f",{at} Road & Main Street,0.{at:04},1.6" for at in range(0, STREETS, 50)]
    head = "number,street,lat,lon"
    first.write_text("\n".join([head, *lines, *corners]))
    moved = [line.replace(",1.5", ",1.7") if at % 7 == 0 else line for at, line in enumerate(lines)]
    later.write_text("\n".join([head, *moved[:-40], *corners[2:], "5,7 Road,0.5,1.5"]))
    return [
        ["incidents", str(rows), "--timezone", "UTC"],
        ["areas", str(areas), "--kind", "precinct"],
        ["sites", str(sites)],
        ["addresses", str(first)],
        ["addresses", str(later)],
    ]


def test_every_load_goes_on_where_it_was_killed(databases: dict[str, str], tmp_path: Path) -> None:
    loads = files(tmp_path)
    calm = run(databases["calm"], *((words, 0) for words in loads))
    assert calm.returncode == 0, calm.stderr[-2000:]
    # Incidents are in and not yet told; areas are in, the incidents not yet placed in them; sites
    # are written and not yet kept; of the addresses a part is.
    die_at = (5, 4, 3, 3, 3)
    before: tuple[tuple[list[str], int], ...] = ()
    for words, step in zip(loads, die_at, strict=True):
        done = run(databases["killed"], *before, (words, step))
        assert done.returncode == -signal.SIGKILL, (words, done.stderr[-2000:])
        before = ((words, 0),)
    killed = run(databases["killed"], *before)
    assert killed.returncode == 0, killed.stderr[-2000:]
    want, got = (json.loads(done.stdout.splitlines()[-1]) for done in (calm, killed))
    assert {label: len(rows) for label, rows in want.items()} == {
        "places.Area": 5 + 2, "places.Street": STREETS + 1,
        "places.Address": 2 * STREETS + 252 + 1, "places.Crossing": STREETS // 50,
        "accounts.Site": 2, "accounts.Program": 2, "incidents.Incident": 300,
        "incidents.Row": 300, "incidents.Batch": 1,
    }  # fmt: skip
    assert all("precinct" in row for row in want["incidents.Incident"])
    for label, rows in want.items():
        assert got[label] == rows, label
    again = run(databases["killed"], *((words, 0) for words in (*loads[:3], loads[4])))
    assert again.stderr.count("loaded before") == 4
    assert json.loads(again.stdout.splitlines()[-1]) == got
