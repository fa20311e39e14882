"""A worker is killed in the middle of a study: the run is told as lost, and the next is the same.

A feed of its own process works on the run, on a file of SQLite. Its database is held while it is
killed with SIGKILL, so that it cannot have ended a moment before.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.db import connection

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.accounts.tests.factories import site
from stoop.evaluation import actions, queries
from stoop.evaluation.models import Run, Study
from stoop.evaluation.tests import factories
from stoop.evaluation.views.background import work_on
from stoop.flows.feed import _Tasks
from stoop.incidents import actions as incidents
from stoop.places.tests.factories import make_area
from tests.stories.running import Platform, until

LOST = "The program that worked on it was stopped before the end; run it again."

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="it copies a file"),
]

# Opens the study as its researcher does, before and after a quarter of an hour, runs it once more
# and works that run out as a feed does.
AFTERWARDS = """
import json, sys
from datetime import timedelta
import django
django.setup()
from django.test import Client
from stoop.accounts import queries as accounts
from stoop.accounts.models import Person
from stoop.accounts.permissions import SYSTEM, enter
from stoop.evaluation import queries
from stoop.evaluation.models import STALE
from stoop.flows.feed import _Tasks
from stoop.kernel import clock
enter(SYSTEM)
[study] = queries.studies(SYSTEM)
[killed, _calm] = queries.runs(study)
client = Client(SERVER_NAME="localhost")
client.force_login(Person.objects.get(email="rita@example.org"))
path = f"/studies/{study.slug}/"
pages = [client.get(path).content.decode()]
before = _Tasks().do_one()
with clock.held(clock.now() + STALE + timedelta(seconds=1)):
    pages.append(client.get(path).content.decode())
    client.post(f"{path}run")
    pages.append(client.get(path).content.decode())
    done = _Tasks().do_one()
newest, *_others = queries.runs(study)
killed.refresh_from_db()
print(json.dumps({"pages": pages, "done": [before, done], "key": str(newest.key),
                  "failures": [newest.failure, killed.failure]}))
"""


@pytest.fixture
def study(tmp_path: Path, settings: Any, personas: SimpleNamespace) -> Study:
    """A registered study of a small town; every estimator is asked."""
    settings.STOOP_HOME = tmp_path / "home"
    settings.STOOP_AREA_KIND = "district"
    for place, area in enumerate(factories.AREAS):
        west, south = -60 + 0.01 * (place % 4), 41 + 0.01 * (place // 4)
        make_area("district", area, shapely.box(west, south, west + 0.01, south + 0.01))
    for area, start in factories.STARTS.items():
        accounts.add_program(
            site=site(f"site-{area.lower()}"), area_kind="district", area_code=area,
            starts=date.fromisoformat(f"{start}-01"), ends=None, status="operational", by=SYSTEM,
        )  # fmt: skip
    factories.town(tmp_path)
    record = incidents.add_source(code="record", name="Record", official=True, by=SYSTEM)
    incidents.import_batch(files=[tmp_path / "shootings.csv"], source=record, by=SYSTEM)
    text = factories.REGISTERED.format(mark="", kind="district")
    text = text.replace("first = 2018", "first = 2011").replace("last = 2025", "last = 2018")
    text = text.replace("[outcome]", 'permutations = 199\n\n[outcome]\nmeasure = "incidents"', 1)
    drafted = actions.draft_study(text=text, by=SYSTEM)
    actions.register_study(study=drafted, by=SYSTEM)
    return drafted


def made(study: Study, key: object) -> dict[str, bytes]:
    folder = queries.folder_of(study.slug, Run(key=key)) / queries.MADE
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def test_a_run_whose_worker_is_killed_is_told_and_made_again(study: Study, settings: Any) -> None:
    calm = actions.start_run(study=study, by=SYSTEM, enqueue=work_on.enqueue)
    assert _Tasks().do_one() == 1
    run = actions.start_run(study=study, by=SYSTEM, enqueue=work_on.enqueue)
    file = Path(settings.STOOP_HOME) / "killed.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    environment = {"STOOP_DATABASE_URL": f"sqlite:///{file}", "STOOP_AREA_KIND": "district"}
    feed = Platform(settings.STOOP_HOME, ("feed",), environment)
    with feed, closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA busy_timeout = 20000")
        asked = "SELECT finished_at FROM evaluation_run WHERE key = ? AND step >= ?"
        until(lambda: database.execute(asked, [run.key.hex, 3]).fetchone(), feed)
        database.execute("BEGIN IMMEDIATE")
        assert feed.stop(signal.SIGKILL) == -signal.SIGKILL
        assert database.execute(asked, [run.key.hex, 3]).fetchone() == (None,), "it was not over"
        database.execute("ROLLBACK")
    told = _afterwards(settings.STOOP_HOME, environment)
    soon, late, again = told["pages"]
    assert "Step" in soon, "a worker may still be at it"
    assert "its worker is gone. Start it again" in late
    assert "It waits for a worker" in again
    assert told["done"] == [0, 1], "no second worker takes up what one has begun"
    assert told["failures"] == ["", LOST]
    assert not (queries.folder_of(study.slug, run) / queries.MADE).exists()
    assert made(study, told["key"]) == made(study, calm.key)


def _afterwards(home: Path, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS],
        env=os.environ
        | {"STOOP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "stoop.config.settings"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
