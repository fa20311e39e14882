"""What the answer hangs on: one unit, the last period."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats, Ints
from stoopstat.impact.design import Refused
from stoopstat.impact.poisson import Fit, paths, poisson
from stoopstat.impact.twoway import FITTED, solve

BLOCK = 64


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One coefficient without each unit in turn.

    term, estimate: of the whole panel. units: (L,) units left out. without: (L,) estimate without
    each, NaN where there is none. lowest, highest: units without which it is lowest and highest,
    -1 when there is no estimate at all.
    """

    term: str
    estimate: float
    units: Ints
    without: Floats
    lowest: int
    highest: int


def leave_one_out(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    term: str,
    used: ArrayLike | None = None,
    units: Iterable[int] | None = None,
) -> LeftOut | Refused:
    """Fit again without each unit in turn.

    What it asks: does the answer stand on one area?

    outcome, terms, used: as in poisson. units: those to leave out, all by default. Exact fits, not
    an approximation: units with one treatment path are one row, so leaving one out only lowers that
    row. Costs a fit of the row table each.

    When it lies: two areas that carry the answer together are not seen.

    Source: the jackknife of M. Quenouille, Biometrika 43 (1956) 353-360, read unit by unit.

    Refused as poisson is, for the whole panel.

    >>> y = [[30, 20], [10, 20], [8, 9], [10, 9]]
    >>> left = leave_one_out(y, {"on": [[0, 0], [0, 1], [0, 0], [0, 1]]}, term="on")
    >>> left.without.round(3).tolist(), left.lowest, left.highest
    ([0.254, 0.165, 0.777, 0.963], 1, 3)
    """
    whole = poisson(outcome, terms, used=used)
    if isinstance(whole, Refused):
        return whole
    x = np.array([np.asarray(terms[name], dtype=np.float64) for name in whole.names])
    y = np.where(whole.used, np.asarray(outcome, dtype=np.float64), 0.0)
    path, first = paths(x, whole.used)
    table = np.zeros((first.size, y.shape[1]))
    np.add.at(table, path, y)
    out = np.arange(y.shape[0]) if units is None else np.array(list(units), dtype=np.int64)
    j, without = whole.names.index(term), np.full(out.size, np.nan)
    for start in range(0, out.size, BLOCK):
        some = out[start : start + BLOCK]
        counts = np.repeat(table[None], some.size, axis=0)
        counts[np.arange(some.size), path[some]] -= y[some]
        solved = solve(counts, x[:, first] * whole.used[first], whole.used[first])
        good = solved.state == FITTED
        without[start : start + BLOCK][good] = solved.coef[good, j]
    known = np.isfinite(without).any()
    return LeftOut(
        term=term,
        estimate=float(whole.coef[j]),
        units=out,
        without=without,
        lowest=int(out[np.nanargmin(without)]) if known else -1,
        highest=int(out[np.nanargmax(without)]) if known else -1,
    )


def by_end(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    ends: Iterable[int],
    used: ArrayLike | None = None,
) -> Iterator[tuple[int, Fit | Refused]]:
    """The fit on periods 0 to e, for each e of ends; one after the other, for a fit is large.

    What it asks: would the answer have been the same a year earlier?

    When it lies: neighbours in the series share nearly all their data; that they agree is no
    confirmation. Units that start after e stand among the comparison, as they did then.

    >>> y, on = [[9, 9, 6, 4], [7, 7, 6, 8], [5, 6, 4, 5]], [[0, 0, 1, 1], [0, 0, 0, 0], [0] * 4]
    >>> [(e, fit.coef.round(3).tolist()) for e, fit in by_end(y, {"on": on}, ends=[2, 3])]
    [(2, [-0.182]), (3, [-0.504])]
    """
    y = np.asarray(outcome, dtype=np.float64)
    cells = np.ones(y.shape, dtype=bool) if used is None else np.asarray(used, dtype=bool)
    columns = list(ends)
    if y.ndim != 2 or not all(0 <= end < y.shape[1] for end in columns):
        raise ValueError("outcome must be a table, and ends some of its columns")
    x = {name: np.asarray(value) for name, value in terms.items()}

    def until(end: int) -> Fit | Refused:
        shorter = {name: value[:, : end + 1] for name, value in x.items()}
        return poisson(y[:, : end + 1], shorter, used=cells[:, : end + 1])

    return ((end, until(end)) for end in columns)
