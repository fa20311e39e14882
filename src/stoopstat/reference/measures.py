"""Victims counted one incident at a time."""

from collections.abc import Sequence


def victims(
    incident: Sequence[int], perpetrator: Sequence[int], victim: Sequence[int], fatal: Sequence[int]
) -> dict[int, tuple[int, int, bool, bool]]:
    """Per incident: victims, deaths, crossed, crossed by perpetrator."""
    out = {}
    for key in sorted(set(incident)):
        rows = [
            r[1:] for r in zip(incident, perpetrator, victim, fatal, strict=True) if r[0] == key
        ]
        ps, vs, fs = ({r[i] for r in rows} for i in range(3))
        product = {(p, v, f) for p in ps for v in vs for f in fs}
        crossed = len(rows) > 1 and len(rows) == len(product) and set(rows) == product
        persons = max(len(vs), len(fs)) if crossed else len(rows)
        dead = [r for r in rows if r[2] == 1]
        deaths = len(dead)
        if crossed:
            deaths = persons if len(dead) == len(rows) else min(1, len(dead))
        out[key] = (persons, deaths, crossed, crossed and len(ps) > 1)
    return out
