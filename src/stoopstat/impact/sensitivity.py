"""What the answer hangs on: one unit, the last period."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Refused
from stoopstat.impact.poisson import Fit, paths, poisson
from stoopstat.impact.twoway import FITTED, solve

BLOCK = 16  # tables at once: their cells fit into a cache
STEPS = 20
SMALL = 1e-18  # squared step, in standard errors, below which the next one is rounding


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
    row, and the fit moves little from the whole one. Steps with the information of the whole fit
    then do (the chord method), each for the price of one look at the row table; where they do not
    settle, the table is fitted from the start.

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
    live, x = whole.used[first], x[:, first] * whole.used[first]
    near = _Near.of(table, x, live)
    for start in range(0, out.size, BLOCK):
        some = out[start : start + BLOCK]
        coef = near.without(path[some], y[some])
        for at in np.flatnonzero(np.isnan(coef).any(axis=1)):
            fewer = table.copy()
            fewer[path[some[at]]] -= y[some[at]]
            solved = solve(fewer[None], x, live)
            coef[at] = solved.coef[0] if solved.state[0] == FITTED else np.nan
        without[start : start + BLOCK] = coef[:, j]
    known = np.isfinite(without).any()
    return LeftOut(
        term=term,
        estimate=float(whole.coef[j]),
        units=out,
        without=without,
        lowest=int(out[np.nanargmin(without)]) if known else -1,
        highest=int(out[np.nanargmax(without)]) if known else -1,
    )


@dataclass(frozen=True, slots=True)
class _Near:
    """A fitted table, and what it takes to fit one that lacks a little of it.

    counts, fitted: (R, S). terms: (K, R, S). coef: (K,). inverse: (S + K, S + K) of the information
    of column effects and coefs, row effects having their closed form.
    """

    counts: Floats
    fitted: Floats
    terms: Floats
    coef: Floats
    inverse: Floats

    @classmethod
    def of(cls, counts: Floats, terms: Floats, used: Bools) -> "_Near":
        solved = solve(counts[None], terms, used)
        fitted = solved.fitted[0]
        rows, columns, k = counts.sum(axis=1), counts.shape[1], terms.shape[0]
        share = fitted / np.where(rows > 0, rows, 1.0)[:, None]
        centred = terms - (share * terms).sum(axis=2)[:, :, None]
        information = np.zeros((columns + k, columns + k))
        information[:columns, :columns] = np.diag(fitted.sum(axis=0)) - fitted.T @ share
        information[columns:, :columns] = (fitted * centred).sum(axis=1)
        information[:columns, columns:] = information[columns:, :columns].T
        flat = centred.reshape(k, -1)
        information[columns:, columns:] = (flat * fitted.ravel()) @ flat.T
        # Only differences between columns are known: the pseudo-inverse leaves their sum alone.
        inverse = np.linalg.pinv(information, rcond=1e-13, hermitian=True)
        return cls(counts, fitted, terms, solved.coef[0], inverse)

    def without(self, row: Ints, less: Floats) -> Floats:
        """(B, K) coefs of B tables that each lack `less` (B, S) in one row; NaN: not settled."""
        tables, columns = less.shape
        rows = np.repeat(self.counts.sum(axis=1)[None], tables, axis=0)
        rows[np.arange(tables), row] -= less.sum(axis=1)
        along = (self.counts * self.terms).sum(axis=(1, 2)) - np.einsum(
            "bs,kbs->bk", less, self.terms[:, row]
        )
        wanted = np.concatenate([self.counts.sum(axis=0) - less, along], axis=1)
        moved, before = np.zeros(wanted.shape), np.full(tables, np.inf)
        settled = np.zeros(tables, dtype=bool)
        for _ in range(STEPS):
            met = self._met(moved, rows)
            step = (wanted - met) @ self.inverse
            gain = np.einsum("bi,bi->b", wanted - met, step)
            worse, before = ~settled & ~(gain < before), gain
            moved[~settled] += step[~settled]
            settled |= gain < SMALL
            if settled.all() or worse.any():
                break
        # A row emptied can leave a term without information: that is solve's to say. A cell or
        # column that must run to 0 gets there ever more slowly, and is not settled.
        emptied = (rows <= 0) & (self.counts.sum(axis=1) > 0)
        settled &= ~emptied.any(axis=1)
        return np.where(settled[:, None], self.coef + moved[:, columns:], np.nan)

    def _met(self, moved: Floats, rows: Floats) -> Floats:
        """Column totals and sums along the terms (B, S + K) of the means when moved so."""
        columns = self.counts.shape[1]
        log = np.repeat(moved[:, None, :columns], self.counts.shape[0], axis=1)
        for k, term in enumerate(self.terms):
            log += moved[:, columns + k, None, None] * term
        fitted = self.fitted * np.exp(log, out=log)
        total = fitted.sum(axis=2)
        fitted *= (rows / np.where(total > 0, total, 1.0))[:, :, None]
        sums = [np.einsum("brs,rs->b", fitted, term)[:, None] for term in self.terms]
        return np.concatenate([fitted.sum(axis=1), *sums], axis=1)


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
