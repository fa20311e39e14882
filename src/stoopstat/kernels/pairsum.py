"""Sums of Gaussian kernels over pairs of locations, for choosing a bandwidth."""

import numpy as np
from numba import njit

# exp(-40) is 4e-18: nothing beside the nearest neighbour's term, which is 1.
FAINT = 40.0


@njit(cache=True)
def sums_above_nearest(x, y, weight, nearest, bandwidths):  # type: ignore[no-untyped-def]
    """For each location and bandwidth h, the sum over others of w exp(-(d^2 - nearest)/2h^2).

    x must ascend. nearest: squared distance to the nearest other location; taking it out of the
    exponent keeps the sum above zero however lonely the place. Returns (locations, bandwidths).
    """
    n, k = x.size, bandwidths.size
    sums = np.zeros((n, k))
    widest = 2.0 * FAINT * bandwidths.max() ** 2
    for i in range(n):
        limit = widest + nearest[i]
        for step in (-1, 1):
            j = i + step
            while 0 <= j < n:
                dx = x[j] - x[i]
                if dx * dx > limit:
                    break
                dy = y[j] - y[i]
                excess = dx * dx + dy * dy - nearest[i]
                for b in range(k):
                    power = excess / (2.0 * bandwidths[b] * bandwidths[b])
                    if power < FAINT:
                        sums[i, b] += weight[j] * np.exp(-power)
                j += step
    return sums
