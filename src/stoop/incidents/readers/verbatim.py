"""Rows word for word beside what they mean, and the source's own number of each incident."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stoop.incidents.readers.assembly import Assembled
from stoop.incidents.readers.engine import NO_ID, Raw
from stoop.incidents.readers.parts import Part
from stoop.incidents.readers.shootings import Shootings

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, repr=False)
class Verbatim:
    """Shootings, and for each of their n rows what the file itself says.

    said: the row's cells in the order of its file's header, as a JSON list. number: the source's
    own number of the row's incident, "" where it gives none. killed: how many the row says were
    killed, -1 where it does not say. headers: one of each file. aside: numbers that rows carry
    which could not be used; what stands under them is not gone from the source. rejected: what the
    file says in each of the report's rejects, in their order.
    """

    shootings: Shootings
    said: Objects
    number: Objects
    killed: NDArray[np.int16]
    headers: tuple[tuple[str, ...], ...]
    aside: frozenset[str]
    rejected: tuple[str, ...]

    def __repr__(self) -> str:
        # Rows about people have no place in a log or a failing test.
        return f"Verbatim({len(self.shootings)} rows)"


def put_together(
    assembled: Assembled,
    *,
    headers: Sequence[tuple[str, ...]],
    raws: Sequence[Raw],
    parts: Sequence[Part],
) -> Verbatim:
    """Everything of all files, cut to the rows that were kept."""
    kept, report = assembled.kept, assembled.shootings.report
    said_in = {file.name: raw.said for file, raw in zip(report.files, raws, strict=True)}
    number = np.concatenate([_numbers(raw, part) for raw, part in zip(raws, parts, strict=True)])
    return Verbatim(
        shootings=assembled.shootings,
        said=np.concatenate([raw.said for raw in raws])[kept],
        number=number[kept],
        killed=np.concatenate([part.killed for part in parts])[kept],
        headers=tuple(headers),
        aside=frozenset(number[~kept].tolist()) - {""},
        rejected=tuple(said_in[each.file][each.row - 1] for each in report.rejects),
    )


def _numbers(raw: Raw, part: Part) -> Objects:
    """The source's own numbers as text: whole numbers plainly, others in their one spelling."""
    found = np.array([*map(str, part.ids.tolist())], dtype=object)
    found[part.ids == NO_ID] = ""
    for row in np.flatnonzero((part.ids < 0) & (part.ids != NO_ID)).tolist():
        found[row] = raw.id_text[row]
    return found
