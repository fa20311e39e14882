"""Events: validated arrays that say where and when, and how much each one counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Events:
    """Points in space and time, one per event (an incident, never a published row).

    x_m, y_m: (n,) metres in one projection. t_days: (n,) whole days since any one fixed day.
    weight: (n,) how much each event counts, finite and not negative.
    """

    x_m: Floats
    y_m: Floats
    t_days: Ints
    weight: Floats

    def __len__(self) -> int:
        return self.x_m.size


def events(
    x_m: ArrayLike, y_m: ArrayLike, t_days: ArrayLike, *, weight: ArrayLike | None = None
) -> Events:
    """Validate and freeze events; weight defaults to one each.

    Raises ValueError when lengths differ, a coordinate is not finite, a day is not whole, or a
    weight is negative.
    """
    x, y = coordinates(x_m, y_m)
    days = whole_numbers(t_days, "t_days")
    w = np.ones(x.shape) if weight is None else np.array(weight, dtype=np.float64)
    if not (x.shape == days.shape == w.shape):
        raise ValueError("x_m, y_m, t_days and weight must be flat arrays of one length")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    for array in (x, y, days, w):
        array.flags.writeable = False
    return Events(x, y, days, w)


def coordinates(x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
    """Metres as two arrays of their own, (n,) each.

    Raises ValueError when they are not flat, not of one length, or not finite.
    """
    x, y = np.array(x_m, dtype=np.float64), np.array(y_m, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("x_m and y_m must be flat arrays of one length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("every point needs finite coordinates")
    return x, y


def whole_numbers(values: ArrayLike, name: str) -> Ints:
    """Codes, days or counts as an array of their own, (n,).

    Raises ValueError, which names them, when they are not flat or not whole.
    """
    given = np.asarray(values)
    with np.errstate(invalid="ignore"):  # a NaN is refused below, by name
        whole = given.astype(np.int64)
    if given.ndim != 1 or not np.array_equal(whole, given):
        raise ValueError(f"{name} must be a flat array of whole numbers")
    return whole
