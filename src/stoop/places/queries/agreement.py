"""How well the areas that a file records agree with the areas that the map gives."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stoop.places.models import Agreement, Areas, Pair, Texts

_NAMED = 3  # areas that the sentence names before it says "and n more"


def compare(
    recorded_codes: ArrayLike, located_codes: ArrayLike, *, areas: Areas | None = None
) -> Agreement:
    """Compare, row by row, the area that a file records with the one the point lies in.

    Both (n,) text, empty where there is none; codes are spelled as `area_code` spells them. With
    `areas` the result also names the areas that no row records and the recorded codes that have
    no polygon; without it the areas that rows were located in stand for the map.
    """
    recorded, mapped = np.asarray(recorded_codes, str), np.asarray(located_codes, str)
    if recorded.shape != mapped.shape or recorded.ndim != 1:
        raise ValueError("recorded_codes and located_codes must be flat and of one length")
    names, of_row = np.unique(np.concatenate([recorded, mapped]), return_inverse=True)
    left, right = of_row[: recorded.size], of_row[recorded.size :]
    both = (recorded != "") & (mapped != "")
    agree = int((both & (left == right)).sum())
    compared = int(both.sum())
    differ = _pairs(names, left, right, both & (left != right))
    on_map = dict.fromkeys(areas.codes if areas else names[np.unique(right)].tolist())
    on_map.pop("", None)
    counts = np.bincount(left, minlength=names.size)
    seen = {str(name): int(n) for name, n in zip(names, counts, strict=True) if name and n}
    unknown = sorted(
        ((code, n) for code, n in seen.items() if code not in on_map), key=lambda one: -one[1]
    )
    never = tuple(code for code in on_map if code not in seen)
    share = agree / compared if compared else 1.0
    return Agreement(
        rows=recorded.size,
        compared=compared,
        agree=agree,
        share=share,
        differ=differ,
        unrecorded=int((recorded == "").sum()),
        outside=int((mapped == "").sum()),
        never_recorded=never,
        not_on_map=tuple(unknown),
        sentence=_sentence(compared, agree, differ, never, [code for code, _ in unknown]),
    )


def _pairs(names: Texts, left: np.ndarray, right: np.ndarray, rows: np.ndarray) -> tuple[Pair, ...]:
    key, count = np.unique(left[rows] * names.size + right[rows], return_counts=True)
    order = np.argsort(-count, kind="stable")
    return tuple(
        Pair(str(names[key[at] // names.size]), str(names[key[at] % names.size]), int(count[at]))
        for at in order
    )


def _sentence(
    compared: int,
    agree: int,
    differ: tuple[Pair, ...],
    never: Sequence[str],
    unknown: Sequence[str],
) -> str:
    if not compared:
        return (
            "No row has both a recorded area and a place on the map, so the two cannot be compared."
        )
    said = [
        f"The recorded area is the one on the map in {agree / compared:.1%} of {compared:,} rows"
    ]
    if differ:
        pairs = _list(
            [f"{one.recorded} on record, {one.mapped} on the map" for one in differ], "; "
        )
        said.append(f"where they differ it is most often {pairs}")
    if never:
        said.append(f"no row records {_list(never, ', ')}, which the map has")
    if unknown:
        said.append(f"the map has no {_list(unknown, ', ')}, which rows record")
    return "; ".join(said) + "."


def _list(words: Sequence[str], joint: str) -> str:
    more = len(words) - _NAMED
    tail = f" and {more} more" if more > 0 else ""
    return joint.join(words[:_NAMED]) + tail
