"""`stoop ledger` and `stoop walls`: one sentence, and an exit code that a script can read."""

import pytest
from django.db import connection
from typer.testing import CliRunner, Result

from stoop.config.cli import app
from stoop.kernel import clock
from stoop.ledger import actions, queries
from stoop.ledger.tests import factories

pytestmark = pytest.mark.django_db


def _stoop(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_whole_chain_is_said_to_be_whole() -> None:
    factories.events(3)
    done = _stoop("ledger", "verify")
    assert done.exit_code == 0
    assert done.stdout.startswith("All 3 events stand as written")
    assert len(done.stdout.splitlines()) == 1


def test_a_broken_chain_names_the_row() -> None:
    factories.events(3)
    factories.tamper("DELETE FROM ledger_event WHERE seq = %s", [2])
    done = _stoop("ledger", "verify")
    assert done.exit_code == 1
    assert done.stdout == "Row 2 is missing.\n"


def test_an_anchor_shows_what_the_chain_alone_cannot() -> None:
    factories.events(3)
    noted = _stoop("ledger", "anchor").stdout.strip()
    assert noted == str(queries.anchor())
    assert _stoop("ledger", "verify", "--known", noted).exit_code == 0
    factories.tamper("DELETE FROM ledger_event WHERE seq = %s", [3])
    assert _stoop("ledger", "verify").exit_code == 0
    done = _stoop("ledger", "verify", "--known", noted)
    assert done.exit_code == 1
    assert "Row 3 is missing" in done.stdout


@pytest.mark.parametrize("odd", ["3", "3:abc", "three:" + "0" * 64, "0" * 64])
def test_an_anchor_that_is_none_is_refused(odd: str) -> None:
    done = _stoop("ledger", "verify", "--known", odd)
    assert done.exit_code != 0
    assert "stoop ledger anchor" in str(done.exception)


def test_walls_are_put_up_again_and_asked_about() -> None:
    done = _stoop("walls")
    assert done.exit_code == 0
    assert "tables are walled for the role stoop_app" in done.stdout
    asked = _stoop("walls", "--check")
    if connection.vendor == "postgresql":  # the tests are the owner, whom nothing holds back
        assert asked.exit_code == 1
        assert "superuser" in asked.stdout
    else:
        assert asked.exit_code == 0
        assert "SQLite has no second wall" in asked.stdout


def test_what_was_given_up_is_tried_again() -> None:
    assert "Nothing was given up" in _stoop("ledger", "retry").output
    actions.record(kind="shift.covered", subject="site:one", by="system", data={})
    [duty] = actions.lease_duties(limit=1, for_s=60)
    type(duty).objects.filter(pk=duty.pk).update(dead_since=clock.now(), error="KeyError", lease="")
    done = _stoop("ledger", "retry")
    assert done.exit_code == 0
    assert "KeyError" in done.output
    assert not queries.dead_duties().exists()
