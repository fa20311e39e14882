"""What one unit contributes to an estimate: the estimate with that unit counted a bit more."""

from collections.abc import Callable, Sequence
from math import sqrt


def contributions(estimate: Callable[[list[float]], float], units: int) -> list[float]:
    """Slope of the estimate in the weight of each unit, all weights being 1."""
    step, out = 1e-5, []
    for unit in range(units):
        weight = [1.0] * units
        weight[unit] = 1 + step
        more = estimate(weight)
        weight[unit] = 1 - step
        out.append((more - estimate(weight)) / (2 * step))
    return out


def standard_error(parts: Sequence[float], cluster: Sequence[int] | None = None) -> float:
    """Root of the summed squares, one square a cluster."""
    sums: dict[int, float] = {}
    for unit, part in enumerate(parts):
        name = unit if cluster is None else cluster[unit]
        sums[name] = sums.get(name, 0.0) + part
    return sqrt(sum(s**2 for s in sums.values()))
