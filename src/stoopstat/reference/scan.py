"""Plain twin of scan.py: every centre, every radius, every window, counted afresh."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[float, float]


@dataclass(frozen=True)
class Cylinder:
    """A circle and a run of units, with what is inside."""

    llr: float
    centre: Place
    radius_m: float
    first: int
    last: int
    observed: int
    expected: float
    places: frozenset[Place]


def llr(observed: int, expected: float, total: int) -> float:
    """Log likelihood ratio, 0 unless there are more than expected."""
    if observed <= expected:
        return 0.0
    outside = total - observed
    return observed * math.log(observed / expected) + (
        outside * math.log(outside / (total - expected)) if outside else 0.0
    )


def best_of_centre(
    centre: Place,
    places: Sequence[Place],
    t: Sequence[int],
    windows: Sequence[tuple[int, int]],
    max_radius_m: float,
    minimum_cases: int,
) -> Cylinder | None:
    """The likeliest cylinder around a centre; of equal ones, the smallest circle and window."""
    total = len(t)
    best = None
    reach = max_radius_m**2
    far = sorted({_apart2(centre, p) for p in places if _apart2(centre, p) <= reach})
    for radius2 in far:
        inside = [_apart2(centre, p) <= radius2 for p in places]
        for first, last in sorted(windows, key=lambda w: w[1] - w[0]):
            within = [first <= u <= last for u in t]
            observed = sum(a and b for a, b in zip(inside, within, strict=True))
            expected = sum(inside) * sum(within) / total
            if observed < minimum_cases:
                continue
            value = llr(observed, expected, total)
            if value > (best.llr + 1e-12 if best else 0.0):
                members = frozenset(p for p, a in zip(places, inside, strict=True) if a)
                best = Cylinder(
                    value, centre, math.sqrt(radius2), first, last, observed, expected, members
                )
    return best


def scan(
    places: Sequence[Place],
    t: Sequence[int],
    *,
    kind: str,
    max_window: int,
    max_radius_m: float,
    minimum_cases: int,
    end: int,
) -> list[Cylinder]:
    """Best cylinder of each centre, the strongest first; overlapping ones are kept."""
    if kind == "prospective":
        windows = [(end - w + 1, end) for w in range(1, max_window + 1)]
    else:
        windows = [
            (first, first + w - 1)
            for first in range(min(t), end + 1)
            for w in range(1, max_window + 1)
            if first + w - 1 <= end
        ]
    found = [
        best_of_centre(centre, places, t, windows, max_radius_m, minimum_cases)
        for centre in set(places)
    ]
    return sorted((c for c in found if c), key=lambda c: -c.llr)


def _apart2(a: Place, b: Place) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
