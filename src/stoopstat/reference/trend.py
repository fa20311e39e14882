"""Calendar counts a day at a time, the exact interval by bisection, dispersion and band by sums."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import comb, sqrt


def year_counts(
    days: Sequence[date], first: date, last: date
) -> dict[int, tuple[int, int, int | None]]:
    """Per year: events, observed days, events up to the last day's place in the calendar."""
    out: dict[int, tuple[int, int, int | None]] = {}
    for year in range(first.year, last.year + 1):
        observed = []
        to_date = []
        day = date(year, 1, 1)
        while day.year == year:
            if first <= day <= last:
                observed.append(day)
            if (day.month, day.day) <= (last.month, last.day):
                to_date.append(day)
            day += timedelta(days=1)
        whole = all(first <= day <= last for day in to_date)
        events = sum(day in observed for day in days)
        early = sum(day in to_date for day in days) if whole else None
        out[year] = events, len(observed), early
    return out


def ratio_limits(now: int, before: int, level: float) -> tuple[float, float]:
    """Exact limits of the ratio of two Poisson means, equal times."""
    n, tail = now + before, (1 - level) / 2

    def at_least(p: float) -> float:
        return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(now, n + 1))

    def at_most(p: float) -> float:
        return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(now + 1))

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_least(middle) < tail else (low, middle)
    lower = low
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if at_most(middle) < tail else (middle, high)
    return lower / (1 - lower), high / (1 - high) if before else float("inf")


def dispersion(counts: Sequence[float], time: Sequence[float]) -> float:
    """Mean squared step between neighbours, over its expectation for Poisson counts."""
    terms = []
    for a, b, s, t in zip(counts, counts[1:], time, time[1:], strict=False):
        if a + b:
            rate = (a + b) / (s + t)
            # Var(b/t - a/s) = rate / t + rate / s.
            terms.append((b / t - a / s) ** 2 / (rate / t + rate / s))
    return max(1.0, sum(terms) / len(terms)) if terms else 1.0


def long_run(counts: Sequence[float], quantile: float) -> tuple[float, float]:
    """Band of one more period of equal length on the square-root scale, by sums."""
    roots = [sqrt(n + 3 / 8) for n in counts]
    n, mean = len(roots), sum(roots) / len(roots)
    sd = sqrt(sum((z - mean) ** 2 for z in roots) / (n - 1)) if n > 1 else 0.5
    reach = quantile * max(sd, 0.5) * sqrt(1 + 1 / n)
    return max(0.0, max(0.0, mean - reach) ** 2 - 3 / 8), (mean + reach) ** 2 - 3 / 8
