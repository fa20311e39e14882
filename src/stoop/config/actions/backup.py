"""Keep everything in one file, taken while the platform runs, and the same for both engines.

A zip archive: `tables/<model>.jsonl` with a row a line, `files/...` of STOOP_HOME, and last
`manifest.json` with columns, counts and digests. All tables are read in one transaction that sees
one moment; nothing is held in memory but a few rows.
"""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.duration import duration_iso_string

from stoop import __version__
from stoop.kernel import clock, walls
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 2000
BLOCK = 1 << 20
PRIVATE_FILE = 0o600
# Not part of a city's data: which processes are alive, and what they keep in mind for minutes.
LEFT_OUT = {"config.beat", "config.remembered"}
# A file of SQLite, its journals, and the places of those who stand in line to write.
DATABASE_ENDINGS = ("", "-wal", "-shm", "-journal", "-door", "-room")


def backup(*, out: Path, progress: Progress = silent) -> dict[str, Any]:
    """Write a backup to `out`, whole or not at all, readable by this account alone; its manifest.

    Refusal when `out` exists already, or lies in STOOP_HOME, where the next backup would hold it.
    """
    target = Path(os.path.realpath(out))
    home = Path(os.path.realpath(settings.STOOP_HOME))
    if target.exists():
        raise Refusal(f"{out} exists already; name a new file.")
    if target.is_relative_to(home):
        raise Refusal(f"{out} lies in STOOP_HOME; keep backups elsewhere, best on another machine.")
    beside = target.with_name(f".{target.name}-{os.getpid()}")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with os.fdopen(number, "wb") as file:
            manifest = write(file, progress)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def write(file: IO[bytes], progress: Progress = silent) -> dict[str, Any]:
    """Write a backup to a stream; its manifest."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        with _one_moment():
            manifest = _head() | {"tables": _write_tables(archive, progress)}
        manifest["files"] = _write_files(archive)
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def models(of: Any = apps) -> list[Any]:
    """The tables that hold a city's data, each once, in order of name."""
    found = {
        model._meta.db_table: model
        for model in of.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        if model._meta.label_lower not in LEFT_OUT
    }
    return sorted(found.values(), key=lambda model: model._meta.label_lower)


def fields(model: Any) -> list[Any]:
    """What of a table is written: all but what the database computes."""
    return [each for each in model._meta.concrete_fields if not each.generated]


def applied() -> list[list[str]]:
    """The migrations that the database has, as [app, name]."""
    recorded = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in recorded)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything read in the block is as it was at its beginning; writers are not held up."""
    with walls.within(walls.EVERYWHERE):
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")  # tells the session that it may see all
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield
            return
        # Django's own transactions on SQLite ask for the right to write at once.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                cursor.execute("SELECT count(*) FROM django_migrations")  # the moment
                yield
            finally:
                cursor.execute("ROLLBACK")


def _head() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "stoop": __version__,
        "taken_at": clock.now().isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "migrations": applied(),
    }


def _write_tables(archive: zipfile.ZipFile, progress: Progress) -> dict[str, Any]:
    found = {}
    wanted = models()
    for number, model in enumerate(wanted, 1):
        label = model._meta.label_lower
        progress(label, number, len(wanted))
        columns = fields(model)
        digest, rows = hashlib.sha256(), 0
        with archive.open(f"tables/{label}.jsonl", "w", force_zip64=True) as out:
            for lines in _lines(model, [each.attname for each in columns]):
                digest.update(lines)
                rows += lines.count(b"\n")
                out.write(lines)
        found[label] = {
            "columns": [each.column for each in columns],
            "rows": rows,
            "sha256": digest.hexdigest(),
        }
    return found


def _lines(model: Any, names: list[str]) -> Iterator[bytes]:
    """The rows as JSON lists, a line each, many lines at a time."""
    kept: list[str] = []
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=CHUNK):
        kept.append(_encoder.encode(row))
        if len(kept) == CHUNK:
            yield ("\n".join(kept) + "\n").encode()
            kept.clear()
    if kept:
        yield ("\n".join(kept) + "\n").encode()


def _plain(value: Any) -> Any:
    """What JSON lacks, as the text that the field reads back. Times are told in UTC."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"a backup cannot hold a {type(value).__name__}")


_encoder = json.JSONEncoder(
    default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
)


def home_files(home: Path) -> Iterator[tuple[Path, str]]:
    """(file, its name below home) of what belongs to the city: no database, no running state.

    Nor the database that a city had here before it moved to another place or to PostgreSQL.
    """
    databases = [str(connection.settings_dict["NAME"]), str(home / "stoop.sqlite3")]
    skipped = {os.path.realpath(each + ending) for each in databases for ending in DATABASE_ENDINGS}
    for folder, below, names in os.walk(home):
        where = Path(folder)
        at_top = where == home
        below[:] = sorted(n for n in below if not (at_top and (n == "run" or n.startswith("."))))
        for name in sorted(names):
            path = where / name
            hidden = at_top and name.startswith(".")
            if path.is_symlink() or not path.is_file() or hidden or str(path) in skipped:
                continue
            yield path, path.relative_to(home).as_posix()


def _write_files(archive: zipfile.ZipFile) -> dict[str, Any]:
    found = {}
    home = Path(os.path.realpath(settings.STOOP_HOME))
    for path, name in home_files(home):
        digest = hashlib.sha256()
        with (
            path.open("rb") as source,
            archive.open(f"files/{name}", "w", force_zip64=True) as out,
        ):
            while block := source.read(BLOCK):
                digest.update(block)
                out.write(block)
        found[name] = {"sha256": digest.hexdigest(), "mode": path.stat().st_mode & 0o777}
    return found
