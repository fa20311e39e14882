"""Empirical Bayes by plain sums and a fine grid."""

from collections.abc import Sequence
from math import exp, lgamma, log


def log_likelihood(y: Sequence[float], e: Sequence[float], mean: float, f: float) -> float:
    """Marginal log likelihood of the gamma-Poisson model, without the constant in y."""
    v = 1 / f
    return sum(
        lgamma(a + v) - lgamma(v) + v * log(v / (v + b * mean)) + a * log(b * mean / (v + b * mean))
        for a, b in zip(y, e, strict=True)
    )


def posterior_mean(y: Sequence[float], e: Sequence[float], area: int, steps: int = 90) -> float:
    """Mean of one area's rate under the prior of draw_rates, by a sum over a grid of m and f."""
    pooled, c = sum(y) / sum(e), sum(y) / len(y)
    cells = []
    for i in range(steps):
        f = exp(-12 + 20 * i / (steps - 1)) / c
        shrinkage = 1 / (1 + f * c)
        for j in range(steps):
            m = pooled * exp(-3 + 6 * j / (steps - 1))
            height = log_likelihood(y, e, m, f) + log(shrinkage) + log(1 - shrinkage)
            cells.append((height, (y[area] + 1 / f) / (e[area] + 1 / (f * m))))
    top = max(h for h, _ in cells)
    weights = [exp(h - top) for h, _ in cells]
    return sum(w * t for w, (_, t) in zip(weights, cells, strict=True)) / sum(weights)


def places(rates: Sequence[float]) -> list[int]:
    """Place of each rate, the highest first, ties sharing the better place."""
    return [1 + sum(other > rate for other in rates) for rate in rates]
