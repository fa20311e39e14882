"""Many at once, in processes and threads of their own: one chain without gaps, each duty once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stoop.ledger.tests import crowd

PROCESSES, THREADS, EACH = 2, 3, 12
KEPT = PROCESSES * THREADS * EACH * 2 // 3

CHECK = """
import django; django.setup()
from stoop.ledger import queries
from stoop.ledger.models import Duty
verdict = queries.verify()
print(verdict.ok, verdict.rows, Duty.objects.count(), verdict.sentence)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """For programs that share a new database with nothing but the ledger in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'crowd.sqlite3'}"
    else:
        cluster = request.getfixturevalue("postgres")
        url = cluster.url(request.getfixturevalue("new_database")())
    names = os.environ | {
        "STOOP_DATABASE_URL": url,
        "STOOP_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "ledger", "-v0"], env=names, check=True
    )
    return names


def _crowd(environment: dict[str, str], *names: str) -> list[int]:
    """What all processes together printed."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", crowd.__name__, name, str(THREADS), str(EACH)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    said = [process.communicate(timeout=60)[0] for process in running]
    assert not any(process.returncode for process in running)
    return [int(word) for line in said for word in line.split()]


def _checked(environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHECK], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split(maxsplit=3)


def test_a_crowd_leaves_one_chain_and_each_duty_once(environment: dict[str, str]) -> None:
    kept = _crowd(environment, *(f"process{number}-" for number in range(PROCESSES)))
    assert sorted(kept) == list(range(1, KEPT + 1))
    assert _checked(environment)[:3] == ["True", str(KEPT), str(KEPT)]
    done = _crowd(environment, *["work"] * PROCESSES)
    assert sorted(done) == list(range(1, KEPT + 1))
    assert _checked(environment)[:3] == ["True", str(KEPT), "0"]
