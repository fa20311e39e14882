"""Forecasts and their hits the slow way: one incident, one cell, one month at a time."""

from collections.abc import Sequence

from stoopstat.grid import Grid
from stoopstat.reference import density


def decayed(cells: Sequence[int], months: Sequence[int], size: int, target: int) -> list[float]:
    """Decayed incidents per cell and month of record."""
    first = min(months)
    rate = [0.0] * size
    exposure = sum(0.5 ** ((target - 1 - month) / 36) for month in range(first, target))
    for cell, month in zip(cells, months, strict=True):
        if month < target:
            rate[cell] += 0.5 ** ((target - 1 - month) / 36) / exposure
    return rate


def smoothed(
    places: Sequence[tuple[float, float]],
    months: Sequence[int],
    grid: Grid,
    target: int,
    bandwidth_m: float,
) -> list[float]:
    """Decayed kernel density per cell and month of record."""
    exposure = sum(0.5 ** ((target - 1 - month) / 36) for month in range(min(months), target))
    known = [
        (x, y, 0.5 ** ((target - 1 - month) / 36))
        for (x, y), month in zip(places, months, strict=True)
        if month < target
    ]
    values = density.kernel_density(known, grid, bandwidth_m, edge="land", at="cell")
    return [value * grid.cell_m**2 / exposure for value in values]


def posterior_mean(count: float, exposure: float, prior_mean: float, shape: float) -> float:
    """Mean of a gamma rate of the given shape and mean, after `count` in `exposure` months."""
    rate = shape / prior_mean
    return (shape + count) / (rate + exposure)


def caught(score: Sequence[float], counts: Sequence[int], share: float) -> float:
    """Incidents caught by the top share of cells, each tied cell by its share of what is left."""
    left = share * len(score)
    hits = 0.0
    for level in sorted(set(score), reverse=True):
        tied = [c for s, c in zip(score, counts, strict=True) if s == level]
        part = min(1.0, left / len(tied))
        hits += part * sum(tied)
        left -= part * len(tied)
    return hits
