"""Plain twin of nearrepeat.py: every pair of events, every permutation of their dates."""

import itertools
import math
from collections.abc import Iterator, Sequence

Place = tuple[float, float]
Table = list[list[float]]


def counts(
    places: Sequence[Place], days: Sequence[int], distances: Sequence[float], windows: Sequence[int]
) -> list[list[int]]:
    """Pairs within each distance and within each window."""
    table = [[0] * len(windows) for _ in distances]
    for a, b in itertools.combinations(range(len(days)), 2):
        apart = math.dist(places[a], places[b])
        gap = abs(days[a] - days[b])
        for i, distance in enumerate(distances):
            for j, window in enumerate(windows):
                table[i][j] += apart <= distance and gap <= window
    return table


def deals(days: Sequence[int], strata: Sequence[int]) -> Iterator[list[int]]:
    """Every way to deal the dates to the events again, each stratum among its own."""
    groups = [[i for i, s in enumerate(strata) if s == label] for label in sorted(set(strata))]
    shuffles = [itertools.permutations([days[i] for i in group]) for group in groups]
    for deal in itertools.product(*shuffles):
        dealt = list(days)
        for group, values in zip(groups, deal, strict=True):
            for i, value in zip(group, values, strict=True):
                dealt[i] = value
        yield dealt


def expected(
    places: Sequence[Place],
    days: Sequence[int],
    strata: Sequence[int],
    distances: Sequence[float],
    windows: Sequence[int],
) -> Table:
    """Mean of `counts` over every deal."""
    tables = [counts(places, dealt, distances, windows) for dealt in deals(days, strata)]
    return [
        [sum(t[i][j] for t in tables) / len(tables) for j in range(len(windows))]
        for i in range(len(distances))
    ]


def shared_variance(surplus: dict[tuple[int, int], float]) -> float:
    """Sum of surplus x surplus over all ordered couples of pairs that have an event in common."""
    return sum(surplus[p] * surplus[q] for p in surplus for q in surplus if set(p) & set(q))
