"""Small counts: which cells of a panel stay empty, so that none can be worked out again."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from stoop.evaluation.models import Bools, Floats

# Pairs of another row and another column tried at once before single cells are mended.
TRIES = 400


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
    small = (counts > 0) & (counts < under)
    hidden = small.copy()
    open_ = small & ~_witnessed(counts, hidden, held)
    for row, column in zip(*np.nonzero(open_), strict=True):
        _mend(counts, hidden, held, int(row), int(column))
    return hidden


def _witnessed(counts: Floats, hidden: Bools, held: Floats) -> Bools:
    """Which cells have a rectangle already; shifts of the whole table ask all cells at once."""
    found = np.zeros_like(hidden)
    for down, right in _shifts(counts.shape):
        beside, below = (0, -right), (-down, 0)
        cross = (-down, -right)
        b, d, e = (np.roll(hidden, by, (0, 1)) for by in (beside, below, cross))
        whole = hidden & b & d & e
        if not whole.any():
            continue
        nb, nd, ne = (np.roll(counts, by, (0, 1)) for by in (beside, below, cross))
        hb, hd, he = (np.roll(held, by, (0, 1)) for by in (beside, below, cross))
        moves = ((nb > 0) & (nd > 0)) | ((counts > 0) & (ne > 0))
        found |= whole & moves & (held + he == hb + hd)
        if found[hidden].all():
            break
    return found


def _shifts(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Other rows and columns, near ones first; all of them in a small panel."""
    rows, columns = shape
    far = range(2, rows + columns - 1)
    pairs = ((r, s - r) for s in far for r in range(1, min(s, rows)) if s - r < columns)
    return islice(pairs, TRIES)


def _mend(counts: Floats, hidden: Bools, held: Floats, row: int, column: int) -> None:
    """Hide the rectangle around one small cell that hides the fewest cells, then the least."""
    b, d = counts[row][None, :], counts[:, column][:, None]
    moves = ((b > 0) & (d > 0)) | (counts > 0)  # the small cell itself is 1 or more
    level = held[row, column] + held == held[row][None, :] + held[:, column][:, None]
    usable = moves & level & (counts.sum(axis=1) > 0)[:, None]
    usable[row], usable[:, column] = False, False
    if not usable.any():
        raise ValueError("no other cell can keep this one from being worked out")
    fresh = (~hidden).astype(float)
    cost = fresh + fresh[row][None, :] + fresh[:, column][:, None]
    amount = fresh * counts + (fresh * counts)[row][None, :] + (fresh * counts)[:, column][:, None]
    cost = np.where(usable, cost + amount / (1 + 4 * counts.max()), np.inf)
    other, aside = np.unravel_index(int(np.argmin(cost)), cost.shape)
    hidden[row, aside] = hidden[other, column] = hidden[other, aside] = True
