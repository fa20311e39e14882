"""How well the areas that a file records agree with the areas that the map gives."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from stoop.places.models import Agreement, Areas, Pair, Texts

_NAMED = 3  # areas that the sentence names before it says "and n more"


def compare(
    recorded_codes: ArrayLike,
    located_codes: ArrayLike,
    *,
    areas: Areas | None = None,
    near: ArrayLike | None = None,
) -> Agreement:
    """Compare, row by row, the area that a file records with the one the point lies in.

    Both (n,) text, empty where there is none; codes are spelled as `area_code` spells them. With
    `areas` the result also names the areas that no row records and the recorded codes that have
    no polygon; without it the areas that rows were located in stand for the map. With `near` (n,)
    bool from `near_area` it counts the rows that differ only because they lie on a border street.
    """
    recorded, mapped = np.asarray(recorded_codes, str), np.asarray(located_codes, str)
    if recorded.shape != mapped.shape or recorded.ndim != 1:
        raise ValueError("recorded_codes and located_codes must be flat and of one length")
    both = (recorded != "") & (mapped != "")
    apart = both & (recorded != mapped)
    compared, differing = int(both.sum()), int(apart.sum())
    names, rows = np.unique(recorded[recorded != ""], return_counts=True)
    seen = dict(zip(names.tolist(), rows.tolist(), strict=True))
    on_map = set(areas.codes) if areas else set(np.unique(mapped).tolist())
    unknown = [(code, n) for code, n in seen.items() if code not in on_map]
    result = Agreement(
        rows=recorded.size,
        compared=compared,
        agree=compared - differing,
        share=1 - differing / compared if compared else 1.0,
        differ=_pairs(recorded[apart], mapped[apart]),
        at_border=None if near is None else int((apart & np.asarray(near, dtype=bool)).sum()),
        unrecorded=int((recorded == "").sum()),
        outside=int((mapped == "").sum()),
        never_recorded=tuple(
            c for c in dict.fromkeys(areas.codes if areas else ()) if c not in seen
        ),
        not_on_map=tuple(sorted(unknown, key=lambda one: -one[1])),
        sentence="",
    )
    return replace(result, sentence=_sentence(result))


def _pairs(recorded: Texts, mapped: Texts) -> tuple[Pair, ...]:
    names, of_row = np.unique(np.concatenate([recorded, mapped]), return_inverse=True)
    left, right = of_row[: recorded.size], of_row[recorded.size :]
    key, count = np.unique(left * names.size + right, return_counts=True)
    return tuple(
        Pair(str(names[key[at] // names.size]), str(names[key[at] % names.size]), int(count[at]))
        for at in np.argsort(-count, kind="stable")
    )


def _sentence(result: Agreement) -> str:
    if not result.compared:
        return "No row has both a recorded area and a place on the map, so they cannot be compared."
    said = [
        f"The recorded area is the one on the map in {result.share:.1%} of {result.compared:,} rows"
    ]
    if result.differ:
        pairs = [f"{one.recorded} on record, {one.mapped} on the map" for one in result.differ]
        said.append(f"where they differ it is most often {_list(pairs, ' / ')}")
        if result.at_border is not None:
            said.append(
                f"{result.at_border:,} of the {result.compared - result.agree:,} that differ lie "
                "at the border of the recorded area"
            )
    if result.never_recorded:
        said.append(f"no row records {_list(result.never_recorded, ', ')}, which the map has")
    if result.not_on_map:
        codes = [code for code, _ in result.not_on_map]
        said.append(f"the map has no {_list(codes, ', ')}, which rows record")
    return "; ".join(said) + "."


def _list(words: Sequence[str], joint: str) -> str:
    more = len(words) - _NAMED
    tail = f" and {more} more" if more > 0 else ""
    return joint.join(words[:_NAMED]) + tail
