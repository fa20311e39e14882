"""Kernels of the Knox test: close pairs once, then many permutations side by side."""

import numpy as np
from numba import njit

from stoopstat.kernels.random import shuffle

# Replicates evaluated side by side: their days lie next to each other, so that one machine
# instruction compares many of them, and a block of all events stays in the processor's cache.
LANES = 64
# Lanes count in 16 bits; they are emptied into 64 bits before they can overflow.
FLUSH = 32_000


@njit(cache=True)
def count_close(x, y, first, last, limits2):  # type: ignore[no-untyped-def]
    """(S,) number of pairs whose squared distance falls in each band up to limits2."""
    counts = np.zeros(limits2.size, np.int64)
    widest = limits2[-1]
    for i in range(x.size):
        for row in range(3):
            for j in range(max(first[row, i], i + 1), last[row, i]):
                d2 = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
                if d2 <= widest:
                    counts[np.searchsorted(limits2, d2)] += 1
    return counts


@njit(cache=True)
def list_close(x, y, first, last, limits2, starts, left, right):  # type: ignore[no-untyped-def]
    """Write the pairs i < j of each band s to left, right from starts[s], in spatial order."""
    place = starts.copy()
    widest = limits2[-1]
    for i in range(x.size):
        for row in range(3):
            for j in range(max(first[row, i], i + 1), last[row, i]):
                d2 = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
                if d2 <= widest:
                    band = np.searchsorted(limits2, d2)
                    left[place[band]] = i
                    right[place[band]] = j
                    place[band] += 1


@njit(cache=True)
def count_gaps(days, left, right, begin, end, windows, lanes):  # type: ignore[no-untyped-def]
    """Add to lanes[w, b] the pairs of begin..end with |gap| <= windows[w] in replicate b."""
    for p in range(begin, end):
        i, j = left[p], right[p]
        for w in range(windows.size):
            window = windows[w]
            for b in range(LANES):
                gap = abs(days[i, b] - days[j, b])
                lanes[w, b] += np.int16(gap <= window)


@njit(cache=True)
def permuted_counts(days, place, strata, left, right, starts, windows, seeds):  # type: ignore[no-untyped-def]
    """(R, S, W) pairs of each distance band within each window, days shuffled R times.

    days: (n,) int16 or int32, grouped by stratum. place: (n,) the point of each day at the start.
    strata: (k + 1,) where each stratum begins. left, right, starts: pairs by distance band.
    windows: (W,) in the days' type. seeds: (R,) one for each replicate.
    """
    n, bands, widths, replicates = days.size, starts.size - 1, windows.size, seeds.size
    out = np.zeros((replicates, bands, widths), np.int64)
    block = np.zeros((n, LANES), days.dtype)
    lanes = np.zeros((widths, LANES), np.int16)
    shuffled = days.copy()
    for base in range(0, replicates, LANES):
        used = min(LANES, replicates - base)
        for b in range(used):
            shuffled[:] = days
            state = seeds[base + b]
            for s in range(strata.size - 1):
                start, stop = strata[s], strata[s + 1]
                state = shuffle(state, shuffled, start, stop, stop - start)
            for k in range(n):
                block[place[k], b] = shuffled[k]
        for band in range(bands):
            for begin in range(starts[band], starts[band + 1], FLUSH):
                end = min(begin + FLUSH, starts[band + 1])
                lanes[:] = 0
                count_gaps(block, left, right, begin, end, windows, lanes)
                for b in range(used):
                    for w in range(widths):
                        out[base + b, band, w] += lanes[w, b]
    return out


@njit(cache=True)
def contributions(days, stratum, left, right, starts, above, windows, chance):  # type: ignore[no-untyped-def]
    """What each event adds to each cell, seen and expected, for the variance of a ratio.

    A pair counts in window w when above[w] < |gap| <= windows[w]; chance: (W, k, k) its
    probability by the strata of the two. Returns seen, expected: (n, S, W), each pair given to
    both its events; cross, square: (S, W), sums over pairs of seen * expected and expected**2.
    """
    n, bands, widths = days.size, starts.size - 1, windows.size
    seen = np.zeros((n, bands, widths))
    expected = np.zeros((n, bands, widths))
    cross = np.zeros((bands, widths))
    square = np.zeros((bands, widths))
    for s in range(bands):
        for p in range(starts[s], starts[s + 1]):
            i, j = left[p], right[p]
            gap = abs(np.int64(days[i]) - np.int64(days[j]))
            for w in range(widths):
                e = chance[w, stratum[i], stratum[j]]
                expected[i, s, w] += e
                expected[j, s, w] += e
                square[s, w] += e * e
                if above[w] < gap <= windows[w]:
                    seen[i, s, w] += 1.0
                    seen[j, s, w] += 1.0
                    cross[s, w] += e
    return seen, expected, cross, square
