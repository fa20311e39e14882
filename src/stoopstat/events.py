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
    x = np.array(x_m, dtype=np.float64)
    y = np.array(y_m, dtype=np.float64)
    days = np.asarray(t_days)
    w = np.ones(x.shape) if weight is None else np.array(weight, dtype=np.float64)
    if x.ndim != 1 or not (x.shape == y.shape == days.shape == w.shape):
        raise ValueError("x_m, y_m, t_days and weight must be flat arrays of one length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("every event needs finite coordinates")
    whole = days.astype(np.int64)
    if not np.array_equal(whole, days):
        raise ValueError("t_days must be whole days")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    for array in (x, y, whole, w):
        array.flags.writeable = False
    return Events(x, y, whole, w)
