"""Results as plain values, the same bytes for the same numbers."""

import dataclasses
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

# Twelve digits are more than any number here knows, and fewer than where the order of additions
# on another processor shows.
DIGITS = 12


def plain(value: Any) -> Any:
    """Dataclasses, arrays, dates and numbers as what JSON can hold; a missing number is null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, (date, Path)):
        return str(value)
    return value
