"""`stoop backup` and `stoop restore`: everything in one file, and back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stoop.config.actions import backup as backups
from stoop.config.actions import restore as restores
from stoop.config.actions import schema
from stoop.config.cli import show
from stoop.kernel.errors import Refusal
from stoop.kernel.progress import Progress, silent

STANDARD_OUTPUT = Path("-")


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; - for standard output.")],
) -> None:
    """Write everything to one file, while the platform runs: all tables, and STOOP_HOME's files.

    The file is the same for SQLite and PostgreSQL, so it also moves a city from one to the other.
    It holds personal data and the secret key: only this account can read it; keep it so.
    """
    schema.require_current()
    with _steps() as progress:
        if file == STANDARD_OUTPUT:
            manifest = backups.write(sys.stdout.buffer, progress)
        else:
            manifest = backups.backup(out=file, progress=progress)
    show.say(f"Kept: {restores.told(manifest)}.")


def restore(
    file: Annotated[Path, typer.Argument(help="File that stoop backup wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Even if that loses people and incidents here.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether that is meant.")] = False,
) -> None:
    """Put a backup in place of what there is: all of it or nothing. Stop the platform first.

    The file is checked to its last byte before anything is touched.
    """
    if replace and not yes:
        if not sys.stdin.isatty():
            raise Refusal("--replace loses what is here; say --yes with it if that is meant.")
        typer.confirm("Lose all people, incidents and responses that are here now?", abort=True)
    with _steps() as progress:
        manifest = restores.restore(file=file, replace=replace, progress=progress)
    show.say(f"Brought back: {restores.told(manifest)}. The ledger holds.")


@contextmanager
def _steps() -> Iterator[Progress]:
    """A progress line at a terminal; nothing in the mail of a nightly job."""
    if not sys.stderr.isatty():
        yield silent
        return
    with show.steps() as progress:
        yield progress
