"""Gaussian kernels laid on a grid, one event after another."""

import math

import numpy as np
from numba import njit


@njit(cache=True)
def spread(x, y, weight, land, first, cell, h, reach, least, over_cells, keep):  # type: ignore[no-untyped-def]
    """Add each event's kernel to a (rows, columns) surface, inside a circle around the event.

    x, y, weight: (n,) events. land: (rows, columns) of 0.0 and 1.0. first: column and row of the
    lower-left cell. reach: radius followed, in metres. over_cells: means over cells, else values
    at centres. keep: divide each kernel by its sum over land; one whose sum times the cell's area
    is at most `least` is left out. Returns the surface and the weight left out.
    """
    rows, columns = land.shape
    surface = np.zeros((rows, columns))
    across, down = np.zeros(columns), np.zeros(rows)
    ashore = np.zeros(columns)
    left_out = 0.0
    for i in range(x.size):
        east, north = x[i] / cell - first[0], y[i] / cell - first[1]
        radius = reach / cell
        low, high = _span(east, radius, columns)
        bottom, top = _span(north, radius, rows)
        _factor(across, low, high, east, h / cell, over_cells)
        _factor(down, bottom, top, north, h / cell, over_cells)
        share = weight[i]
        if keep:
            ashore[low:high] = 0.0
            for r in range(bottom, top):
                a, b = _chord(east, north, r, radius, low, high)
                # Column by column, not one running sum: that the compiler can do four at a time.
                _add(ashore[a:b], down[r], land[r, a:b])
            mass = 0.0
            for c in range(low, high):
                mass += ashore[c] * across[c]
            if mass <= least:
                left_out += share
                continue
            share /= mass
        share /= cell * cell
        for r in range(bottom, top):
            a, b = _chord(east, north, r, radius, low, high)
            _add(surface[r, a:b], share * down[r], across[a:b])
    return surface, left_out


@njit(cache=True)
def _add(target, factor, values):  # type: ignore[no-untyped-def]
    for c in range(target.size):
        target[c] += factor * values[c]


@njit(cache=True)
def _span(at, radius, count):  # type: ignore[no-untyped-def]
    """Cells whose centres lie within `radius` of a place on one axis, all in cells."""
    low = min(max(math.ceil(at - radius - 0.5), 0), count)
    high = min(max(math.floor(at + radius - 0.5) + 1, low), count)
    return low, high


@njit(cache=True)
def _chord(east, north, row, radius, low, high):  # type: ignore[no-untyped-def]
    """The columns of one row whose centres lie inside the circle."""
    off = row + 0.5 - north
    half = math.sqrt(max(radius * radius - off * off, 0.0))
    a = max(math.ceil(east - half - 0.5), low)
    return a, min(max(math.floor(east + half - 0.5) + 1, a), high)


@njit(cache=True)
def _factor(factor, low, high, at, h, over_cells):  # type: ignore[no-untyped-def]
    """One axis of a kernel, per cell length, into factor[low:high]."""
    if over_cells:
        root = h * math.sqrt(2.0)
        before = math.erf((low - at) / root)
        for c in range(low, high):
            after = math.erf((c + 1 - at) / root)
            factor[c] = 0.5 * (after - before)
            before = after
        return
    if low >= high:
        return
    # From the nearest centre outward each value is the last one times a ratio, and each ratio the
    # last one times exp(-1/h^2): two exponentials a side, not one a cell.
    middle = min(max(math.floor(at), low), high - 1)
    off = middle + 0.5 - at
    peak = math.exp(-0.5 * (off / h) ** 2) / (h * math.sqrt(2.0 * math.pi))
    shrink = math.exp(-1.0 / (h * h))
    factor[middle] = peak
    value, ratio = peak, math.exp(-(2.0 * off + 1.0) / (2.0 * h * h))
    for c in range(middle + 1, high):
        value *= ratio
        ratio *= shrink
        factor[c] = value
    value, ratio = peak, math.exp((2.0 * off - 1.0) / (2.0 * h * h))
    for c in range(middle - 1, low - 1, -1):
        value *= ratio
        ratio *= shrink
        factor[c] = value


@njit(cache=True)
def banded_product(left, right):  # type: ignore[no-untyped-def]
    """left @ right for a `left` of which each row is nil but for one stretch."""
    rows, inner = left.shape
    product = np.zeros((rows, right.shape[1]))
    for r in range(rows):
        for k in range(inner):
            if left[r, k] != 0.0:
                _add(product[r], left[r, k], right[k])
    return product
