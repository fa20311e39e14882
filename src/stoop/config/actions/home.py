"""STOOP_HOME: the folder that holds the database, the key, and the files that people bring."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stoop.kernel.errors import Refusal

KEY = "secret-key"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OTHERS = 0o077


def make_home(home: Path) -> bool:
    """Make the folder and its key where they are missing, for this account's eyes only.

    True when the key is new: a process that has read its settings before must begin anew.
    """
    os.umask(OTHERS)
    if not home.exists():
        home.mkdir(mode=PRIVATE_FOLDER, parents=True)
    elif not home.is_dir():
        raise Refusal(f"{home} is no folder; set STOOP_HOME to one.")
    elif home.stat().st_mode & OTHERS and _ours(home):
        home.chmod(PRIVATE_FOLDER)
    (home / "run").mkdir(exist_ok=True)
    key = home / KEY
    if key.exists() or os.environ.get("STOOP_SECRET_KEY"):
        return False
    with _new_file(key) as number:
        os.write(number, secrets.token_urlsafe(48).encode() + b"\n")
    return True


def _ours(home: Path) -> bool:
    """Whether Stoop made the folder: somebody else's is not shut to others."""
    return (home / KEY).is_file() or (home / "stoop.sqlite3").is_file()


@contextmanager
def _new_file(path: Path) -> Iterator[int]:
    """A file that nobody else can read, there only when it is whole."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        yield number
        os.fsync(number)
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was faster; its key holds
    finally:
        os.close(number)
        beside.unlink(missing_ok=True)


@contextmanager
def in_use(home: Path) -> Iterator[None]:
    """Say that the platform runs from this folder, for as long as the block lasts."""
    with _lock(home, fcntl.LOCK_SH):
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Make sure that nothing runs from this folder and that nothing starts. Refusal otherwise."""
    with _lock(home, fcntl.LOCK_EX):
        yield


@contextmanager
def _lock(home: Path, how: int) -> Iterator[None]:
    (home / "run").mkdir(parents=True, exist_ok=True)
    number = os.open(home / "run" / "lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(number, how | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal(
                f"Stoop runs from {home}; stop it first."
                if how == fcntl.LOCK_EX
                else f"{home} is being restored; start again when that is done."
            ) from error
        yield
    finally:
        os.close(number)
