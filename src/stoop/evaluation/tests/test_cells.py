"""Small counts stay unknown to whoever has everything that is published, and a solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from stoop.evaluation.models import Bools, Floats
from stoop.evaluation.studies.cells import hide

UNDER = 5


def attacked(counts: Floats, hidden: Bools, held: Floats, cell: tuple[int, int]) -> list[int]:
    """The least and the most that one hidden cell can be, by whole numbers, given the shown cells
    and the totals of rows, columns, the whole and the cells in `held`."""
    rows, columns = counts.shape
    at = np.arange(counts.size).reshape(counts.shape)
    sums = [np.isin(at, at[r]).ravel() for r in range(rows)]
    sums += [np.isin(at, at[:, c]).ravel() for c in range(columns)]
    sums += [held.ravel() > 0]
    matrix = np.array(sums, dtype=float)
    totals = matrix @ counts.ravel()
    shown = ~hidden.ravel()
    low, high = np.zeros(counts.size), np.full(counts.size, counts.sum())
    low[shown] = high[shown] = counts.ravel()[shown]
    ends = []
    for sign in (1, -1):
        aim = np.zeros(counts.size)
        aim[at[cell]] = sign
        done = milp(
            aim, constraints=LinearConstraint(matrix, totals, totals),
            integrality=np.ones(counts.size), bounds=(low, high),
        )  # fmt: skip
        assert done.success
        ends.append(round(sign * done.fun))
    return ends


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(3, 6), st.sampled_from([1, 4, 15]))
def test_no_small_cell_can_be_worked_out(seed: int, rows: int, columns: int, mean: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(mean, (rows, columns)).astype(float)
    counts[:, 0] += 6  # a panel in which nothing happens cannot hide that something did
    onset = rng.integers(1, columns + 3, rows)
    held = (np.arange(columns)[None, :] >= onset[:, None]).astype(float)
    try:
        hidden = hide(counts, UNDER, held)
    except ValueError:
        return  # then nothing is published by cell at all
    small = (counts > 0) & (counts < UNDER)
    assert hidden[small].all()
    for cell in zip(*np.nonzero(small), strict=True):
        low, high = attacked(counts, hidden, held, cell)
        assert low < high, (counts, hidden, cell)


def test_hiding_the_small_cell_alone_would_give_it_back() -> None:
    counts = np.array([[9.0, 3, 20], [30, 8, 7], [12, 9, 6]])
    alone = counts == 3
    assert attacked(counts, alone, np.zeros((3, 3)), (0, 1)) == [3, 3]
    hidden = hide(counts, UNDER)
    assert hidden.sum() == 4
    assert np.ptp(attacked(counts, hidden, np.zeros((3, 3)), (0, 1))) >= 1


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert not hide(np.full((3, 3), 5.0), UNDER).any()
    assert not hide(np.zeros((3, 3)), UNDER).any()


def test_a_panel_that_cannot_keep_it_says_so() -> None:
    with pytest.raises(ValueError, match="no other cell"):
        hide(np.array([[3.0, 0], [0, 0]]), UNDER)


def test_a_large_panel_takes_little() -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(1.2, (1500, 120)).astype(float)
    hidden = hide(counts, UNDER)
    assert hidden[(counts > 0) & (counts < UNDER)].all()
