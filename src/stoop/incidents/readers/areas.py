"""Recorded areas: one name for each, however its code is written."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from stoop.incidents.readers.words import is_missing


def plain_area(text: str) -> str:
    """A code without needless spaces and without the '.0' of a spreadsheet; '' for none."""
    code = " ".join(text.split())
    code = re.sub(r"^(\d+)\.0*$", r"\1", code)
    return "" if is_missing(code) else code


def settle_areas(codes: Sequence[str], known: Collection[str] | None) -> dict[str, str]:
    """The name of each code: codes that differ by case or leading zeros alone are one area.

    Where the city's areas are `known`, their spelling is taken. Else leading zeros are dropped
    only where the same number also stands without them; '075' alone stays as it is.
    """
    official = {_alike(name): name for name in sorted(known or ())}
    groups: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        groups[_alike(code)].append(code)
    names: dict[str, str] = {}
    for alike, spellings in groups.items():
        best = min(spellings, key=lambda code: (len(code), code))
        for code in spellings:
            exact = known is not None and code in known
            names[code] = code if exact else official.get(alike, best)
    return names


def in_order(names: Collection[str]) -> tuple[str, ...]:
    """Names sorted as people sort them: 9 before 10, numbers before words."""
    return tuple(sorted(set(names), key=_order))


def _order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.findall(r"\d+|\D+", name)
    ordered = [(0, int(p), "") if p.isdecimal() else (1, 0, p.casefold()) for p in parts]
    return ordered, name


def _alike(code: str) -> str:
    folded = code.casefold()
    return folded.lstrip("0") or "0" if folded.isdecimal() else folded
