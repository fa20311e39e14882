"""Loading that is killed with no warning, again and again, ends where loading in peace ends."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.db import connection

from stoop.incidents.models import Batch, Incident, Row, Version
from stoop.incidents.tests.factories import make_source
from stoop.ledger.queries import events_after

pytestmark = pytest.mark.django_db(transaction=True)

CHILD = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from stoop.accounts.permissions import SYSTEM, within
from stoop.incidents import actions
from stoop.incidents.actions import batches
from stoop.incidents.models import Source
source, path, die_at = sys.argv[1:]
batches.CHUNK, batches.CHANGES = 300, 100
steps = 0
def step(*_):
    global steps
    steps += 1
    if steps == int(die_at):
        os.kill(os.getpid(), signal.SIGKILL)
def watched(where, name):
    whole = getattr(where, name)
    setattr(where, name, lambda *given: (step(), whole(*given))[1])
watched(batches, "_add_rows")  # in the middle of a transaction
watched(batches._Load, "_count")  # at its end
with within(SYSTEM):
    actions.import_batch(files=[Path(path)], source=Source.objects.get(code=source), by=SYSTEM,
                         progress=step, timezone="UTC")
"""
HEAD = "incident_id,date,time,lat,lon,fatal"


@pytest.fixture
def address(tmp_path):
    """The test's own database as another process reaches it; SQLite's tables go to a file."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{tmp_path / 'copy.sqlite3'}"
    host = f"?host={held['HOST']}" if held["HOST"] else ""
    return f"postgresql://{held['USER']}@/{held['NAME']}{host}"


def copied(address, *, out):
    """The tables of SQLite in memory to a file that another process opens, or back."""
    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as file:
        pair = (connection.connection, file) if out else (file, connection.connection)
        pair[0].backup(pair[1])


def run(address, source, path, die_at=0):
    """Load in a process of its own, which is killed at that step of its work; its exit code."""
    env = os.environ | {
        "STOOP_DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", CHILD, source, str(path), str(die_at)]
    return subprocess.run(command, env=env, check=False).returncode


def state(source):
    """All that loading left, but for keys that chance made and the moments of writing."""
    facts = ("source_ref", "occurred_at", "lon", "lat", "killed", "hurt", "status", "version")
    incidents = Incident.objects.filter(source__code=source).order_by("source_ref")
    ref = "incident__source_ref"
    rows = Row.objects.filter(incident__source__code=source)
    versions = Version.objects.filter(incident__source__code=source).order_by(ref, "number")
    return {
        "incidents": list(incidents.values_list(*facts, "published", "areas")),
        "rows": sorted(rows.values_list(ref, "batch__file", "line", "said", "withdrawn__file")),
        "versions": list(versions.values_list(ref, "number", "action", "known")),
        "batches": list(
            Batch.objects.filter(source__code=source).order_by("pk").values_list("file", "counts")
        ),
    }


def test_killed_again_and_again(address, tmp_path):
    rows = [f"{at},2020-01-{at % 28 + 1:02},12:00,41.8,-87.6,{'NY'[at % 2]}" for at in range(1500)]
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("\n".join([HEAD, *rows, *rows[:200]]))
    later = [row.replace("41.8", "41.9") if at % 5 == 0 else row for at, row in enumerate(rows)]
    second.write_text("\n".join([HEAD, *later[:1380], "9999,2020-02-01,12:00,41.8,-87.6,N"]))
    for name in ("killed", "calm"):
        make_source(name, official=True)
    copied(address, out=True)
    for path in (first, second):
        # With rows of the second part still to come; with its changes half-written.
        assert run(address, "killed", path, die_at=8) == -signal.SIGKILL
        assert run(address, "killed", path) == 0
        assert run(address, "calm", path) == 0
    copied(address, out=False)
    killed, calm = state("killed"), state("calm")
    for part in killed:
        assert killed[part] == calm[part], part
    assert len(killed["incidents"]) == 1501
    assert killed["batches"][1][1]["withdrawn"] == 120
    assert killed["batches"][1][1]["changed"] > 200
    assert [e.subject for e in events_after(0, {"batch.imported"})] == [
        "source:killed", "source:calm", "source:killed", "source:calm",
    ]  # fmt: skip


def test_the_release_before_one_that_was_killed_brings_back_what_it_said(address, tmp_path):
    rows = [f"{at},2020-01-{at % 28 + 1:02},12:00,41.8,-87.6,N" for at in range(250)]
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("\n".join([HEAD, *rows]))
    second.write_text("\n".join([HEAD, *(row.replace("41.8", "41.9") for row in rows)]))
    make_source("killed", official=True)
    copied(address, out=True)
    assert run(address, "killed", first) == 0
    assert run(address, "killed", second, die_at=8) == -signal.SIGKILL
    copied(address, out=False)
    assert Incident.objects.filter(lat=41.9).count() == 100
    copied(address, out=True)
    assert run(address, "killed", first) == 0
    copied(address, out=False)
    assert Incident.objects.filter(lat=41.8).count() == 250
