"""Files out: a whole folder or file, or nothing; and digests of what came in."""

import ctypes
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stoop.kernel.errors import Refusal

# Linux calls it renameat2, with folders to start from (-100: the working one); macOS renamex_np.
_HERE, _EXCHANGE = -100, 2


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def folder_in_one_move(out: Path, *, made_by: str) -> Iterator[Path]:
    """A temporary folder that becomes `out` only when the block ends without an error.

    An existing `out` is replaced only if it holds `made_by`, the file that says that Stoop made
    it; anybody else's folder is refused. A reader never sees a half-written folder, whenever the
    writer is killed, and of two writers the one that ends last stays. Where `out` is a link to a
    folder, that folder is replaced. Raises Refusal when `out` cannot be written.
    """
    with _said_plainly(out):
        target = Path(os.path.realpath(out))
        _refuse_others(target, made_by)
    with _neighbour(target, out) as beside:
        new = beside / "new"
        new.mkdir()
        yield new
        with _said_plainly(out):
            _refuse_others(target, made_by)
            _replace(new, target, spare=beside / "old")


@contextmanager
def file_in_one_move(out: Path) -> Iterator[IO[str]]:
    """A text file (UTF-8) that becomes `out` only when the block ends without an error.

    Raises Refusal when `out` is a folder or cannot be written.
    """
    with _said_plainly(out):
        target = Path(os.path.realpath(out))
        if target.is_dir():
            raise Refusal(f"{_shown(out)} is a folder; name a file in it with --out.")
    with _neighbour(target, out) as beside:
        new = beside / "new"
        with new.open("w", encoding="utf-8", newline="") as file:
            yield file
        with _said_plainly(out):
            new.replace(target)


@contextmanager
def _neighbour(target: Path, out: Path) -> Iterator[Path]:
    """A hidden folder beside `target`, on the same disk, gone at the end."""
    with _said_plainly(out):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".stoop-", dir=target.parent))
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_others(out: Path, made_by: str) -> None:
    if out.exists() and not out.is_dir():
        raise Refusal(f"{out} is a file, not a folder; name another folder with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / made_by).is_file():
        raise Refusal(
            f"{out} holds files that Stoop did not make; name an empty or a new folder with --out."
        )


def _shown(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:200]}..."


@contextmanager
def _said_plainly(out: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise Refusal(
            f"Cannot write {_shown(out)} ({reason}); name another place with --out."
        ) from error


def _replace(new: Path, out: Path, *, spare: Path) -> None:
    """Put `new` where `out` is, in one step where the system can; what was there goes away."""
    try:
        os.rename(new, out)  # nothing there, or an empty folder
    except OSError:
        if _exchanged(new, out):
            return
        # There is a moment without `out` here, but never a half one.
        os.rename(out, spare)
        try:
            os.rename(new, out)
        except OSError:
            os.rename(spare, out)
            raise


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could exchange two names in one step, and did."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
        if hasattr(library, "renameat2"):
            return bool(library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
        return bool(library.renamex_np(*names, _EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):
        return False
