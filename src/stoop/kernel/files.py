"""Files out: a whole folder or nothing, and digests of what came in."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stoop.kernel.errors import Refusal


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def folder_in_one_move(out: Path, *, made_by: str) -> Iterator[Path]:
    """A temporary folder that becomes `out` only when the block ends without an error.

    An existing `out` is replaced only if it holds `made_by`, the file that says that Stoop made
    it; anybody else's folder is refused. A reader never sees a half-written folder.
    """
    out = out.absolute()
    if out.exists() and not out.is_dir():
        raise Refusal(f"{out} is a file, not a folder; name another folder with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / made_by).is_file():
        raise Refusal(
            f"{out} holds files that Stoop did not make; name an empty or a new folder with --out."
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise Refusal(
            f"Cannot write beside {out} ({error.strerror}); name another folder with --out."
        ) from error
    try:
        temporary.chmod(0o755)
        yield temporary
        _replace(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace(temporary: Path, out: Path) -> None:
    """Put `temporary` where `out` is; the old folder leaves last."""
    old = temporary.with_name(temporary.name + "-old")
    if out.exists():
        os.rename(out, old)
    os.rename(temporary, out)
    shutil.rmtree(old, ignore_errors=True)
