"""Near repeats: is another shooting likelier close by and soon after one, and by how much?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stoopstat.events import Events, Floats, Ints
from stoopstat.neighbours import binned

# Strata enter the exact expectation two by two; more than this is a mistake (days, not years).
MOST_STRATA = 1_000
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class KnoxTable:
    """One number per distance (S rows) and window (W columns); every array is (S, W).

    observed: pairs seen. expected: exact mean under the null. permutation_mean: mean of the
    permutations, for checking. ratio: observed / expected, NaN where nothing is expected.
    null_low, null_high: 2.5 and 97.5 percentiles of the null's ratio (NaN as above).
    ratio_low, ratio_high: 95 % interval of the ratio itself (NaN as above).
    p: chance under the null of so many pairs or more, from the permutations.
    """

    observed: Ints
    expected: Floats
    permutation_mean: Floats
    ratio: Floats
    null_low: Floats
    null_high: Floats
    ratio_low: Floats
    ratio_high: Floats
    p: Floats


@dataclass(frozen=True, slots=True)
class Knox:
    """Result of `knox`.

    distance_m: (S,) and window_days: (W,) upper edges, inclusive.
    bands: pairs in (d[i-1], d[i]] x (w[j-1], w[j]], the first of each from 0.
    within: pairs within d[i] and within w[j], the bands summed from 0.
    null: "all time" when dates were shuffled among all events, "within strata" when only among
    events of one stratum. events: n. pairs: n (n - 1) / 2. close: (S,) pairs within d[i] at any
    time. soon: (W,) pairs within w[j] at any distance. null_counts: (R, S, W) pairs in each
    band in each permutation.
    """

    distance_m: Floats
    window_days: Ints
    bands: KnoxTable
    within: KnoxTable
    null: str
    events: int
    pairs: int
    close: Ints
    soon: Ints
    permutations: int
    null_counts: Ints


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Close pairs of the events in grid order, grouped by distance band."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    starts: Ints


def knox(
    events: Events,
    *,
    distance_m: Sequence[float] = (100, 200, 300, 400),
    window_days: Sequence[int] = (7, 14, 21, 28),
    permutations: int = 999,
    rng: np.random.Generator,
    strata: ArrayLike | None = None,
) -> Knox:
    """Count pairs of events close in space and in time, beside what chance would give.

    Asks whether events that are near each other are also soon after each other, more often than
    if dates had been dealt to places at random. With Ns pairs within a distance, Nt pairs within
    a window, and N pairs in all, the expected number is Ns * Nt / N (Knox 1964, Applied
    Statistics 13:25-29); p = (1 + permutations with as many pairs or more) / (1 + permutations).

    strata: (n,) whole numbers, such as the quarter. Dates are then shuffled only within a
    stratum, and expected = sum over pairs of strata (a, b) of Ns[a,b] * Nt[a,b] / N[a,b].
    ratio_low, ratio_high come from the variance of a count of pairs that share events (dyadic
    robust: Fafchamps and Gubert 2007), or from the null's if that is larger, on the log scale.

    Complexity: close pairs x permutations, a few bytes per close pair. Events' weights must be 1.

    When it lies. Places are busy for some years or months and calm again: all pairs of that time
    look like near repeats to a shuffle that breaks it up. The finer the strata, the less so (New
    York 2006-2020, 0-200 m x 0-14 days: ratio 1.48 over all time, 1.06 within years, or 1.07 of
    the pairs of one year alone, and 1.02 within quarters), at the price of some of a true effect.
    Under such drift the interval holds the ratio as it is, drift and all, and not the part that
    follows from an incident. One incident published as several rows is a perfect near repeat of
    itself: count incidents. Dates of discovery, not of occurrence, and
    addresses snapped to a crossing or a station house make pairs too. Where long chains of
    incidents belong together, the interval of the ratio is too narrow. A ratio speaks of the
    city as a whole, not of every place in it, and not of why.

    Raises ValueError when distances or windows do not increase from a positive (zero for days)
    start, when strata do not fit the events, or when weights are not 1.

    >>> import numpy as np
    >>> from stoopstat.events import events
    >>> e = events([0, 50, 5000, 5050], [0, 0, 0, 0], [0, 3, 100, 200])
    >>> k = knox(e, distance_m=[100], window_days=[7], rng=np.random.default_rng(1))
    >>> int(k.within.observed[0, 0]), round(float(k.within.expected[0, 0]), 3)
    (1, 0.333)
    """
    distances, windows = _edges(distance_m, window_days)
    if (events.weight != 1).any():
        raise ValueError("the Knox test counts incidents: every weight must be 1")
    if permutations < 1:
        raise ValueError("permutations must be at least 1")
    labels = _labels(strata, len(events))
    seeds = rng.integers(0, 2**64, size=permutations, dtype=np.uint64)
    null = "all time" if strata is None else "within strata"
    return _counted(events, distances, windows, labels, seeds, null)


def _counted(
    events: Events,
    distances: Floats,
    windows: Ints,
    labels: Ints,
    seeds: NDArray[np.uint64],
    null_name: str,
) -> Knox:
    from stoopstat.kernels import nearrepeat as kernel

    points = binned(events.x_m, events.y_m, reach=float(distances[-1]))
    pairs = _close_pairs(points.x, points.y, points.first, points.last, distances)
    days = _compact(events.t_days)[points.order]
    stratum = labels[points.order]
    count = int(labels.max(initial=-1)) + 1
    soon, chance = _chances(days, stratum, count, windows)
    close = _close_by_strata(pairs, stratum, count)
    place = np.argsort(stratum, kind="stable")
    null = kernel.permuted_counts(
        days[place],
        place,
        np.searchsorted(stratum[place], np.arange(count + 1)),
        pairs.left,
        pairs.right,
        pairs.starts,
        np.minimum(windows, np.iinfo(days.dtype).max).astype(days.dtype),
        seeds,
    )
    null_bands = np.diff(null, axis=2, prepend=0)
    above = np.concatenate([[-1], windows[:-1]])
    chance_band = np.diff(chance, axis=0, prepend=0)
    bands = _table(days, stratum, pairs, close, above, windows, chance_band, null_bands)
    never = np.full(windows.size, -1)
    within = _table(
        days, stratum, pairs, close, never, windows, chance, null.cumsum(axis=1), summed=True
    )
    n = len(events)
    return Knox(
        distance_m=distances,
        window_days=windows,
        bands=bands,
        within=within,
        null=null_name,
        events=n,
        pairs=n * (n - 1) // 2,
        close=np.cumsum(np.diff(pairs.starts)),
        soon=soon,
        permutations=seeds.size,
        null_counts=null_bands,
    )


def _edges(distance_m: Sequence[float], window_days: Sequence[int]) -> tuple[Floats, Ints]:
    distances = np.array(distance_m, dtype=np.float64)
    windows = np.array(window_days).astype(np.int64)
    if distances.ndim != 1 or distances.size == 0 or not np.isfinite(distances).all():
        raise ValueError("distance_m must be a list of at least one distance in metres")
    if distances[0] <= 0 or (np.diff(distances) <= 0).any():
        raise ValueError("distance_m must be positive and increase")
    if windows.ndim != 1 or windows.size == 0 or not np.array_equal(windows, window_days):
        raise ValueError("window_days must be a list of at least one whole number of days")
    if windows[0] < 0 or (np.diff(windows) <= 0).any():
        raise ValueError("window_days must not be negative and must increase")
    return distances, windows


def _labels(strata: ArrayLike | None, n: int) -> Ints:
    """Strata as 0..k-1."""
    if strata is None:
        return np.zeros(n, dtype=np.int64)
    given = np.asarray(strata)
    if given.shape != (n,):
        raise ValueError("strata must hold one label per event")
    found, labels = np.unique(given, return_inverse=True)
    if found.size > MOST_STRATA:
        raise ValueError(f"at most {MOST_STRATA} strata; give the year, say, not the date")
    return labels.astype(np.int64)


def _compact(t_days: Ints) -> NDArray[np.int16] | NDArray[np.int32]:
    """Days since the first, in the narrowest type that holds every gap."""
    since = t_days - (t_days.min() if t_days.size else 0)
    span = int(since.max(initial=0))
    if span <= np.iinfo(np.int16).max:
        return since.astype(np.int16)
    if span > np.iinfo(np.int32).max:
        raise ValueError("t_days must span less than 2**31 days")
    return since.astype(np.int32)


def _close_pairs(x: Floats, y: Floats, first: Ints, last: Ints, distances: Floats) -> _Pairs:
    from stoopstat.kernels import nearrepeat as kernel

    limits2 = distances**2
    counts = kernel.count_close(x, y, first, last, limits2)
    starts = np.concatenate([[0], np.cumsum(counts)])
    left = np.empty(starts[-1], dtype=np.int32)
    right = np.empty(starts[-1], dtype=np.int32)
    kernel.list_close(x, y, first, last, limits2, starts, left, right)
    return _Pairs(left, right, starts)


def _chances(
    days: NDArray[np.int16] | NDArray[np.int32], stratum: Ints, count: int, windows: Ints
) -> tuple[Ints, Floats]:
    """(W,) pairs within each window, and (W, k, k) the share of pairs (a, b) that are.

    Counts of events by stratum and day, multiplied by the counts within the window around each
    day, give the ordered pairs of two strata without listing them.
    """
    day, index = np.unique(days.astype(np.int64), return_inverse=True)
    by_day = np.zeros((count, day.size))
    np.add.at(by_day, (stratum, index), 1.0)
    total = np.concatenate([np.zeros((count, 1)), np.cumsum(by_day, axis=1)], axis=1)
    size = by_day.sum(axis=1)
    ordered = np.outer(size, size) - np.diag(size)
    soon = np.zeros(windows.size, dtype=np.int64)
    chance = np.zeros((windows.size, count, count))
    for w, window in enumerate(windows):
        upto = np.searchsorted(day, day + window, side="right")
        before = np.searchsorted(day, day - window, side="left")
        near = by_day @ (total[:, upto] - total[:, before]).T - np.diag(size)
        soon[w] = round(near.sum() / 2)
        np.divide(near, ordered, out=chance[w], where=ordered > 0)
    return soon, chance


def _close_by_strata(pairs: _Pairs, stratum: Ints, count: int) -> Ints:
    """(S, k, k) close pairs of each band by the strata of their two events."""
    bands = pairs.starts.size - 1
    band = np.repeat(np.arange(bands), np.diff(pairs.starts))
    cell = (band * count + stratum[pairs.left]) * count + stratum[pairs.right]
    return np.bincount(cell, minlength=bands * count * count).reshape(bands, count, count)


def _table(
    days: NDArray[np.int16] | NDArray[np.int32],
    stratum: Ints,
    pairs: _Pairs,
    close: Ints,
    above: Ints,
    windows: Ints,
    chance: Floats,
    null: Ints,
    *,
    summed: bool = False,
) -> KnoxTable:
    from stoopstat.kernels import nearrepeat as kernel

    seen, hoped, cross, square = kernel.contributions(
        days, stratum, pairs.left, pairs.right, pairs.starts, above, windows, chance
    )
    expected = np.einsum("sab,wab->sw", close.astype(np.float64), chance)
    if summed:
        seen, hoped = seen.cumsum(axis=1), hoped.cumsum(axis=1)
        cross, square, expected = (a.cumsum(axis=0) for a in (cross, square, expected))
    observed = np.rint(seen.sum(axis=0) / 2).astype(np.int64)
    ratio = _divide(observed, expected)
    # Pairs that share an event are not independent: square each event's surplus, which counts
    # every pair twice, and take the pairs' own squares off once.
    surplus = seen - np.nan_to_num(ratio) * hoped
    own = observed - 2 * np.nan_to_num(ratio) * cross + np.nan_to_num(ratio) ** 2 * square
    shared = (surplus**2).sum(axis=0) - own
    variance = np.maximum(shared, np.nan_to_num(ratio) * null.var(axis=0))
    ratio_low, ratio_high = _ratio_interval(observed, expected, ratio, variance)
    low, high = np.percentile(null, [2.5, 97.5], axis=0)
    return KnoxTable(
        observed=observed,
        expected=expected,
        permutation_mean=null.mean(axis=0),
        ratio=ratio,
        null_low=_divide(low, expected),
        null_high=_divide(high, expected),
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        p=(1 + (null >= observed).sum(axis=0)) / (1 + null.shape[0]),
    )


def _divide(above: Floats | Ints, below: Floats) -> Floats:
    quotient = np.full(below.shape, np.nan)
    np.divide(above, below, out=quotient, where=below > 0)
    return quotient


def _ratio_interval(
    observed: Ints, expected: Floats, ratio: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    """95 % interval on the log scale; with no pair seen, 0 to the largest mean that allows it."""
    none = observed == 0
    spread = np.exp(Z_95 * np.sqrt(variance) / np.maximum(observed, 1))
    high = np.where(
        none, _divide(np.full(expected.shape, -np.log(0.025)), expected), ratio * spread
    )
    return np.where(none, ratio, ratio / spread), high
