"""Many at once: a shooting is reported once, confirmed once, and no change is lost or doubled."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stoop.incidents.tests import crowd

THREADS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """For a program with a new database of incidents and the ledger."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'crowd.sqlite3'}"
    else:
        cluster = request.getfixturevalue("postgres")
        url = cluster.url(request.getfixturevalue("new_database")())
    return os.environ | {
        "STOOP_DATABASE_URL": url,
        "STOOP_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
    }


def test_a_crowd_loses_and_doubles_nothing(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", crowd.__name__, str(THREADS)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    incidents, events, versions, told, whole = json.loads(done.stdout.splitlines()[-2])
    corrected = events.pop("incident.corrected")
    assert incidents == crowd.SHOOTINGS
    assert events == {"incident.reported": incidents, "incident.confirmed": incidents}
    assert corrected + told == THREADS * incidents
    assert corrected == 2 * incidents  # one of each field; the others are told
    assert all(numbers == list(range(1, 5)) for numbers in versions)
    assert whole
    assert json.loads(done.stdout.splitlines()[-1]) == [THREADS * crowd.EACH, crowd.MOST, 1]
