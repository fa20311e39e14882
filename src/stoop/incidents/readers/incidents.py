"""Incidents: which rows are one shooting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.engine import NO_ID
from stoop.incidents.readers.shootings import number_by_first_appearance

Ints = NDArray[np.int64]


def number_incidents(
    file: NDArray[np.int16],
    ids: Ints,
    date: NDArray[np.datetime64],
    minute: NDArray[np.int16],
    point: Ints,
) -> tuple[Ints, list[str]]:
    """The incident of each row, 0 to k - 1 by first appearance, and notes.

    ids: NO_ID where a row has none. point: a number for each distinct point, -1 for none.
    Rows with one id are one incident; across files only when the id's first dates agree, because
    many files number from 1. Rows without an id are one incident when date, time and point are
    the same; a row without id and point stands for itself.
    """
    n = ids.size
    days = date.astype(np.int64)
    key = np.empty(n, dtype=np.int64)
    has_id = ids != NO_ID
    notes: list[str] = []
    if has_id.all() and not (file != file[0]).any():
        return number_by_first_appearance(ids), []
    if has_id.any():
        numbers, found = _by_id(file[has_id], ids[has_id], days[has_id])
        key[has_id] = numbers
        notes += found
    if not has_id.all():
        bare = np.flatnonzero(~has_id)
        start = int(key[has_id].max()) + 1 if has_id.any() else 0
        key[bare] = start + _by_moment(days[bare], minute[bare], point[bare])
        which = f"{bare.size:,} rows have no incident number; those"
        which = which if has_id.any() else "There is no incident number; rows"
        notes.append(f"{which} with the same date, time and point are taken as one incident.")
    incident = number_by_first_appearance(key)
    return incident, notes


def _by_id(file: NDArray[np.int16], ids: Ints, days: Ints) -> tuple[Ints, list[str]]:
    if not (file != file[0]).any():
        return number_by_first_appearance(ids), []
    # One entry for each id of each file, with the date of the id's first row there.
    pair, first, inverse = _unique(ids, file.astype(np.int64))
    begins = days[first]
    whole, _, number = _unique(pair[:, 0], begins)
    notes = []
    shared = np.unique(pair[:, 0], return_counts=True)
    both = int((shared[1] > 1).sum())
    apart = whole.shape[0] - shared[0].size
    same = both - apart if both >= apart else 0
    if same:
        notes.append(
            f"{same:,} incidents stand in more than one file; if the files overlap, leave one out,"
            " or their rows count twice."
        )
    if apart:
        notes.append(
            f"{apart:,} incident numbers are used again in another file for another day; those are"
            " taken as incidents of their own."
        )
    return number[inverse], notes


def _by_moment(days: Ints, minute: NDArray[np.int16], point: Ints) -> Ints:
    alone = np.where(point < 0, np.arange(point.size), -1)
    return _unique(days * 2048 + minute, point, alone)[2]


def _unique(*columns: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct rows, the index of the first of each, and the number of each row's."""
    stack = np.stack([np.asarray(c, dtype=np.int64) for c in columns], axis=1)
    order = np.lexsort(stack.T[::-1])
    ordered = stack[order]
    new = np.ones(order.size, dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(order.size, dtype=np.int64)
    inverse[order] = np.cumsum(new) - 1
    return ordered[new], order[new], inverse


def differing(incident: Ints, *columns: Ints) -> int:
    """How many incidents have rows that differ in any of the columns."""
    if not incident.size:
        return 0
    first = np.unique(incident, return_index=True)[1]
    unlike = np.zeros(incident.size, dtype=bool)
    for column in columns:
        unlike |= column != column[first][incident]
    return int(np.unique(incident[unlike]).size)


def repeated(*columns: NDArray[Any]) -> int:
    """How many rows repeat an earlier row in every column."""
    return columns[0].size - n_distinct(mixed(*columns))


def n_distinct(values: NDArray[Any]) -> int:
    """How many values differ; by sorting, which beats hashing many distinct integers."""
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if ordered.size else 0


def mixed(*columns: NDArray[Any]) -> NDArray[np.uint64]:
    """64 bits for each row that differ, but for one chance in 1e19, where any column does."""
    bits = np.zeros(columns[0].size, dtype=np.uint64)
    for column in columns:
        wide = column.astype(np.float64) if column.dtype.kind == "f" else column.astype(np.int64)
        bits = _stirred(bits ^ wide.view(np.uint64))
    return bits


def _stirred(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # The finaliser of splitmix64: one bit of difference changes half of all bits.
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
