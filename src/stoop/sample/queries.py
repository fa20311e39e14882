"""Read the truth of a Sample City back."""

import json
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from stoop.kernel.errors import Refusal
from stoop.sample.models import LABEL, Truth

__all__ = ["Truth", "truth"]


def truth(folder: Path) -> Truth:
    """What was planted in the Sample City of that folder.

    Refuses (Refusal) a folder without a truth.json of Sample City.
    """
    path = Path(folder) / "truth.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"{path} is not there or not JSON; build Sample City in it first.") from error
    if not isinstance(raw, dict) or raw.get("label") != LABEL:
        raise Refusal(f"{path} does not belong to Sample City; build Sample City in its folder.")
    built = _as(Truth, raw)
    assert isinstance(built, Truth)
    return built


def _as(kind: Any, value: Any) -> Any:
    """JSON back into the type that a field of a frozen dataclass declares."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _as(inside[0], value)
    if origin is tuple:
        return tuple(_as(inside[0], item) for item in value)
    if origin is dict:
        return {inside[0](key): _as(inside[1], item) for key, item in value.items()}
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(value, dict):
        hints = get_type_hints(kind)
        return kind(**{name: _as(hints[name], item) for name, item in value.items()})
    return value
