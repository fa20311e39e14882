"""Counts by area and period that know where nothing was reported."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints, whole_numbers


@dataclass(frozen=True, slots=True)
class Panel:
    """counts: (A, P), NaN where not reported. reported: (A, P). completeness: share reported.

    unplaced: weight of events with no known area or period. unreported: weight of events that
    fall where the panel says nothing was reported; they are in no count, so a total above zero
    here is a contradiction in the data to be looked into.
    """

    counts: Floats
    reported: Bools
    completeness: float
    unplaced: float
    unreported: float


@dataclass(frozen=True, slots=True)
class Sums:
    """total: sum over what was reported, NaN where nothing was. share_reported: 0 to 1.

    Where share_reported is below one, total is of a part only and is not to be compared with a
    full one.
    """

    total: Floats
    share_reported: Floats


def panel(
    area: ArrayLike,
    period: ArrayLike,
    *,
    n_areas: int,
    n_periods: int,
    weight: ArrayLike | None = None,
    reported: ArrayLike | None = None,
) -> Panel:
    """Lay events out as area x period counts.

    What it asks: how many, where and when, and where do we not know?

    area: (n,) codes 0 to n_areas-1, -1 where not known. period: (n,) codes 0 to n_periods-1, -1
    where not known or outside. weight: (n,) what each event counts, one by default; which of the
    three measures it is, the caller names. reported: (n_areas, n_periods), or (n_periods,) for all
    areas alike; all by default. count[a, t] = sum of the weights of the events in a and t where
    reported, NaN elsewhere: missing is never zero.

    When it lies: a zero in a cell that is said to be reported but was not; the panel cannot know.

    Raises ValueError when lengths differ, a code is out of range, or a weight is negative or not
    finite.

    >>> p = panel([0, 0, 1], [0, 1, 1], n_areas=2, n_periods=2, reported=[[1, 1], [0, 1]])
    >>> p.counts
    array([[ 1.,  1.],
           [nan,  1.]])
    >>> p.completeness
    0.75
    """
    if n_areas < 1 or n_periods < 1:
        raise ValueError("a panel needs at least one area and one period")
    rows, columns = _codes(area, n_areas, "area"), _codes(period, n_periods, "period")
    w = np.ones(rows.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if not (rows.shape == columns.shape == w.shape):
        raise ValueError("area, period and weight must be of one length")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    known = _reported(reported, n_areas, n_periods)
    placed = (rows >= 0) & (columns >= 0)
    cell = rows[placed] * n_periods + columns[placed]
    held = np.bincount(cell, weights=w[placed], minlength=n_areas * n_periods)
    counts = held.astype(np.float64).reshape(n_areas, n_periods)
    lost = float(counts[~known].sum())
    counts[~known] = np.nan
    counts.flags.writeable = known.flags.writeable = False
    return Panel(counts, known, float(known.mean()), float(w[~placed].sum()), lost)


def by_area(panel: Panel, *, first: int = 0, stop: int | None = None) -> Sums:
    """Sum each area over the periods first to stop (not included); arrays of shape (A,).

    >>> p = panel([0, 0, 1], [0, 1, 1], n_areas=2, n_periods=2, reported=[[1, 1], [0, 1]])
    >>> s = by_area(p)
    >>> s.total.tolist(), s.share_reported.tolist()
    ([2.0, 1.0], [1.0, 0.5])
    """
    span = slice(first, stop)
    return _sums(panel.counts[:, span], panel.reported[:, span], axis=1)


def by_period(panel: Panel, *, areas: ArrayLike | None = None) -> Sums:
    """Sum each period over all areas, or over those whose codes are given; arrays of shape (P,).

    >>> p = panel([0, 0, 1], [0, 1, 1], n_areas=2, n_periods=2, reported=[[1, 1], [0, 1]])
    >>> by_period(p).total.tolist()
    [1.0, 2.0]
    """
    chosen = np.arange(panel.counts.shape[0]) if areas is None else np.asarray(areas)
    return _sums(panel.counts[chosen], panel.reported[chosen], axis=0)


def _sums(counts: Floats, reported: Bools, axis: int) -> Sums:
    if counts.shape[axis] == 0:
        raise ValueError("nothing to sum: the span is empty")
    total = np.where(reported, counts, 0.0).sum(axis=axis)
    share = reported.mean(axis=axis)
    return Sums(np.where(share > 0, total, np.nan), share)


def _codes(values: ArrayLike, n: int, name: str) -> Ints:
    whole = whole_numbers(values, name)
    if whole.size and (whole.min() < -1 or whole.max() >= n):
        raise ValueError(f"{name} codes must be 0 to {n - 1}, or -1 where not known")
    return whole


def _reported(given: ArrayLike | None, n_areas: int, n_periods: int) -> Bools:
    if given is None:
        return np.ones((n_areas, n_periods), dtype=np.bool_)
    flags = np.asarray(given, dtype=np.bool_)
    if flags.shape not in ((n_periods,), (n_areas, n_periods)):
        raise ValueError("reported must be of shape (n_areas, n_periods) or (n_periods,)")
    return np.array(np.broadcast_to(flags, (n_areas, n_periods)))
