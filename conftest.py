"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from django.template import Template
from tests.world import say_what_is_missing

ROOT = Path(__file__).parent
PLAIN = Template._render


@pytest.fixture(scope="session", autouse=True)
def django_test_environment(django_test_environment: None) -> None:
    """Django's, but templates are rendered as they are for people, and say what they lack.

    It would keep each template with a copy of what it knew, down to every field of a form: a third
    of what a test of a page costs. Our tests read the page.
    """
    Template._render = PLAIN
    say_what_is_missing()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public New York files; the test is skipped, with the reason, without it."""
    folder = Path(os.environ.get("STOOP_REAL_DATA", ROOT.parent / "shared" / "data")) / "nyc"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set STOOP_REAL_DATA to the folder that holds nyc/")
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tables, with PostgreSQL's walls around them as a city has them."""
    from stoop.accounts.actions import walls
    from stoop.accounts.permissions import SYSTEM

    with django_db_blocker.unblock():
        walls.raise_walls(by=SYSTEM)
        _forget_events()
    yield
    with django_db_blocker.unblock():
        _end_other_sessions()


def _forget_events() -> None:
    """Tests begin with an empty ledger."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_event, ledger_duty")


def _end_other_sessions() -> None:
    """Threads that a test began keep their connections, and no database in use can be dropped."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def personas(db):
    """Alice, Ann, Bob, Carol, Cass, Ada, Dan, Eve, Rita and nobody, with `site` and `other`."""
    from stoop.accounts.tests import factories

    return factories.personas()
