"""Windows of clock time by walking through them minute by minute."""

from collections.abc import Sequence
from itertools import combinations

DAY = 1440


def count(
    weekday: Sequence[int], minute: Sequence[int], start: int, length: int, days: Sequence[int]
) -> int:
    """Events with a known time in the windows that start on the given days."""
    inside = set()
    for day in days:
        for step in range(length):
            inside.add((day * DAY + start + step) % (7 * DAY))
    return sum(
        d >= 0 and m >= 0 and d * DAY + m in inside for d, m in zip(weekday, minute, strict=True)
    )


def best(
    weekday: Sequence[int], minute: Sequence[int], length: int, step: int, nights: int
) -> tuple[int, int, int]:
    """Count of the best window, its start, and how many starts do as well."""
    found = []
    for start in range(0, DAY, step):
        chosen = (
            count(weekday, minute, start, length, days) for days in combinations(range(7), nights)
        )
        found.append(max(chosen))
    top = max(found)
    return top, found.index(top) * step, found.count(top)
