"""Files that a city loads, known again by their digests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest
from stoop.ledger.queries import Event, timeline


def digests(files: Sequence[Path]) -> list[str]:
    """SHA-256 of each file, in an order of their own; refuses what cannot be read, or twice one."""
    found: dict[str, Path] = {}
    for file in files:
        try:
            sha256 = digest(file)
        except OSError as error:
            raise Refusal(
                f"The file {file} cannot be read ({error.strerror or error}); "
                "check its name and folder."
            ) from error
        if sha256 in found:
            raise Refusal(
                f"{found[sha256].name} and {file.name} are the same file; leave one of them out."
            )
        found[sha256] = file
    return sorted(found)


def loaded_before(kind: str, subject: str, sha256: Sequence[str], **asked: Any) -> Event | None:
    """The event of the last load of this kind, if it was of these very files, asked for alike."""
    last = timeline(subject).filter(kind=kind).last()
    said = {"sha256": list(sha256), **asked}
    if last is None or any(last.data.get(name) != value for name, value in said.items()):
        return None
    return last
