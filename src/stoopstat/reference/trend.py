"""Calendar counts a day at a time, and the exact interval by bisection on binomial sums."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import comb


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
