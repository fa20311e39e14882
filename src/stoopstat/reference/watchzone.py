"""Plain twin of watchzone.py: the step-down written out, and every rectangle of cells tried."""

from collections.abc import Sequence
from math import sqrt

Row = Sequence[float]


def step_down(observed: Row, null: Sequence[Row]) -> list[float]:
    """Adjusted p of each cell, by Westfall and Young's algorithm 2.8 with the data as one deal."""
    deals = [[sqrt(n) for n in deal] for deal in (observed, *null)]
    scores = []
    for roots in zip(*deals, strict=True):
        mean = sum(roots) / len(roots)
        spread = sqrt(sum((z - mean) ** 2 for z in roots) / len(roots))
        scores.append([(z - mean) / spread if spread else 0.0 for z in roots])
    order = sorted(range(len(observed)), key=lambda cell: -scores[cell][0])
    adjusted = [0.0] * len(observed)
    least = 0.0
    for place, cell in enumerate(order):
        left = order[place:]
        as_high = sum(
            max(scores[other][deal] for other in left) >= scores[cell][0] - 1e-12
            for deal in range(len(deals))
        )
        least = max(least, as_high / len(deals))
        adjusted[cell] = least
    return adjusted


def zone(adjusted: Sequence[Row], surplus: Sequence[Row], level: float) -> tuple[int, int] | None:
    """The corner of the rectangle of raised cells with most surplus pairs; None without one."""
    found: list[tuple[float, int, int]] = []
    for i in range(len(adjusted)):
        for j in range(len(adjusted[0])):
            nearer = [adjusted[a][b] for a in range(i + 1) for b in range(j + 1)]
            if all(p <= level for p in nearer):
                found.append((-surplus[i][j], i, j))
    return min(found)[1:] if found else None
