"""Small counts: which cells of a panel stay empty, so that none can be worked out again."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from stoop.evaluation.models import Bools, Floats, Ints

# Pairs of another row and another column tried at once before single cells are mended.
TRIES = 400
# The rows looked at first to mend one: in a large panel there are enough of them.
NEAR = 40


def hide(counts: Floats, under: int, held: Floats | None = None) -> Bools:
    """(U, T) cells of counts to leave empty: all from 1 to below `under`, and enough others.

    Every total of a row, of a column, of the whole, and of the cells marked in `held` may be known.
    A small cell is safe when it stands in a rectangle of four hidden cells in which adding one at
    two opposite corners and taking one off at the two others leaves all counts at nought or more,
    and all those totals as they are: then a second table gives everything that is published, with
    another number in that cell. Where there is no such rectangle, the one that hides least is
    hidden. Raises ValueError where none can be had, as in a panel of one row.
    """
    held = np.zeros_like(counts) if held is None else held
    hidden = (counts > 0) & (counts < under)
    # A row without an event is named as such elsewhere: nobody would believe one there.
    lively, most = np.flatnonzero(counts.any(axis=1)), float(counts.max(initial=0))
    for row, column in _open(counts, hidden, held):
        others = np.roll(lively, -1 - np.searchsorted(lively, row))[:-1]
        for some in (others[:NEAR], others):
            if _mend(counts, hidden, held, (row, column), some, most):
                break
        else:
            raise ValueError("no other cell can keep this one from being worked out")
    return hidden


def _open(counts: Floats, hidden: Bools, held: Floats) -> Iterator[tuple[int, int]]:
    """Hidden cells that have no rectangle yet among those nearest; all are asked at once."""
    row, column = np.nonzero(hidden)
    for down, right in _shifts(counts.shape):
        below, beside = (row + down) % len(counts), (column + right) % counts.shape[1]
        a, b = (row, column), (row, beside)
        d, e = (below, column), (below, beside)
        moves = ((counts[b] > 0) & (counts[d] > 0)) | (counts[e] > 0)
        level = held[a] + held[e] == held[b] + held[d]
        left = ~(hidden[b] & hidden[d] & hidden[e] & moves & level)
        row, column = row[left], column[left]
        if not row.size:
            break
    return zip(row.tolist(), column.tolist(), strict=True)


def _shifts(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Other rows and columns, near ones first; all of them in a small panel."""
    rows, columns = shape
    far = range(2, rows + columns - 1)
    pairs = ((r, s - r) for s in far for r in range(1, min(s, rows)) if s - r < columns)
    return islice(pairs, TRIES)


def _mend(
    counts: Floats, hidden: Bools, held: Floats, at: tuple[int, int], others: Ints, most: float
) -> bool:
    """Hide the rectangle around one small cell, with one of the other rows, that hides the fewest
    cells, then the least; whether there is one."""
    row, column = at
    b, d, e = counts[row][None, :], counts[others, column][:, None], counts[others]
    moves = ((b > 0) & (d > 0)) | (e > 0)  # the cell itself is 1 or more
    level = held[at] + held[others] == held[row][None, :] + held[others, column][:, None]
    usable = moves & level
    usable[:, column] = False
    if not usable.any():
        return False
    cost = np.zeros(e.shape)
    for value, shut in (
        (b, hidden[row][None, :]), (d, hidden[others, column][:, None]), (e, hidden[others])
    ):  # fmt: skip
        cost += np.where(shut, 0.0, 1 + value / (1 + 4 * most))
    best, aside = np.unravel_index(int(np.argmin(np.where(usable, cost, np.inf))), cost.shape)
    other = others[best]
    hidden[row, aside] = hidden[other, column] = hidden[other, aside] = True
    return True
