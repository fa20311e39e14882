"""Random numbers inside kernels: one seed makes one replicate, whatever the others did."""

import numpy as np
from numba import njit

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_TWO32 = np.uint64(1 << 32)


@njit(cache=True)
def mixed(state):  # type: ignore[no-untyped-def]
    """The 64 random bits that belong to a state (SplitMix64, Steele, Lea and Flood 2014)."""
    z = (state ^ (state >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@njit(cache=True)
def bounded(state, size):  # type: ignore[no-untyped-def]
    """(next state, whole number in [0, size)), each equally likely; 1 <= size < 2**32.

    Multiply and keep the high half; the few low halves that would favour some numbers are drawn
    again (Lemire 2019), so that there is no bias, however large the size.
    """
    limit = np.uint64(size)
    state = np.uint64(state) + _STEP
    product = (mixed(state) >> _S32) * limit
    if (product & _LOW) < limit:
        unfair = (_TWO32 - limit) % limit
        while (product & _LOW) < unfair:
            state = state + _STEP
            product = (mixed(state) >> _S32) * limit
    return state, np.int64(product >> _S32)


@njit(cache=True)
def shuffle(state, values, start, stop, drawn):  # type: ignore[no-untyped-def]
    """Put a random ordered sample of values[start:stop] first, in place; return the next state.

    drawn: how many places to fill (stop - start shuffles all), so a sample costs only its size.
    """
    for k in range(start, start + drawn):
        state, offset = bounded(state, stop - k)
        other = k + offset
        held = values[k]
        values[k] = values[other]
        values[other] = held
    return state
