"""Writers of an SQLite file stand in line: nobody is turned away, and nobody is passed over."""

import os
import signal
import subprocess
import sys
import threading
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from stoop.kernel.sqlite import base

pytestmark = pytest.mark.django_db(transaction=True)


def opened(path: Path) -> base.DatabaseWrapper:
    made = base.DatabaseWrapper(
        {
            "ENGINE": "stoop.kernel.sqlite",
            "NAME": str(path),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 0},
            "TIME_ZONE": None,
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": False,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
        },
        alias="other",
    )
    made.inc_thread_sharing()
    return made


def written(connection: base.DatabaseWrapper, *sql: str) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        for each in sql:
            cursor.execute(each)
    connection.commit()
    connection.set_autocommit(True)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.sqlite3"
    first = opened(path)
    with first.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("CREATE TABLE book (who TEXT)")
    first.close()
    return path


def test_who_waits_is_let_in_though_sqlite_would_refuse(book: Path) -> None:
    def write() -> None:
        own = opened(book)
        for _ in range(30):  # with no patience at all: SQLite alone would say "locked"
            written(own, "INSERT INTO book VALUES ('x')", "INSERT INTO book VALUES ('y')")
        own.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    last = opened(book)
    with last.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM book").fetchone() == (360,)
    last.close()


def test_who_has_just_written_lets_the_next_one_in(book: Path) -> None:
    turns: list[str] = []
    mine = opened(book)
    mine.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def write() -> None:
        own = opened(book)
        own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        turns.append("who waited")
        own.rollback()
        own.close()

    other = threading.Thread(target=write)
    other.start()
    until_somebody_stands_at_the_door(book)
    mine.rollback()
    mine.set_autocommit(True)
    mine.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    turns.append("who was in")
    other.join()
    mine.rollback()
    mine.close()
    assert turns == ["who waited", "who was in"]


def until_somebody_stands_at_the_door(book: Path) -> None:
    with Path(f"{book}-door").open() as door:
        while True:
            try:
                flock(door, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                return
            flock(door, LOCK_UN)


def test_a_writer_that_is_killed_leaves_the_room(book: Path) -> None:
    held = (
        "import sys, time; from pathlib import Path; import django; from django.conf import "
        "settings; settings.configure(); django.setup();"
        "from stoop.kernel.tests.test_sqlite import opened; own = opened(Path(sys.argv[1]));"
        "own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True);"
        "print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", held, str(book)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        os.kill(other.pid, signal.SIGKILL)
        own = opened(book)
        written(own, "INSERT INTO book VALUES ('after')")
        own.close()


def test_what_goes_wrong_inside_leaves_the_room() -> None:
    for _ in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            raise IntegrityError
