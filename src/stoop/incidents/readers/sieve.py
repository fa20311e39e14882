"""The sieve: which rows serve, and why the others do not."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.parts import Part
from stoop.incidents.readers.report import ALL_BUT_THE_HOUR, NOTHING, Rejects, Use


class Sieve:
    """Which rows of all files serve, and why the others do not; `row` counts over all files.

    `alive`: (n,) False for rows that serve nothing. `left`: (n,) rows left out without fault.
    `spans`: which of the rows are each file's.
    """

    def __init__(self, names: Sequence[str], parts: Sequence[Part]) -> None:
        self.names = names
        ends = [0, *accumulate(part.n for part in parts)]
        self.spans = [slice(start, stop) for start, stop in pairwise(ends)]
        self.alive = np.ones(ends[-1], dtype=bool)
        self.left = np.zeros(ends[-1], dtype=bool)
        self._entries: dict[int, list[tuple[str, Use]]] = {}
        for span, part in zip(self.spans, parts, strict=True):
            for row, reason in part.dead.items():
                self.reject(span.start + row, reason, NOTHING)
            for row, reason in part.hourless.items():
                self.reject(span.start + row, reason, ALL_BUT_THE_HOUR)

    def leave(self, rows: NDArray[np.bool_]) -> None:
        """Leave rows out as if the files did not hold them; nothing is noted of them."""
        self.left = rows & self.alive
        self.alive &= ~rows
        for row in np.flatnonzero(self.left).tolist():
            self._entries.pop(row, None)

    def reject(self, row: int, reason: str, use: Use) -> None:
        """Note a row; one that serves nothing is noted once."""
        if not self.alive[row]:
            return
        if use == NOTHING:
            self.alive[row] = False
            self._entries[row] = []
        self._entries.setdefault(row, []).append((reason, use))

    def rejects(self) -> Rejects:
        ordered = sorted(self._entries)
        starts = [span.start for span in self.spans]
        files = np.searchsorted(starts, ordered, side="right") - 1
        flat = [
            (self.names[file], row - starts[file] + 1, reason, use)
            for row, file in zip(ordered, files.tolist(), strict=True)
            for reason, use in self._entries[row]
        ]
        names, rows, reasons, uses = zip(*flat, strict=True) if flat else ((), (), (), ())
        return Rejects(names, rows, reasons, uses)

    def dead_in(self, span: slice) -> int:
        """How many rows of a span serve nothing, by a fault of theirs."""
        return int((~self.alive[span] & ~self.left[span]).sum())

    def most_frequent(self) -> str:
        """The reason for which most rows serve nothing, without its value."""
        kinds = [
            reason.partition(":")[0]
            for entry in self._entries.values()
            for reason, use in entry
            if use == NOTHING
        ]
        return max(sorted(set(kinds)), key=kinds.count, default="no reason")
