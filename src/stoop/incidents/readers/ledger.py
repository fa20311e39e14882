"""The ledger: which rows live, and why the others do not."""

from collections.abc import Sequence

import numpy as np

from stoop.incidents.readers.parts import Part
from stoop.incidents.readers.report import ALL_BUT_THE_HOUR, NOTHING, Rejects, Use


class Ledger:
    """Which rows live, and why the others do not, by their place among the rows of all files."""

    def __init__(self, names: Sequence[str], parts: Sequence[Part]) -> None:
        self.names = names
        self.starts = np.concatenate([[0], np.cumsum([part.n for part in parts])]).astype(np.int64)
        self.alive = np.ones(int(self.starts[-1]), dtype=bool)
        self._entries: dict[int, list[tuple[str, Use]]] = {}
        for start, part in zip(self.starts, parts, strict=False):
            for row, reason in part.dead.items():
                self.reject(int(start) + row, reason, NOTHING)
            for row, reason in part.hourless.items():
                self.reject(int(start) + row, reason, ALL_BUT_THE_HOUR)

    def reject(self, place: int, reason: str, use: Use) -> None:
        """Note a row; a row that serves nothing is noted once."""
        if not self.alive[place]:
            return
        if use == NOTHING:
            self.alive[place] = False
            self._entries[place] = []
        self._entries.setdefault(place, []).append((reason, use))

    def rejects(self) -> Rejects:
        ordered = sorted(self._entries)
        files = np.searchsorted(self.starts, ordered, side="right") - 1
        flat = [
            (self.names[f], place - int(self.starts[f]) + 1, reason, use)
            for place, f in zip(ordered, files, strict=True)
            for reason, use in self._entries[place]
        ]
        names, rows, reasons, uses = zip(*flat, strict=True) if flat else ((), (), (), ())
        return Rejects(names, rows, reasons, uses)

    def dead_in(self, i: int) -> int:
        return int((~self.alive[self.starts[i] : self.starts[i + 1]]).sum())

    def most_frequent(self) -> str:
        """The reason for which most rows serve nothing, without its value."""
        kinds = [
            reason.partition(":")[0]
            for entry in self._entries.values()
            for reason, use in entry
            if use == NOTHING
        ]
        return max(sorted(set(kinds)), key=kinds.count, default="no reason")
