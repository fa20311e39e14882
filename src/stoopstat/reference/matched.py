"""Nearest neighbours one pair at a time."""

from collections.abc import Sequence
from itertools import permutations
from math import log, sqrt


def level_and_trend(row: Sequence[float], onset: int, before: int) -> tuple[float, float]:
    span = row[onset - before : onset]
    middle = (before - 1) / 2
    mean = sum(span) / before + 0.5
    rise = sum((t - middle) * v for t, v in enumerate(span))
    return log(mean), rise / sum((t - middle) ** 2 for t in range(before)) / mean


def deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sqrt(sum((v - mean) ** 2 for v in values) / len(values)) or 1.0


def distances(
    rows: Sequence[Sequence[float]], onset: Sequence[float], before: int, after: int
) -> dict[int, dict[int, float]]:
    """Of each treated unit its candidates and how far they are, not-yet-treated ones allowed."""
    periods = len(rows[0])
    treated = [i for i, g in enumerate(onset) if before <= g < periods]
    pools, points = {}, {}
    for i in treated:
        g = int(onset[i])
        end = min(g + after, periods)
        pools[i] = [j for j, other in enumerate(onset) if other >= end]
        points[i] = {j: level_and_trend(rows[j], g, before) for j in [i, *pools[i]]}
    every = [point for i in treated for point in points[i].values()]
    sd = [deviation([point[k] for point in every]) for k in (0, 1)]
    return {
        i: {
            j: sqrt(sum(((points[i][j][k] - points[i][i][k]) / sd[k]) ** 2 for k in (0, 1)))
            for j in pools[i]
        }
        for i in treated
    }


def best_assignment(apart: dict[int, dict[int, float]]) -> float:
    """Smallest sum of distances when every candidate serves once."""
    treated = list(apart)
    names = sorted({j for found in apart.values() for j in found})
    sums = []
    for order in permutations(names, len(treated)):
        if all(j in apart[i] for i, j in zip(treated, order, strict=True)):
            sums.append(sum(apart[i][j] for i, j in zip(treated, order, strict=True)))
    return min(sums)


def ratio(
    rows: Sequence[Sequence[float]],
    windows: Sequence[tuple[int, int, float, int]],
    before: int,
) -> float:
    """After / before of weighted (unit, onset, weight, end) windows, by period."""
    top = sum(w * sum(rows[i][g:end]) / (end - g) for i, g, w, end in windows)
    bottom = sum(w * sum(rows[i][g - before : g]) / before for i, g, w, end in windows)
    return top / bottom
