"""Which incident of the table a number of a release means, where sources use numbers twice.

Many sources number from 1 each year. A number that the table has for a day which the release does
not cover, and which is far off, was used again: the release's own is another incident, and its
name in the table is its number with its day.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

# A source that corrects a date moves it by less; one that begins anew does so after longer.
FAR_S = 31 * 86_400
_DATED = re.compile(r"(.+)@\d{4}-\d\d-\d\d(?:#\d+)?")


def meant(
    refs: list[str], moment: Ints, days: Days, known: list[str], known_moment: Ints,
    span: tuple[int, int],
) -> Ints:  # fmt: skip
    """Position in `known` of each of `refs`, -1 for a new one; names in `refs` are mended.

    moment, known_moment: seconds since 1970; days: the local day of each ref; span: the first
    second of the release's days and the first after them.
    """
    if not known:
        return np.full(len(refs), -1, dtype=np.int64)
    position = {ref: at for at, ref in enumerate(known)}
    found = np.fromiter((position.get(ref, -1) for ref in refs), dtype=np.int64, count=len(refs))
    there = np.append(known_moment, 0)[found]
    outside = (there < span[0]) | (there >= span[1])
    again = (found >= 0) & outside & (np.abs(there - moment) > FAR_S)
    several = _several(known)
    twice = {numbered(ref) for ref in refs if "@" in ref} | several.keys()
    unsure = set(np.flatnonzero(again).tolist())
    unsure |= {at for at, ref in enumerate(refs) if "@" in ref or ref in twice}
    if not unsure:
        return found
    found[list(unsure)] = -1
    for at, one in _pairs(sorted(unsure), refs, moment, several, position, known_moment):
        found[at], refs[at] = one, known[one]
    names = set(position) | set(refs)
    for at in sorted(unsure):
        if found[at] < 0 and refs[at] in position:
            refs[at] = _free(f"{numbered(refs[at])}@{days[at]}", names)
            names.add(refs[at])
    return found


def _pairs(
    unsure: Sequence[int],
    refs: Sequence[str],
    moment: Ints,
    several: dict[str, list[int]],
    position: dict[str, int],
    known_moment: Ints,
) -> list[tuple[int, int]]:
    """Incidents of the release and of the table with one number and near days, nearest first."""
    apart = []
    for at in unsure:
        base = numbered(refs[at])
        for one in several.get(base) or [position.get(base, -1)]:
            seconds = abs(int(known_moment[one] - moment[at])) if one >= 0 else FAR_S + 1
            if seconds <= FAR_S:
                apart.append((seconds, at, one))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, one in sorted(apart):
        if at not in pairs and one not in taken:
            pairs[at] = one
            taken.add(one)
    return list(pairs.items())


def _several(known: Sequence[str]) -> dict[str, list[int]]:
    """Numbers that the table has more than once, with their positions."""
    found: dict[str, list[int]] = defaultdict(list)
    dated = {at: match.group(1) for at, ref in enumerate(known) if (match := _DATED.fullmatch(ref))}
    for at, base in dated.items():
        found[base].append(at)
    for at, ref in enumerate(known):
        if ref in found and at not in dated:
            found[ref].append(at)
    return found


def numbered(ref: str) -> str:
    """The source's own number in a name of the table."""
    dated = _DATED.fullmatch(ref)
    return dated.group(1) if dated else ref


def _free(name: str, names: set[str]) -> str:
    count, wanted = 1, name
    while wanted in names:
        count += 1
        wanted = f"{name}#{count}"
    return wanted
