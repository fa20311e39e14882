"""Poisson tables with row and column effects, many at once: the solver below the methods here."""

from dataclasses import dataclass

import numpy as np

from stoopstat.events import Bools, Floats, Ints

FITTED, DEFICIENT, SEPARATED, UNFINISHED = range(4)
STEPS = 80
SMALL = 1e-12  # squared Newton step, in standard errors, below which the next one is rounding
ADDS_NOTHING = 1e-9  # share of a term that is left after the effects, below which it is collinear
RUNS_OFF = 1e-2  # a cell's log mean that still moves this much at the end moves for ever
VANISHED = 1e-14  # a mean this small beside counts has run off, whatever the step says


@dataclass(frozen=True, slots=True)
class Solved:
    """B tables of R rows and S columns, and their K terms.

    coef: (B, K). fitted: (B, R, S) means, 0 where not used. left: (B, K, R, S) what row and column
    effects leave of each term, at the fitted weights. information: (B, K, K) of the coefficients,
    effects being free. state: (B,) FITTED, DEFICIENT, SEPARATED or UNFINISHED. at: (B,) term the
    state speaks of, -1 for the effects. vanishing: (B, R, S) cells whose mean runs to 0.
    """

    coef: Floats
    fitted: Floats
    left: Floats
    information: Floats
    state: Ints
    at: Ints
    vanishing: Bools


@dataclass(frozen=True, slots=True)
class _Here:
    """All that a Newton step needs, at one point."""

    loglik: Floats
    fitted: Floats
    share: Floats
    centred: Floats
    column: Floats
    score: Floats
    information: Floats
    moved: Floats
    size: Floats


@dataclass(frozen=True, slots=True)
class _Tables:
    counts: Floats
    terms: Floats
    live: Bools
    rows: Floats
    columns: Floats

    def at(self, effect: Floats, coef: Floats) -> tuple[Floats, Floats]:
        """Log-likelihood (B,) and shares of each row (B, R, S) at column effects and coefs."""
        log = np.where(self.live, effect[:, None, :], 0.0)
        for k, term in enumerate(self.terms):
            log += coef[:, k, None, None] * (term * self.live)
        top = np.where(self.live, log, -np.inf).max(axis=2)
        top = np.where(np.isfinite(top), top, 0.0)
        weight = np.exp(np.where(self.live, log - top[:, :, None], 0.0)) * self.live
        total = weight.sum(axis=2)
        total = np.where(total > 0, total, 1.0)
        said = _over(self.counts * log) - (self.rows * (top + np.log(total))).sum(axis=1)
        return said, weight / total[:, :, None]

    def here(self, loglik: Floats, share: Floats) -> _Here:
        size, rows, cols = self.counts.shape
        k = self.terms.shape[0]
        fitted = self.rows[:, :, None] * share
        centred = np.empty((size, k, rows, cols))
        for j, term in enumerate(self.terms):
            centred[:, j] = term - (share * term).sum(axis=2)[:, :, None]
        weighted = fitted[:, None] * centred
        mean = fitted.sum(axis=1)
        alive = self.columns > 0
        inner = -np.matmul(fitted.transpose(0, 2, 1), share)
        diagonal = np.arange(cols)
        inner[:, diagonal, diagonal] += mean + ~alive
        # Only differences between columns are known: this holds their sum where it is.
        pin = alive * np.sqrt(self.columns.sum(axis=1, keepdims=True)) / cols
        inner += pin[:, :, None] * pin[:, None, :]
        cross = weighted.sum(axis=2)
        error = self.counts - fitted
        score = _over(error[:, None] * centred)
        right = np.concatenate([(self.columns - mean)[:, None], cross], axis=1)
        solved = np.linalg.solve(inner, right.transpose(0, 2, 1))
        u, column = solved[:, :, 0], solved[:, :, 1:]
        flat = (size, k, rows * cols)
        square = np.matmul(weighted.reshape(flat), centred.reshape(flat).transpose(0, 2, 1))
        information = square - np.matmul(cross, column)
        information = (information + information.transpose(0, 2, 1)) / 2
        score = score - (cross * u[:, None, :]).sum(axis=2)
        gain = ((self.columns - mean) * u).sum(axis=1)
        return _Here(
            loglik, fitted, share, centred, column, score, information, u, np.asarray(gain)
        )


def solve(counts: Floats, terms: Floats, used: Bools) -> Solved:
    """Fit log mean = row effect + column effect + sum of coef x term to each of B tables.

    What it asks: the coefficients at which the likelihood is highest, exactly.

    counts: (B, R, S), not negative. terms: (K, R, S), the same for all tables. used: (R, S).

    Row effects have a closed form given the rest (a row's total is met), so Newton's method runs
    on columns and coefficients alone; the shorter side is taken as columns. The concentrated
    likelihood is the conditional (multinomial) one of Hausman, Hall and Griliches, which is
    concave; a step that would lower it is halved. It stops when the score, measured by the squared
    length of the step in standard errors, is below SMALL, and takes that step too. A row or column
    without an event is left out. Each table is fitted as if it were alone.

    When it stops but a cell's log mean still moves, the mean runs to 0 for ever: separation. A term
    of which the effects and the terms before it leave nothing is rank deficient.

    Source: J. Hausman, B. Hall and Z. Griliches, Econometrica 52 (1984) 909-938; S. Correia,
    P. Guimaraes and T. Zylkin, arXiv 1903.01633 (2019) (when the estimates exist).

    >>> two = np.array([[[30.0, 20], [10, 20]]])
    >>> float(solve(two, np.array([[[0.0, 0], [0, 1]]]), np.ones((2, 2), bool)).coef.round(6)[0, 0])
    1.098612
    """
    if counts.shape[1] < counts.shape[2]:
        turned = solve(counts.transpose(0, 2, 1), terms.transpose(0, 2, 1), used.T)
        return Solved(
            turned.coef,
            turned.fitted.transpose(0, 2, 1),
            turned.left.transpose(0, 1, 3, 2),
            turned.information,
            turned.state,
            turned.at,
            turned.vanishing.transpose(0, 2, 1),
        )
    tables = _laid_out(counts, terms, used)
    size, k = counts.shape[0], terms.shape[0]
    effect = np.log(np.where(tables.columns > 0, tables.columns, 1.0))
    coef = np.zeros((size, k))
    state, at = np.full(size, UNFINISHED), np.full(size, -1)
    vanishing = np.zeros(counts.shape, dtype=bool)
    here = tables.here(*tables.at(effect, coef))
    done, at = _deficient(tables, here)
    state[done] = DEFICIENT
    for _ in range(STEPS):
        if done.all():
            break
        step, by, gain, sound = _step(here, done)
        loglik, share, scale = _climb(tables, here, effect, coef, step, by)
        moving = _moving(tables, share, step * scale[:, None], by * scale[:, None])
        effect, coef = effect + scale[:, None] * step, coef + scale[:, None] * by
        ended = ~done & ((gain < SMALL) | ~sound)
        runs = ended & moving.any(axis=(1, 2))
        vanishing[runs] = moving[runs] & (counts[runs] == 0)
        at[runs] = _which(tables, by, RUNS_OFF)[runs]
        state[ended & sound] = FITTED
        state[runs] = SEPARATED
        done = done | ended
        here = tables.here(loglik, share)
    gone = tables.live & (tables.counts == 0) & (here.fitted < VANISHED)
    late = (state == FITTED) & gone.any(axis=(1, 2))
    state[late], vanishing[late] = SEPARATED, gone[late]
    at[late] = _which(tables, coef, -np.log(VANISHED) / 2)[late]
    return Solved(
        coef, here.fitted, _left(here), here.information, state.astype(np.int64), at, vanishing
    )


def connected(used: Bools) -> bool:
    """Whether every row and column with a used cell is reached from every other.

    >>> connected(np.array([[True, True], [False, True]])), connected(np.eye(2, dtype=bool))
    (True, False)
    """
    rows: Bools = np.zeros(used.shape[0], dtype=bool)
    rows[used.any(axis=1).argmax()] = True
    while True:
        columns: Bools = np.asarray(used[rows].any(axis=0))
        reached: Bools = np.asarray(used[:, columns].any(axis=1))
        if (reached == rows).all():
            return bool((reached == used.any(axis=1)).all())
        rows = reached


def _laid_out(counts: Floats, terms: Floats, used: Bools) -> _Tables:
    y = np.ascontiguousarray(counts * used)
    rows, columns = y.sum(axis=2), y.sum(axis=1)
    live = used[None] & (rows > 0)[:, :, None] & (columns > 0)[:, None, :]
    return _Tables(y, np.ascontiguousarray(terms), live, rows, columns)


def _over(cells: Floats) -> Floats:
    """Sum over the cells of each table, in one order whatever the number of tables."""
    *tables, rows, columns = cells.shape
    total: Floats = cells.reshape(*tables, rows * columns).sum(axis=-1)
    return total


def _deficient(tables: _Tables, here: _Here) -> tuple[Bools, Ints]:
    """Tables with a term that adds nothing to the effects and the terms before it, and which."""
    raw = _over(here.fitted[:, None] * tables.terms[None] ** 2)
    nothing = _pivots(here.information) <= ADDS_NOTHING * raw
    found: Bools = np.asarray(nothing.any(axis=1))
    first = nothing.argmax(axis=1) if nothing.shape[1] else np.zeros(found.size)
    return found, np.where(found, first, -1).astype(np.int64)


def _pivots(square: Floats) -> Floats:
    """(B, K) what each term adds to those before it: the pivots of (B, K, K) by elimination."""
    rest = square.copy()
    k = rest.shape[1]
    pivots = np.zeros(rest.shape[:2])
    for j in range(k):
        pivots[:, j] = rest[:, j, j]
        whole = np.where(pivots[:, j] > 0, pivots[:, j], np.inf)
        rest -= rest[:, :, j, None] * (rest[:, None, j, :] / whole[:, None, None])
    return pivots


def _step(here: _Here, done: Bools) -> tuple[Floats, Floats, Floats, Bools]:
    """Newton's step for columns and coefs, its squared length, and whether it could be taken."""
    k = here.information.shape[1]
    with np.errstate(all="ignore"):
        sound: Bools = np.asarray((_pivots(here.information) > 0).all(axis=1))
    matrix = np.where((sound & ~done)[:, None, None], here.information, np.eye(k)[None])
    going = (~done & sound)[:, None]
    by: Floats = np.linalg.solve(matrix, here.score[:, :, None])[:, :, 0].astype(np.float64)
    by *= going
    along = np.matmul(here.column, by[:, :, None])[:, :, 0]
    step: Floats = ((here.moved - along) * going).astype(np.float64)
    gain = here.size + (here.score * by).sum(axis=1)
    return step, by, gain, sound


def _climb(
    tables: _Tables, here: _Here, effect: Floats, coef: Floats, step: Floats, by: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood and shares after the step, and the part of it that does not lead down."""
    scale = np.ones(effect.shape[0])
    slack = 1e-12 * (1 + np.abs(here.loglik))
    for _ in range(40):
        loglik, share = tables.at(effect + scale[:, None] * step, coef + scale[:, None] * by)
        lower = loglik < here.loglik - slack
        if not lower.any():
            break
        scale[lower] /= 2
    return loglik, share, scale


def _moving(tables: _Tables, share: Floats, step: Floats, by: Floats) -> Bools:
    """Cells whose log mean falls by the step, row totals being met."""
    move = np.where(tables.live, step[:, None, :], 0.0)
    for k, term in enumerate(tables.terms):
        move = move + by[:, k, None, None] * (term * tables.live)
    move = move - (share * move).sum(axis=2)[:, :, None]
    falls: Bools = tables.live & (move < -RUNS_OFF)
    return falls


def _which(tables: _Tables, by: Floats, least: float) -> Ints:
    """The first term that moves a log mean by so much, or -1 when only effects do."""
    if not tables.terms.shape[0]:
        return np.full(by.shape[0], -1)
    reach = np.abs(by) * np.ptp(tables.terms, axis=(1, 2))[None]
    carries = reach > least
    return np.where(carries.any(axis=1), carries.argmax(axis=1), -1).astype(np.int64)


def _left(here: _Here) -> Floats:
    """What the effects leave of each term: (B, K, R, S)."""
    column = here.column.transpose(0, 2, 1)
    mean = np.matmul(here.share, here.column).transpose(0, 2, 1)
    left: Floats = here.centred - column[:, :, None, :] + mean[:, :, :, None]
    return left
