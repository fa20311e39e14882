"""Gi* the slow way: neighbours by pairs of cells, chance by listing every possible draw."""

from collections.abc import Sequence
from itertools import combinations
from math import comb, hypot

from stoopstat.grid import Grid


def neighbours(grid: Grid, radius_m: float) -> list[list[int]]:
    """For each land cell, the land cells whose centres lie within radius_m, itself included."""
    x, y = (axis.tolist() for axis in grid.centers())
    everyone = range(grid.cells)
    return [
        [j for j in everyone if hypot(x[i] - x[j], y[i] - y[j]) <= radius_m * (1 + 1e-9)]
        for i in everyone
    ]


def tails(counts: Sequence[int], size: int, total: int) -> tuple[float, float]:
    """Share of all draws of `size` cells whose sum is at least, and at most, `total`."""
    sums = [sum(draw) for draw in combinations(counts, size)]
    above = sum(s >= total for s in sums)
    below = sum(s <= total for s in sums)
    return above / len(sums), below / len(sums)


def upper_tail_by_polynomial(counts: Sequence[int], size: int, total: int) -> float:
    """P(sum >= total) from the generating function, in whole numbers of any length."""
    ways = [[0] * (sum(counts) + 1) for _ in range(size + 1)]
    ways[0][0] = 1
    for count in counts:
        for drawn in range(size, 0, -1):
            for s in range(sum(counts), count - 1, -1):
                ways[drawn][s] += ways[drawn - 1][s - count]
    return sum(ways[size][total:]) / comb(len(counts), size)


def z(counts: Sequence[int], size: int, total: int) -> float:
    """Ord and Getis's standardised sum, term by term."""
    n = len(counts)
    mean = sum(counts) / n
    variance = sum((c - mean) ** 2 for c in counts) / n
    spread = variance * (n * size - size**2) / (n - 1) if n > 1 else 0.0
    return float((total - size * mean) / spread**0.5) if spread > 0 else 0.0


def adjusted(p: Sequence[float], price: float) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values, one by one."""
    n = len(p)
    found = []
    for mine in p:
        levels = [
            other * n * price / sum(another <= other for another in p)
            for other in p
            if other >= mine
        ]
        found.append(min([1.0, *levels]))
    return found
