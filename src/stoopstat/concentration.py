"""How much of the harm a few places hold, and how much of that could be known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Concentration:
    """Shares of the realised harm, 0 to 1 (NaN when there was none).

    ks: (K,) how many areas. chosen: (K,) share in the k areas with the highest earlier counts.
    best: (K,) share in the k areas that turned out highest. ratio: (K,) chosen / best.
    even: (K,) k / A, the share if all areas were alike. tied: (K,) the cut falls inside a tie, so
    chosen is the mean over all ways to break it. chosen_curve, best_curve: (A,) the same for
    k = 1 to A. total: the realised harm.
    """

    ks: Ints
    chosen: Floats
    best: Floats
    ratio: Floats
    even: Floats
    tied: Bools
    chosen_curve: Floats
    best_curve: Floats
    total: float


@dataclass(frozen=True, slots=True)
class Choices:
    """Rolling choices: year after year, areas chosen on what was known before it.

    ks: (K,). windows: how many earlier years each rule sums, None for all. years: (Y,) columns of
    the input that were judged. share: (W, Y, K). best: (Y, K). mean_share: (W, K) and mean_best:
    (K,) over the years judged, each year alike.
    """

    ks: Ints
    windows: tuple[int | None, ...]
    years: Ints
    share: Floats
    best: Floats
    mean_share: Floats
    mean_best: Floats


@dataclass(frozen=True, slots=True)
class Lorenz:
    """share_of_places, share_of_harm: (A + 1,) from 0 to 1, the most harmed places first.

    gini: 0 even, near 1 all in one place. gini_adjusted: the same against the most even spread
    that so few events allow. gini_chance, adjusted_chance: what both would be on average if every
    event fell on a place at random, all places alike (NaN when counts are not whole).
    """

    share_of_places: Floats
    share_of_harm: Floats
    gini: float
    gini_adjusted: float
    gini_chance: float
    adjusted_chance: float


def concentration(
    counts_chosen_by: ArrayLike, counts_realised: ArrayLike, *, ks: Sequence[int] = (17, 20, 30)
) -> Concentration:
    """Share of the realised harm held by the top k areas, chosen on earlier counts.

    What it asks: had we worked in the k areas that looked worst then, how much of what came after
    would have been there? And how much in the best k that hindsight can name?

    counts_chosen_by, counts_realised: (A,) not negative; leave out areas that did not report, a
    missing count is no zero. chosen(k) = sum of realised over the k highest of chosen_by / total;
    at a tie across the cut the tied areas count pro rata, which is the mean over all orders.
    best(k) uses realised in place of chosen_by. k above A means all A.

    When it lies: best is out of anyone's reach, because it also sorts on that year's luck; a ratio
    of one is not to be hoped for. With few events any k places hold much: compare with even, and
    see lorenz.

    Raises ValueError when shapes differ, a count is negative or missing, or a k is below one.

    >>> c = concentration([5, 3, 3, 1], [4, 3, 2, 1], ks=(1, 2))
    >>> c.chosen.tolist(), c.best.tolist(), c.tied.tolist()
    ([0.4, 0.65], [0.4, 0.7], [False, True])
    """
    before, after = _counts(counts_chosen_by), _counts(counts_realised)
    if before.shape != after.shape:
        raise ValueError("counts_chosen_by and counts_realised must be of one length")
    k = _ks(ks)
    at = np.minimum(k, before.size) - 1
    total = float(after.sum())
    chosen_curve, best_curve = _curve(before, after), _curve(after, after)
    down = np.sort(before)[::-1]
    tied = (at + 1 < before.size) & (down[at] == down[np.minimum(at + 1, before.size - 1)])
    best = best_curve[at]
    return Concentration(
        ks=k,
        chosen=chosen_curve[at],
        best=best,
        ratio=chosen_curve[at] / best,
        even=(at + 1) / before.size,
        tied=tied,
        chosen_curve=chosen_curve,
        best_curve=best_curve,
        total=total,
    )


def choices(
    counts: ArrayLike,
    *,
    ks: Sequence[int] = (17, 20, 30),
    windows: Sequence[int | None] = (1, 3, None),
    first: int = 1,
) -> Choices:
    """Judge simple rules of choice over the years: last year's count, a few years', all history.

    What it asks: how many earlier years should the choice of areas look back on?

    counts: (A, Y) by area and year, complete years. For each year y from column `first` on and
    each window w, areas are chosen on the sum of the w years before y (of all of them where there
    are fewer) and judged on y as concentration does.

    When it lies: years share their hot places, so the mean over years has less information than
    its number of years suggests; small differences between rules are noise.

    Raises ValueError for a missing or negative count, or when no year has one before it.

    >>> c = choices([[9, 1, 8], [2, 6, 1], [1, 1, 1]], ks=(1,))
    >>> c.mean_share.round(4).tolist()
    [[0.1125], [0.4625], [0.4625]]
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or not 1 <= first < table.shape[1]:
        raise ValueError("counts must be areas x years, with at least one year before the first")
    if any(w is not None and w < 1 for w in windows):
        raise ValueError("a window must be at least one year, or None for all")
    k, years = _ks(ks), np.arange(first, table.shape[1])
    share = np.empty((len(windows), years.size, k.size))
    best = np.empty((years.size, k.size))
    for row, year in enumerate(years):
        for rule, window in enumerate(windows):
            start = 0 if window is None else max(0, year - window)
            judged = concentration(table[:, start:year].sum(axis=1), table[:, year], ks=ks)
            share[rule, row], best[row] = judged.chosen, judged.best
    return Choices(k, tuple(windows), years, share, best, share.mean(axis=1), best.mean(axis=0))


def lorenz(counts: ArrayLike) -> Lorenz:
    """Lorenz curve and Gini coefficient of harm over places.

    What it asks: how unevenly is harm spread, beyond what few events on many places must look
    like?

    counts: (n,) harm y_i of each place, sorted up in the formula; c = its sum, s_i = y_i / c.
    gini G = (2 sum(i s_i) - n - 1) / n. gini_adjusted G' = max(1/c, 1/n) (2 sum(i s_i) - n - 1)
    - max(n/c, 1) + 1, which measures against c places with one event each when events are fewer
    than places (c < n), and is G otherwise. gini_chance: the mean of G when c events fall on n
    places at random, exactly (n - 1) E|X1 - X2| / (2 c) with X1, X2 two cells of the multinomial;
    adjusted_chance is G' there.

    When it lies: G of few events on many places is high whatever the process. G' repairs the
    limit, not the luck: random events fall on some places twice, so compare it with
    adjusted_chance. For a total that is not whole (weights) neither reference is defined.

    Source: W. Bernasco and W. Steenbeek, More places than crimes, Journal of Quantitative
    Criminology 33 (2017) 451-467.

    Raises ValueError for a missing or negative count or no place at all.

    >>> l = lorenz([2, 1, 0, 0, 0, 0])
    >>> round(l.gini, 4), round(l.gini_adjusted, 4)
    (0.7222, 0.4444)
    """
    y = np.sort(_counts(counts))
    n, total = y.size, float(y.sum())
    places = np.arange(n + 1) / n
    if total == 0:
        return Lorenz(places, np.full(n + 1, np.nan), *([float("nan")] * 4))
    harm = np.concatenate(([0.0], np.cumsum(y[::-1]) / total))
    spread = 2 * float(np.arange(1, n + 1) @ y) / total - n - 1
    whole = bool((y == np.floor(y)).all())
    chance = _gini_chance(int(total), n) if whole else float("nan")
    adjusted, adjusted_chance = (_adjust(g, total, n) for g in (spread / n, chance))
    if not whole:
        adjusted = float("nan")
    return Lorenz(places, harm, spread / n, adjusted, chance, adjusted_chance)


def _adjust(gini: float, total: float, n: int) -> float:
    return max(1 / total, 1 / n) * n * gini - max(n / total, 1.0) + 1


def _gini_chance(total: int, n: int) -> float:
    from scipy.special import gammaln, xlogy

    if n == 1:
        return 0.0
    s = np.arange(1, total + 1, dtype=np.float64)
    p = 2 / n  # the two cells together
    ways = gammaln(total + 1) - gammaln(s + 1) - gammaln(total - s + 1)
    log_pmf = ways + s * np.log(p) + xlogy(total - s, 1 - p)
    # Mean absolute difference of a fair split of s: s C(s-1, floor((s-1)/2)) / 2^(s-1).
    half = np.floor((s - 1) / 2)
    log_split = (
        np.log(s) + gammaln(s) - gammaln(half + 1) - gammaln(s - half) - (s - 1) * np.log(2.0)
    )
    return (n - 1) * float(np.exp(log_pmf + log_split).sum()) / (2 * total)


def _curve(order_by: Floats, harm: Floats) -> Floats:
    """Cumulated share of harm, areas in falling order of order_by, ties pro rata; shape (A,)."""
    _, group = np.unique(-order_by, return_inverse=True)
    size = np.bincount(group)
    mean = np.bincount(group, weights=harm) / size
    total = harm.sum()
    if total == 0:
        return np.full(harm.size, np.nan)
    curve: Floats = np.cumsum(np.repeat(mean, size)) / total
    return curve


def _counts(values: ArrayLike) -> Floats:
    counts = np.asarray(values, dtype=np.float64)
    if counts.ndim != 1 or counts.size == 0:
        raise ValueError("counts must be a flat array of at least one place")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts must be known and not negative; leave out places not reported")
    return counts


def _ks(ks: Sequence[int]) -> Ints:
    k = np.asarray(ks, dtype=np.int64)
    if k.ndim != 1 or k.size == 0 or k.min() < 1:
        raise ValueError("ks must be whole numbers of at least one")
    return k
