"""Shares and Gini coefficients by listing every case."""

from collections.abc import Sequence
from itertools import permutations, product


def chosen_share(chosen_by: Sequence[float], realised: Sequence[float], k: int) -> float:
    """Mean share in the top k over every order that the earlier counts allow."""
    shares = []
    for order in permutations(range(len(chosen_by))):
        counts = [chosen_by[i] for i in order]
        if counts == sorted(counts, reverse=True):
            shares.append(sum(realised[i] for i in order[:k]) / sum(realised))
    return sum(shares) / len(shares)


def gini(counts: Sequence[float]) -> float:
    """Half the mean absolute difference of two places, over the mean."""
    n = len(counts)
    return sum(abs(a - b) for a in counts for b in counts) / (2 * n * sum(counts))


def gini_adjusted(counts: Sequence[float]) -> float:
    """Area between the curve and the most even one that whole events allow, by trapezes."""
    n, total = len(counts), sum(counts)
    up = sorted(counts)
    lorenz = [sum(up[: i + 1]) / total for i in range(n)]
    # Twice the area over the curve, in the units of the generalised index: against min(c, n)
    # places with an equal share each, on an axis of that many places.
    axis = min(total, n)
    over = sum(2 * (i + 1) / n - 2 * value for i, value in enumerate(lorenz)) + (lorenz[-1] - 1)
    even = [max(0.0, (i + 1 - (n - axis)) / axis) for i in range(n)]
    even_over = sum(2 * (i + 1) / n - 2 * value for i, value in enumerate(even)) + (even[-1] - 1)
    return (over - even_over) / axis


def gini_chance(total: int, n: int) -> float:
    """Mean Gini over every way that `total` events can fall on n places."""
    ways = [gini([fall.count(i) for i in range(n)]) for fall in product(range(n), repeat=total)]
    return sum(ways) / len(ways)


def choice_share(counts: Sequence[Sequence[float]], year: int, window: int | None, k: int) -> float:
    """Share of a year in the k areas with the highest sum over the window before it."""
    start = 0 if window is None else max(0, year - window)
    before = [sum(area[y] for y in range(start, year)) for area in counts]
    return chosen_share(before, [area[year] for area in counts], k)
