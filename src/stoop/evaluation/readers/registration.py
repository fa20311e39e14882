"""registration.json: when a study's design was frozen, and every amendment since."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from stoop.evaluation.models import Register, Version
from stoop.kernel.errors import Refusal

_DIGEST = re.compile(r"[0-9a-f]{64}")


def read_registration(path: Path) -> Register:
    """Read a registration, as the platform gives it out.

    Raises Refusal, in one sentence that says how to mend it, for a file that cannot be read, is no
    JSON, or lacks what a registration needs.
    """
    try:
        data = path.read_bytes()
        whole = json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        why = error.strerror or error
        raise Refusal(f"{path} cannot be read ({why}); check its name.") from error
    except ValueError as error:
        raise Refusal(f"{path.name} is not JSON: {error}; take the platform's file.") from error
    try:
        versions = tuple(_version(each) for each in whole["versions"])
        study = str(whole["study"])
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path, str(error)) from error
    if [each.number for each in versions] != list(range(1, len(versions) + 1)):
        raise _broken(path, "its versions are not numbered 1, 2, 3")
    return Register(study, versions, hashlib.sha256(data).hexdigest())


def _broken(path: Path, what: str) -> Refusal:
    return Refusal(f"{path.name} is no registration ({what}); take the platform's file.")


def _version(said: dict[str, Any]) -> Version:
    if not _DIGEST.fullmatch(said["sha256"]):
        raise ValueError("sha256 is no digest")
    at = datetime.fromisoformat(said["registered_at"])
    if at.tzinfo is None:
        raise ValueError("registered_at has no time zone")
    return Version(
        number=int(said["number"]),
        sha256=said["sha256"],
        registered_at=at,
        reason=str(said.get("reason", "")),
        ledger=str(said.get("ledger", "")),
        after_outcomes=bool(said["after_outcomes"]),
    )
