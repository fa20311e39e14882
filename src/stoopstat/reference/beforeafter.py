"""Before and after by adding up one unit and one month at a time."""

from collections.abc import Sequence


def sums(
    counts: Sequence[Sequence[float]], launch: Sequence[float], months: int
) -> tuple[float, float, float, int]:
    """Before, after, what the comparison's change makes of before, and the units that count."""
    width = len(counts[0])
    pool = [row for row, at in zip(counts, launch, strict=True) if at >= width]
    before = after = expected = 0.0
    units = 0
    for row, at in zip(counts, launch, strict=True):
        if at >= width or at - months < 0 or at + months > width:
            continue
        month = int(at)
        mine = sum(row[m] for m in range(month - months, month))
        was = sum(other[m] for other in pool for m in range(month - months, month))
        then = sum(other[m] for other in pool for m in range(month, month + months))
        before += mine
        after += sum(row[m] for m in range(month, month + months))
        expected += mine * then / was
        units += 1
    return before, after, expected, units
