"""Plain twin of panel.py: one cell at a time; None where nothing was reported."""

from collections.abc import Sequence


def counts(
    events: Sequence[tuple[int, int, float]], reported: Sequence[Sequence[bool]]
) -> list[list[float | None]]:
    """Sum of the weights of the (area, period, weight) events in each reported cell."""
    return [
        [
            sum(w for a, t, w in events if (a, t) == (area, period)) if said else None
            for period, said in enumerate(row)
        ]
        for area, row in enumerate(reported)
    ]
