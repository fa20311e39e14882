"""Effects by cohort and period one cell at a time, from weighted means of weighted units."""

from collections.abc import Sequence

Row = Sequence[float]


def mean(values: Row, weights: Row) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


def att(
    outcome: Sequence[Row],
    onset: Row,
    weight: Row,
    cohort: int,
    period: int,
    *,
    not_yet: bool = False,
    universal: bool = False,
    anticipation: int = 0,
) -> float | None:
    """Change of the cohort less that of its controls, None without a base or controls."""
    base = cohort - 1 - anticipation
    if period < cohort - anticipation and not universal:
        base = period - 1
    if base < 0 or base == period:
        return None
    last = len(outcome[0]) - 1
    until = min(max(period, base) + anticipation, last) if not_yet else last
    ours = [i for i, g in enumerate(onset) if g == cohort]
    pool = [i for i, g in enumerate(onset) if g > until and g != cohort]
    if not pool:
        return None
    means = []
    for units in (ours, pool):
        change = [outcome[i][period] - outcome[i][base] for i in units]
        means.append(mean(change, [weight[i] for i in units]))
    return means[0] - means[1]


def overall(
    outcome: Sequence[Row], onset: Row, weight: Row, by: str, *, not_yet: bool = False
) -> float:
    """The headline number of each way to average."""
    periods = len(outcome[0])
    size: dict[int, float] = {}
    for g, w in zip(onset, weight, strict=True):
        if 0 < g < periods:
            size[int(g)] = size.get(int(g), 0.0) + w
    cells = {}
    for g in size:
        for t in range(g, periods):
            found = att(outcome, onset, weight, g, t, not_yet=not_yet)
            if found is not None:
                cells[g, t] = found
    groups: dict[int, list[tuple[int, int]]] = {}
    for g, t in cells:
        groups.setdefault({"simple": 0, "cohort": g, "period": t, "event": t - g}[by], []).append(
            (g, t)
        )
    terms = []
    for inside in groups.values():
        shares = [1.0 if by == "cohort" else size[g] for g, _ in inside]
        terms.append(mean([cells[cell] for cell in inside], shares))
    return mean(terms, [size[g] for g in groups] if by == "cohort" else [1.0] * len(terms))
