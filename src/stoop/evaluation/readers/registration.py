"""registration.json: when a study's design was frozen, and every amendment since."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from stoop.evaluation.models import Known, Register, Version
from stoop.kernel.errors import Refusal

_KINDS = {bool: "true or false", int: "whole number", str: "text"}
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
    except (RecursionError, ValueError) as error:
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
    """Whoever wants to be believed writes every value as what it is: "false" is not false."""
    if not _DIGEST.fullmatch(_of(said, "sha256", str)):
        raise ValueError("sha256 is no digest")
    at = datetime.fromisoformat(_of(said, "registered_at", str))
    if at.tzinfo is None:
        raise ValueError("registered_at has no time zone")
    period = _of({"period": ""} | said, "period", str)
    if period and period not in Known.values:
        raise ValueError(f"period is none of {', '.join(Known.values)}")
    return Version(
        number=_of(said, "number", int),
        sha256=said["sha256"],
        registered_at=at,
        reason=_of({"reason": ""} | said, "reason", str),
        ledger=_of(said, "ledger", str),
        event=_of(said, "ledger_event", int),
        after_outcomes=_of(said, "after_outcomes", bool),
        period=period,
    )


def _of(said: dict[str, Any], key: str, kind: type) -> Any:
    if type(said[key]) is not kind:
        raise TypeError(f"{key} is no {_KINDS[kind]}")
    return said[key]
