"""Backup and restore: all rows of all tables, from each engine to the other and back."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from stoop.config.actions import backup, restore
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import silent
from tests import cluster
from tests.stories.filling import ROWS
from tests.stories.running import RUN, stoop, until

ROOT = Path(__file__).resolve().parents[2]
needs_postgresql = pytest.mark.skipif(cluster.binaries() is None, reason=cluster.MISSING)


def run(home: Path, *words: object, url: str = "sqlite:///") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.stories.filling", *map(str, words)],
        cwd=ROOT,
        env=os.environ
        | {
            "STOOP_HOME": str(home),
            "STOOP_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def tables(file: Path) -> dict[str, list[str]]:
    """Every row of every table, in an order that no engine's sorting touches."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.startswith("tables/")]
        return {name: sorted(archive.read(name).decode().splitlines()) for name in names}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a platform on SQLite with rows in every table."""
    folder = tmp_path_factory.mktemp("first")
    home = folder / "home"
    (home / "brief").mkdir(parents=True)
    (home / "brief" / "index.html").write_text("<h1>Café</h1>")
    (home / ".hidden").write_text("not of the city")
    run(home, "fill", folder / "first.stoop")
    return folder / "first.stoop"


def test_nothing_is_left_out(first: Path) -> None:
    found = tables(first)
    assert {name for name, rows in found.items() if len(rows) < ROWS} == set()
    assert "tables/config.beat.jsonl" not in found
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    with zipfile.ZipFile(first) as archive:
        files = {name for name in archive.namelist() if name.startswith("files/")}
    assert files == {"files/secret-key", "files/brief/index.html"}


def test_no_table_of_the_database_is_forgotten(first: Path) -> None:
    with closing(sqlite3.connect(first.parent / "home" / "stoop.sqlite3")) as database:
        there = {name for (name,) in database.execute("SELECT name FROM pragma_table_list")}
    own = {"django_migrations", "config_beat", "config_remembered"}
    own |= {name for name in there if name.startswith("sqlite_")}
    assert there - own == {model._meta.db_table for model in backup.models()}


@pytest.fixture(scope="module")
def carried(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a second platform to which the backup was brought, twice."""
    folder = tmp_path_factory.mktemp("carried")
    run(folder / "home", "carry", first, folder / "a.stoop", folder / "b.stoop")
    return folder


def test_sqlite_to_sqlite(first: Path, carried: Path) -> None:
    assert tables(carried / "a.stoop") == tables(first)
    assert tables(carried / "b.stoop") == tables(first)
    assert (carried / "home" / "brief" / "index.html").read_text() == "<h1>Café</h1>"
    left = {path.name for path in (carried / "home").iterdir()}
    beside = {f"stoop.sqlite3{ending}" for ending in backup.DATABASE_ENDINGS if ending}
    assert left - beside == {"brief", "run", "secret-key", "stoop.sqlite3"}


@needs_postgresql
def test_to_postgresql_and_back(first: Path, tmp_path: Path) -> None:
    import psycopg

    with cluster.running() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("CREATE ROLE owner LOGIN CREATEROLE")
            admin.execute("CREATE DATABASE city OWNER owner")
        url = server.url("city", "owner")
        there = tmp_path / "there.stoop", tmp_path / "again.stoop"
        run(tmp_path / "pg", "carry", first, *there, url=url)
        # As the page says: the owner sets up again, and the wall stands for the program's role.
        environment = {"STOOP_HOME": str(tmp_path / "pg"), "STOOP_DATABASE_URL": url}
        assert stoop("setup", cwd=tmp_path, **environment).returncode == 0
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("CREATE ROLE program LOGIN IN ROLE stoop_app")
        # A worker on another machine has another folder: it is known by its heartbeat.
        with psycopg.connect(server.dsn("city"), autocommit=True) as admin:
            admin.execute(
                "INSERT INTO config_beat (name, part, version, began_at, at, failures) "
                "VALUES ('work elsewhere 7', 'work', '', now(), now(), 0)"
            )
        again = stoop("restore", first, "--replace", "--yes", cwd=tmp_path, **environment)
        assert (again.returncode, "on another machine" in again.stderr) == (2, True), again.stderr
        environment["STOOP_DATABASE_URL"] = server.url("city", "program")
        asked = stoop("walls", "--check", cwd=tmp_path, **environment)
        assert asked.returncode == 0, asked.stdout
    assert tables(there[0]) == tables(first)
    assert tables(there[1]) == tables(first)
    back = tmp_path / "back.stoop", tmp_path / "back-again.stoop"
    run(tmp_path / "home", "carry", there[0], *back)
    assert tables(back[0]) == tables(first)


def test_a_kill_in_the_middle_leaves_the_old_state(first: Path, carried: Path) -> None:
    """Killed while the new database is being filled; the next restore clears up and works."""
    home = carried / "home"
    environment = os.environ | {"STOOP_HOME": str(home), "STOOP_DATABASE_URL": "sqlite:///"}
    words = [*RUN, "restore", str(first), "--replace", "--yes"]
    before = (home / "stoop.sqlite3").read_bytes()
    with subprocess.Popen(words, env=environment) as killed:
        until(lambda: list(home.glob(".stoop.sqlite3-restore-*")))
        killed.send_signal(signal.SIGKILL)
    assert (home / "stoop.sqlite3").read_bytes() == before
    subprocess.run(words, env=environment, check=True, capture_output=True)
    assert list(home.glob(".*")) == []


def _cut(file: Path, share: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])


def _flip(file: Path, at: float) -> None:
    """Change a bit of what is in it; a bit of the archive's own dates and the like harms nobody."""
    with zipfile.ZipFile(file) as archive:
        members = [each for each in archive.infolist() if each.compress_size > 20]
    chosen = members[int(len(members) * at)]
    whole = bytearray(file.read_bytes())
    begins = chosen.header_offset
    name, extra = (int.from_bytes(whole[begins + n : begins + n + 2], "little") for n in (26, 28))
    whole[begins + 30 + name + extra + chosen.compress_size // 2] ^= 1
    file.write_bytes(whole)


def _again(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Write the archive anew after a change of what is in it."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _in_manifest(members: dict[str, bytes], **new: Any) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | new).encode()


def _row_changed(members: dict[str, bytes]) -> None:
    name = "tables/accounts.person.jsonl"
    members[name] = members[name].replace(b"Alice", b"Alise")


SPOILT: dict[str, Callable[[Path], None]] = {
    "empty": lambda file: file.write_bytes(b"") and None,
    "cut at a tenth": lambda file: _cut(file, 0.1),
    "cut short by little": lambda file: _cut(file, 0.999),
    "a letter": lambda file: file.write_text("Dear all,") and None,
    "one bit near the beginning": lambda file: _flip(file, 0.05),
    "one bit in the middle": lambda file: _flip(file, 0.5),
    "a row changed": lambda file: _again(file, _row_changed),
    "a table gone": lambda file: _again(file, lambda m: m.pop("tables/accounts.person.jsonl")),
    "a file too many": lambda file: _again(file, lambda m: m.update({"files/x": b"x"})),
    "no list": lambda file: _again(file, lambda m: m.pop("manifest.json")),
    "a newer form": lambda file: _again(file, lambda m: _in_manifest(m, format=2)),
    "a newer table": lambda file: _again(
        file, lambda m: _in_manifest(m, migrations=[["accounts", "9999_later"]])
    ),
}


@pytest.fixture
def copied(first: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy.stoop"
    copy.write_bytes(first.read_bytes())
    return copy


@pytest.mark.django_db
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_refused_with_a_sentence(how: str, copied: Path) -> None:
    SPOILT[how](copied)
    with pytest.raises(Refusal) as refused, restore._opened(copied) as archive:
        restore._checked(copied, archive, silent)
    sentence = str(refused.value)
    assert sentence.startswith(str(copied))
    assert sentence.endswith(".")


@pytest.mark.django_db
def test_a_whole_file_is_not(copied: Path) -> None:
    with restore._opened(copied) as archive:
        assert restore._checked(copied, archive, silent)["format"] == 1


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\..\\x"])
def test_no_file_leaves_the_home(name: str) -> None:
    with pytest.raises(Refusal, match="outside STOOP_HOME"):
        restore._safe(name, Path("a.stoop"))


@pytest.mark.parametrize("name", ["run/lock", ".made-by", "{}", "{}-wal"])
def test_no_file_takes_the_place_of_what_was_checked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database among the files would be there without anybody's look at its ledger."""
    database = "stoop.sqlite3"
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", f"/home/{database}")
    with pytest.raises(Refusal, match="that no backup holds"):
        restore._safe(name.format(database), Path("a.stoop"))
