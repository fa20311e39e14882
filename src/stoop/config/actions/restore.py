"""Bring a backup back: all of it, or nothing, on either engine.

On SQLite a new database is made beside the old one and takes its place in one step. On PostgreSQL
all happens in one transaction. Whatever kills it in the middle leaves the old state.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from stoop.config.actions import backup, home, schema
from stoop.config.models import Beat
from stoop.config.queries import health
from stoop.kernel import clock, walls
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent
from stoop.ledger import queries as ledger

CHANGED = "is changed or damaged: {what} is not what was written. Take another backup file."


def restore(*, file: Path, replace: bool = False, progress: Progress = silent) -> dict[str, Any]:
    """Put a backup in place of what there is; its manifest.

    Refusal, with nothing changed, when the file is cut short, altered, or of a newer Stoop, when
    the platform runs, or when it holds people or incidents already and `replace` is not said.
    """
    place = Path(settings.STOOP_HOME)
    home.make_home(place)
    with home.alone(place), walls.within(walls.EVERYWHERE), _opened(file) as archive:
        manifest = _checked(file, archive, progress)
        if connection.vendor == "postgresql" and _runs_elsewhere():
            raise Refusal(
                "Stoop runs on another machine with this database: stop it there, wait half a "
                "minute, and type this again."
            )
        if not replace and _in_use():
            raise Refusal(
                "There are people or incidents here already; restore into an empty set-up, or say "
                "--replace to lose what is here."
            )
        with _staged(place) as staged:
            _unpack(archive, manifest, staged)
            if connection.vendor == "postgresql":
                _into_postgresql(archive, manifest, progress)
            else:
                _into_sqlite(archive, manifest, progress)
            _put_files(staged, place)
    schema.migrate()  # an older backup comes up to date
    return manifest


# The file


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError) as error:
        raise Refusal(
            f"{file} is no whole backup: it is cut short, damaged, or something else."
        ) from error


def _checked(file: Path, archive: zipfile.ZipFile, progress: Progress) -> dict[str, Any]:
    """The manifest, after every byte was compared with it."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(backup.MANIFEST))
        tables, files = manifest["tables"], manifest["files"]
        wanted = {f"tables/{name}.jsonl": told["sha256"] for name, told in tables.items()}
        wanted |= {f"files/{name}": told["sha256"] for name, told in files.items()}
        written = {(app, name) for app, name in manifest["migrations"]}
    except (KeyError, ValueError, TypeError) as error:
        raise Refusal(f"{file} is no backup of Stoop, or its list is damaged.") from error
    if manifest.get("format") != backup.FORMAT:
        raise Refusal(f"{file} was made by a newer Stoop; install that one first.")
    there = set(archive.namelist()) - {backup.MANIFEST}
    if there != set(wanted):
        odd = sorted(there ^ set(wanted))[0]
        raise Refusal(f"{file} {CHANGED.format(what=odd)}")
    known = set(MigrationExecutor(connection).loader.disk_migrations)
    if written - known:
        app, name = sorted(written - known)[0]
        raise Refusal(f"{file} was made by a Stoop that knows {app}.{name}; install that one.")
    for number, (name, digest) in enumerate(wanted.items(), 1):
        progress(f"checking {name}", number, len(wanted))
        if _digest(archive, name) != digest:
            raise Refusal(f"{file} {CHANGED.format(what=name)}")
        if name.startswith("files/"):
            _safe(name.removeprefix("files/"), file)
    return manifest


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while block := member.read(backup.BLOCK):
                digest.update(block)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error):
        return "unreadable"
    return digest.hexdigest()


def _safe(name: str, file: Path) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise Refusal(f"{file} names a file outside STOOP_HOME; it is not one of ours.")
    # A database among the files would take the place of the one whose ledger was checked.
    ours = {"run"}
    if connection.vendor == "sqlite":
        database = Path(str(connection.settings_dict["NAME"])).name
        ours |= {database + ending for ending in backup.DATABASE_ENDINGS}
    if path.parts[0] in ours or path.parts[0].startswith("."):
        raise Refusal(f"{file} names a file that no backup holds; it is not one of ours.")


# What is here


def _runs_elsewhere() -> bool:
    """Whether a part beats: what runs from another folder does not hold the lock of this one."""
    have = connection.introspection.table_names()
    return Beat._meta.db_table in have and bool(health.alive_parts())


def _in_use() -> bool:
    """Whether there is anything that a city would miss."""
    have = set(connection.introspection.table_names())
    for label in (settings.AUTH_USER_MODEL, "incidents.Incident"):
        model = apps.get_model(label)
        if model._meta.db_table in have and model._base_manager.exists():
            return True
    return False


def _migrate_to(written: Sequence[Sequence[str]]) -> Any:
    """Bring an empty database to where the backup was; the models as they were then."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    have = {(app, name) for app, name in written}
    targets = sorted(key for key in have if key in graph.nodes and not _followed(graph, key, have))
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def _followed(graph: Any, key: tuple[str, str], have: set[tuple[str, str]]) -> bool:
    """Whether a later migration of the same app is among them."""
    return any(
        child.key in have and child.key[0] == key[0] for child in graph.node_map[key].children
    )


# Tables


def _into_sqlite(archive: zipfile.ZipFile, manifest: dict[str, Any], progress: Progress) -> None:
    """Make a new database beside the old one, fill and check it, exchange the two."""
    old = Path(connection.settings_dict["NAME"])
    for left in old.parent.glob(f".{old.name}-restore-*"):  # of a restore that was killed
        left.unlink()
    new = old.with_name(f".{old.name}-restore-{os.getpid()}")
    try:
        _use(new)
        then = _migrate_to(manifest["migrations"])
        with connection.constraint_checks_disabled(), transaction.atomic():
            for model in backup.models(then):
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {_q(model._meta.db_table)}")  # noqa: S608
            _fill(archive, manifest, then, progress)
            connection.check_constraints()
            _check_ledger()
        _settle()
        _use(old)
        _settle()  # its journal must not be taken for the new one's
        connection.close()
        os.replace(new, old)
    finally:
        _use(old)
        _remove_database(new)


def _use(path: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(path)


def _settle() -> None:
    """Move the journal into the file and end it, so that the file is all there is."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA journal_mode=DELETE")
        if cursor.fetchone()[0] != "delete":
            raise Refusal("Another program has the database open; stop it first.")
    connection.close()


def _remove_database(path: Path) -> None:
    for ending in backup.DATABASE_ENDINGS:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _into_postgresql(
    archive: zipfile.ZipFile, manifest: dict[str, Any], progress: Progress
) -> None:
    """In one transaction: empty every table, fill and check it, set its sequence."""
    have = backup.applied() if connection.introspection.table_names() else []
    if not have:
        then = _migrate_to(manifest["migrations"])
    elif have == sorted(manifest["migrations"]):
        then = apps
    else:
        raise Refusal(
            "The tables here are of another version than the backup; restore it into an empty "
            "database, which is then brought up to date."
        )
    models = backup.models(then)
    with transaction.atomic(), connection.cursor() as cursor:
        tables = ", ".join(_q(model._meta.db_table) for model in models)
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        _fill(archive, manifest, then, progress)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        connection.check_constraints()
        _check_ledger()


def _q(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _fill(
    archive: zipfile.ZipFile, manifest: dict[str, Any], then: Any, progress: Progress
) -> None:
    here = {model._meta.label_lower: model for model in backup.models(then)}
    tables = manifest["tables"]
    for number, (label, told) in enumerate(tables.items(), 1):
        progress(label, number, len(tables))
        model = here.get(label)
        fields = {each.column: each for each in backup.fields(model)} if model else {}
        if model is None or set(fields) != set(told["columns"]):
            raise Refusal(f"The table {label} of the backup does not fit this Stoop.")
        with archive.open(f"tables/{label}.jsonl") as lines:
            rows = _insert(model, [fields[each] for each in told["columns"]], lines)
        if rows != told["rows"]:
            raise Refusal(f"The table {label} holds {rows} rows, not {told['rows']}.")


def _insert(model: Any, columns: list[Any], lines: Any) -> int:
    """Write the rows as they were: no defaults, no times of today."""
    names = ", ".join(_q(each.column) for each in columns)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {_q(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    written = 0
    while chunk := list(islice(lines, backup.CHUNK)):
        rows = [
            [
                field.get_db_prep_save(_read(field, value), connection)
                for field, value in zip(columns, json.loads(line), strict=True)
            ]
            for line in chunk
        ]
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
        written += len(rows)
    return written


def _read(field: Any, value: Any) -> Any:
    if value is None or field.get_internal_type() == "JSONField":
        return value
    return (field.target_field if field.is_relation else field).to_python(value)


def _check_ledger() -> None:
    verdict = ledger.verify()
    if not verdict.ok:
        raise Refusal(f"The ledger of the backup does not hold: {verdict.sentence}")


# Files


@contextmanager
def _staged(place: Path) -> Iterator[Path]:
    """A hidden folder in STOOP_HOME, gone at the end."""
    for left in place.glob(".restore-*"):  # of a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    folder = place / f".restore-{os.getpid()}"
    folder.mkdir(mode=home.PRIVATE_FOLDER)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(archive: zipfile.ZipFile, manifest: dict[str, Any], staged: Path) -> None:
    for name, told in manifest["files"].items():
        path = staged / "new" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(f"files/{name}") as source, path.open("xb") as out:
            shutil.copyfileobj(source, out, backup.BLOCK)
        path.chmod(int(told["mode"]) & 0o700)


def _put_files(staged: Path, place: Path) -> None:
    """What was here goes away with the staging folder; what came takes its place."""
    new, old = staged / "new", staged / "old"
    new.mkdir(exist_ok=True)
    old.mkdir()
    gone = {path.relative_to(place).parts[0] for path, _name in backup.home_files(place.resolve())}
    for name in sorted(gone | {each.name for each in new.iterdir()}):
        if (place / name).exists() and name != home.KEY:
            os.rename(place / name, old / name)
        if (new / name).exists():
            os.replace(new / name, place / name)


def told(manifest: dict[str, Any]) -> str:
    """What a backup holds, in a sentence."""
    tables = manifest["tables"].values()
    rows = sum(each["rows"] for each in tables)
    taken = manifest.get("taken_at", clock.now().isoformat())
    return f"{rows:,} rows in {len(tables)} tables and {len(manifest['files'])} files, {taken}"
