"""The mix of many rows that comes nearest to one: weights at least 0 that sum to 1."""

import numpy as np

from stoopstat.events import Floats, Ints

EVEN = 1e-9
FEW = 4  # rows that enter at once
MANY = 64  # rows laid beside each other at once: those that gain most


def mix(past: Floats, line: Floats) -> Floats:
    """Weights (N,) at least 0, sum 1, whose mix of the rows of `past` (N, T) is nearest to `line`.

    An active set: the affine optimum over the rows in use is in closed form; a row whose weight
    would be negative leaves, the rows that gain most enter, until none gains. Exact but for a
    ridge of EVEN, which chooses the most even of equally good weights, so the answer is one and no
    order of rows matters. Of many rows, only the MANY that gain most are tried at a time, until no
    other gains.

    Source: P. Wolfe, Mathematical Programming 11 (1976) 128-149.

    >>> mix(np.array([[-1.0, 0.0], [3.0, 0.0], [9.0, 9.0]]), np.zeros(2)).round(6).tolist()
    [0.75, 0.25, 0.0]
    """
    return mixed(past, (past**2).sum(axis=1), line, -1)


def mixed(past: Floats, square: Floats, line: Floats, itself: int) -> Floats:
    """mix without the row `itself` (-1: with all); square: (N,) squared lengths of the rows."""
    others = np.arange(square.size) != itself
    far = square - 2 * (past @ line) + line @ line
    scale = float(far[others].max()) or 1.0
    w = np.zeros(square.size)
    w[int(np.where(others, far, np.inf).argmin())] = 1
    for _ in range(20 * square.size):
        tried = others
        if square.size > MANY:
            tried = w > 0
            gain = np.where(others, past @ (w[tried] @ past[tried] - line), np.inf)
            tried[np.argpartition(gain, MANY)[:MANY]] = True
        rows = np.flatnonzero(tried)
        better = _active(past[rows] - line, w[rows], scale)
        if np.array_equal(better, w[rows]):
            break
        w[rows] = better
        if rows.size >= others.sum():
            break
    used = np.flatnonzero(w)
    best = _polished(past[used] - line, EVEN * scale)
    if best.min() > 0:
        w[used] = best
    return w


def _active(apart: Floats, w: Floats, scale: float) -> Floats:
    """The best weights of the rows of `apart`, from weights that are the best of some of them."""
    inner = apart @ apart.T
    inner[np.diag_indices_from(inner)] += EVEN * scale
    w, used, few = w.copy(), np.flatnonzero(w), FEW
    for _ in range(20 * w.size):
        gain = inner @ w
        now = w @ gain
        first = np.argsort(gain, kind="stable")[:few]
        enter = first[(w[first] == 0) & (gain[first] < now - 1e-14 * scale)]
        if not enter.size:
            break
        used = _settled(inner, w, np.append(used, enter))
        if w @ inner @ w >= now - 1e-14 * scale:
            few = 1  # several at once may hold each other up; one alone never fails to gain
    return w


def _polished(apart: Floats, ridge: float) -> Floats:
    """The best weights of these rows again, without what squaring them lost: of ten digits, else
    the last would show the processor."""
    rows = np.vstack([apart.T, np.sqrt(ridge) * np.eye(len(apart))])
    _, edge = np.linalg.qr(rows)
    best = np.linalg.solve(edge, np.linalg.solve(edge.T, np.ones(len(apart))))
    return np.asarray(best / best.sum())


def _settled(inner: Floats, w: Floats, used: Ints) -> Ints:
    """Move w, in place, to the best over these rows with none below 0; gives the rows that stay."""
    while True:
        best = np.linalg.solve(inner[used][:, used], np.ones(used.size))
        best /= best.sum()
        if best.min() > 0:
            w[used] = best
            return used
        now = w[used]
        falls = best <= 0
        step = (now[falls] / (now[falls] - best[falls])).min()
        now = now + step * (best - now)
        gone = falls & (now <= 1e-15)
        now[gone] = 0
        w[used] = now
        used = used[~gone]
