"""Kernel density the slow way: every event to every cell."""

from collections.abc import Sequence
from math import erf, exp, log, pi, sqrt

from stoopstat.grid import Grid


def at_point(x: float, y: float, event_x: float, event_y: float, h: float) -> float:
    """The Gaussian kernel of one event at one point."""
    return exp(-((x - event_x) ** 2 + (y - event_y) ** 2) / (2 * h * h)) / (2 * pi * h * h)


def over_cell(x: float, y: float, event_x: float, event_y: float, h: float, cell_m: float) -> float:
    """The mean of that kernel over the cell centred at (x, y)."""

    def within(center: float, event: float) -> float:
        right, left = center + cell_m / 2 - event, center - cell_m / 2 - event
        return (erf(right / (h * sqrt(2))) - erf(left / (h * sqrt(2)))) / 2

    return within(x, event_x) * within(y, event_y) / cell_m**2


def kernel_density(
    events: Sequence[tuple[float, float, float]], grid: Grid, h: float, *, edge: str, at: str
) -> list[float]:
    """Density per land cell of (x, y, weight) events."""
    centers = list(zip(*(axis.tolist() for axis in grid.centers()), strict=True))
    density = [0.0] * grid.cells
    for event_x, event_y, weight in events:
        values = [
            at_point(x, y, event_x, event_y, h)
            if at == "center"
            else over_cell(x, y, event_x, event_y, h, grid.cell_m)
            for x, y in centers
        ]
        ashore = sum(values) * grid.cell_m**2 if edge == "land" else 1.0
        if ashore > 1e-6:
            density = [d + weight * v / ashore for d, v in zip(density, values, strict=True)]
    return density


def log_likelihood(places: Sequence[tuple[float, float]], h: float) -> float:
    """Mean log density of each event under the events at all other locations."""
    total = 0.0
    for x, y in places:
        others = [(a, b) for a, b in places if (a, b) != (x, y)]
        total += log(sum(at_point(x, y, a, b, h) for a, b in others) / len(others))
    return total / len(places)
