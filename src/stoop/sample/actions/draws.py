"""Random draws that give the same values on every machine and with every NumPy.

NumPy promises that a bit generator's stream never changes, but not that the distributions on top of
it stay (NEP 19), and logarithms differ between processors in the last digit. So only uniform
doubles of PCG64 are used, and everything else is made of them by plain arithmetic.
"""

from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Draws:
    """One named stream of a seed: a change in one part of the city leaves the other parts as is."""

    def __init__(self, seed: int, stream: str) -> None:
        sequence = np.random.SeedSequence([seed, crc32(stream.encode())])
        self._generator = np.random.Generator(np.random.PCG64(sequence))

    def uniform(self, size: int, low: float = 0.0, high: float = 1.0) -> Floats:
        return low + (high - low) * self._generator.random(size)

    def one(self, low: float = 0.0, high: float = 1.0) -> float:
        return float(self.uniform(1, low, high)[0])

    def chance(self, probability: float) -> bool:
        return self.one() < probability

    def below(self, bound: int, size: int) -> Ints:
        """Whole numbers 0 .. bound-1, equally likely."""
        return np.asarray(np.minimum(np.floor(self.uniform(size) * bound), bound - 1), np.int64)

    def pick(self, weights: Floats, size: int) -> Ints:
        """Positions drawn with replacement, in proportion to their weights."""
        cumulative = np.cumsum(weights)
        found = np.searchsorted(cumulative, self.uniform(size) * cumulative[-1], side="right")
        return np.asarray(np.minimum(found, len(cumulative) - 1), np.int64)

    def order(self, size: int) -> Ints:
        """A random order of 0 .. size-1."""
        return np.asarray(np.argsort(self.uniform(size), kind="stable"), np.int64)

    def poisson(self, mean: float) -> int:
        """One count with that mean (below 600), by walking up the distribution."""
        target = self.one()
        count = 0
        term = float(np.exp(-mean))
        reached = term
        while reached < target and count < 10 * mean + 50:
            count += 1
            term *= mean / count
            reached += term
        return count
