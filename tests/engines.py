"""The same tests on two databases: SQLite as it comes, PostgreSQL when asked.

`STOOP_TEST_ENGINE=postgresql .venv/bin/pytest` starts a PostgreSQL of its own before the settings
are read, runs the tests that use a database on it, and removes it however the run ends. Loaded by
`-p tests.engines` in pyproject.toml, because a conftest would come too late.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from tests.cluster import MISSING, Cluster, binaries, running

ENGINE = os.environ.get("STOOP_TEST_ENGINE", "sqlite")
# Fixtures whose users run on both engines; a test that starts programs of its own carries the mark.
NEEDS = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "personas"}

# How a page looks does not hang on the database: on PostgreSQL the browser plays the story alone.
IN_THE_BROWSER = {"test_shooting.py"}

# Folders of tests that drive a browser or whole platforms.
LONG = {"browser", "stories"}

_open = ExitStack()


def _begin() -> None:
    """Start the cluster that the whole run shares; workers of xdist inherit its address."""
    # Some machines say that nothing compiled is kept; each of the two hundred programs that the
    # tests start would compile the platform anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if ENGINE not in ("sqlite", "postgresql"):
        pytest.exit(f"STOOP_TEST_ENGINE is {ENGINE}; it is sqlite or postgresql", returncode=4)
    if ENGINE == "sqlite" or "STOOP_TEST_CLUSTER" in os.environ:
        return
    if binaries() is None:
        pytest.exit(MISSING, returncode=4)
    cluster = _open.enter_context(running())
    os.environ["STOOP_TEST_CLUSTER"] = str(cluster.folder)
    os.environ["STOOP_DATABASE_URL"] = cluster.url("stoop")


_begin()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_engines: has a database, though by no fixture")
    config.addinivalue_line("markers", "only_postgresql: asks about what SQLite has not")
    if ENGINE == "sqlite":
        # Said outright: the name of our engine does not tell others that it is SQLite.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = ":memory:"
    _flush_despite_triggers()


def pytest_unconfigure() -> None:
    _open.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run only what uses a database; the rest has been run already.

    What takes long comes first: a file that begins last keeps one worker while the other rests.
    """
    kept = [item for item in items if _belongs(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _belongs(item)])
    items[:] = sorted(kept, key=lambda item: item.path.parent.name not in LONG)


def _belongs(item: pytest.Item) -> bool:
    if ENGINE == "sqlite":
        return not item.get_closest_marker("only_postgresql")
    if item.path.parent.name == "browser" and item.path.name not in IN_THE_BROWSER:
        return False
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("both_engines")
    return bool(marked) or bool(NEEDS & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL for this test alone of its kind, also when the run is on SQLite."""
    shared = os.environ.get("STOOP_TEST_CLUSTER")
    if shared:
        yield Cluster(Path(shared))
        return
    if binaries() is None:
        pytest.skip(f"NOT CHECKED ON POSTGRESQL: {MISSING}")
    with running() as cluster:
        yield cluster


@pytest.fixture
def as_program(db: None) -> Iterator[None]:
    """The test's own connection acts with the rights of the program, not of the tables' owner.

    On SQLite nothing changes. Set up what the test needs in `permissions.within(SYSTEM)`.
    """
    from django.db import connection

    from stoop.accounts.actions.walls import ROLE

    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    connection.connection.execute(f"SET ROLE {ROLE}")
    try:
        yield
    finally:
        # After an error PostgreSQL takes nothing but the rollback, and that takes the role back.
        if connection.connection.info.transaction_status.name != "INERROR":
            connection.connection.execute("RESET ROLE")


@pytest.fixture(scope="session")
def new_database(postgres: Cluster) -> Callable[[], str]:
    """A function that makes an empty database on it and returns the database's name."""
    import psycopg

    numbers = count(1)

    def make() -> str:
        name = f"own_{os.getpid()}_{next(numbers)}"
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    return make


def _flush_despite_triggers() -> None:
    """Let a test's tear-down empty the ledger on SQLite, which has no TRUNCATE.

    The ledger's triggers refuse every DELETE; for the flush alone they are taken away and put
    back in one transaction. Nothing of this is in the application.
    """
    from django.db.backends.sqlite3.base import DatabaseOperations

    plain = DatabaseOperations.sql_flush

    def sql_flush(self, *args, **options):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        return [
            *(f'DROP TRIGGER "{name}"' for name, _ in triggers),
            *plain(self, *args, **options),
            *(sql for _, sql in triggers),
        ]

    DatabaseOperations.sql_flush = sql_flush
