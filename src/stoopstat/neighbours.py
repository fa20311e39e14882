"""Points laid in memory as they lie in space, so that near ones are found without a tree."""

from dataclasses import dataclass

import numpy as np

from stoopstat.events import Floats, Ints


@dataclass(frozen=True, slots=True)
class Binned:
    """Points sorted by the square cell they fall in.

    order: (n,) the sorted points' places in the caller's arrays. x, y: (n,) sorted coordinates.
    first, last: (3, n) sorted points first[r, i] <= j < last[r, i], for the three rows of cells
    around point i, hold every point within `reach` of it (and others, to be measured).
    """

    order: Ints
    x: Floats
    y: Floats
    first: Ints
    last: Ints


def binned(x: Floats, y: Floats, *, reach: float) -> Binned:
    """Sort points into cells `reach` wide; near points become near in memory."""
    if x.size == 0:
        none = np.zeros((3, 0), dtype=np.int64)
        return Binned(np.zeros(0, dtype=np.int64), x, y, none, none)
    # A hair wider than the reach, so that rounding cannot put a point at exactly the reach
    # two cells away.
    cell = reach * (1 + 1e-9)
    column = np.floor((x - x.min()) / cell).astype(np.int64)
    row = np.floor((y - y.min()) / cell).astype(np.int64)
    # Empty columns between the rows: a range of three columns never runs into the next row.
    stride = column.max() + 3
    key = row * stride + column
    order = np.argsort(key, kind="stable")
    key = key[order]
    around = np.array([[-stride], [0], [stride]])
    first = np.searchsorted(key, key + around - 1, side="left")
    last = np.searchsorted(key, key + around + 1, side="right")
    return Binned(order, x[order], y[order], first, last)
