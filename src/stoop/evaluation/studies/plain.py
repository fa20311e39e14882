"""Results as plain values, the same bytes for the same numbers."""

import dataclasses
import math
from datetime import datetime
from typing import Any

import numpy as np

# More than any number here knows, and fewer than where the order of additions shows.
DIGITS = 10


def plain(value: Any, digits: int = DIGITS) -> Any:
    """Dataclasses, arrays and numbers as what JSON can hold; a number that is none is null.

    >>> plain({"p": float("nan"), "n": np.int64(3)})
    {'p': None, 'n': 3}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), digits) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, digits) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{digits}g}") if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no plain value: {type(value)}")
