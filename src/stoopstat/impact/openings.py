"""Units that open or close inside the panel: silence that chance does not explain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats

LEVEL = 0.001


@dataclass(frozen=True, slots=True)
class Opening:
    """A unit that is silent up to a period (opens: column is the first one with an event) or from
    one on (closes: column is the first silent one). expected: events that its own rate would have
    put into the silence. p: probability of so much silence, in any unit and at either end."""

    unit: int
    column: int
    opens: bool
    expected: float
    p: float


def openings(outcome: ArrayLike, *, level: float = LEVEL) -> tuple[Opening, ...]:
    """Which units have no event for a while at the start or at the end, and clearly should?

    What it asks: was there an area at all? One that was carved out of its neighbour half-way counts
    zero before, and its neighbour too much.

    outcome: (U, T) whole counts, M in all, M_c of them from column c on. For a unit with n events,
    all from c on: if it moved as the others, its events are n of the M drawn at random, and all
    fall from c on with probability p = C(M_c, n) / C(M, n), which is Fisher's exact test of the
    unit against all others, before against after. Likewise at the end. p is multiplied by the 2 U
    questions asked, and the unit named when that is below level. expected = n x (others' events in
    the silence) / (others' events beside it).

    When it lies: where counts come in bursts, or rows of one incident are counted each, n says
    less than it seems, and a unit that truly was quiet is named; hence the strict level. A unit
    that grew from nothing looks the same as one that opened, and a program that ended all
    shootings as one that closed. One that opened with few events is not found.

    Source: R. A. Fisher, Journal of the Royal Statistical Society 98 (1935) 39-82 (exact test);
    Bonferroni's inequality.

    Raises ValueError unless outcome is a table.

    >>> [found] = openings([[0, 0, 0, 30, 30], [20] * 5, [25] * 5])
    >>> found.unit, found.column, found.opens, round(found.expected)
    (0, 3, True, 90)
    """
    y = _table(outcome)
    whole, found = y.sum(axis=0), []
    for unit in np.flatnonzero(y.sum(axis=1) > 0).tolist():
        live = np.flatnonzero(y[unit])
        for column, opens in ((int(live[0]), True), (int(live[-1]) + 1, False)):
            if not 0 < column < y.shape[1]:
                continue
            silent = slice(0, column) if opens else slice(column, None)
            without, n = float(whole[silent].sum()), float(y[unit].sum())
            others = float(whole.sum()) - without - n
            p = 2 * len(y) * float(_hypergeometric(np.zeros(1), n, without, others + n)[0])
            if p < level:
                expected = n * without / others if others else float("inf")
                found.append(Opening(unit, column, opens, expected, p))
    return tuple(found)


def step(outcome: ArrayLike, unit: int, column: int, *, beside: ArrayLike) -> tuple[float, float]:
    """Did a unit fall, or rise, at a column, beside what others did? Both one-sided p.

    outcome: (U, T) whole counts. beside: (U,) the units to compare with. Fisher's exact test of the
    unit against them, before the column against from it on: (p of so few after, p of so many).

    When it lies: as openings, and when the unit had a program of its own from that time on.

    >>> fell, rose = step([[20, 20, 8, 7], [9, 9, 9, 9]], 0, 2, beside=[False, True])
    >>> round(fell, 4), round(rose, 4)
    (0.024, 0.9923)
    """
    y = _table(outcome)
    both = y[np.asarray(beside, dtype=bool)].sum(axis=0) + y[unit]
    n, later = float(y[unit].sum()), int(y[unit, column:].sum())
    after, before = float(both[column:].sum()), float(both[:column].sum())
    drawn = np.arange(int(min(n, after)) + 1, dtype=np.float64)
    chance = _hypergeometric(drawn, n, after, before)
    return float(chance[: later + 1].sum()), float(chance[later:].sum())


def _hypergeometric(x: Floats, n: float, marked: float, rest: float) -> Floats:
    """P(x of n drawn without return are marked), 0 where that cannot be."""
    from scipy.special import gammaln

    def log_choose(m: float, k: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            said: Floats = gammaln(m + 1) - gammaln(k + 1) - gammaln(m - k + 1)
        return np.where((k < 0) | (k > m), -np.inf, said)

    whole = log_choose(marked + rest, np.array([n]))
    found: Floats = np.exp(log_choose(marked, x) + log_choose(rest, n - x) - whole)
    return found


def _table(outcome: ArrayLike) -> Floats:
    y = np.asarray(outcome, dtype=np.float64)
    if y.ndim != 2:
        raise ValueError("outcome must be a table of units by periods")
    return y
