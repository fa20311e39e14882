"""Ranked areas with honest ranks: shrunk rates, rank intervals, stability between windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints

METHODS = ("ml", "moments")


@dataclass(frozen=True, slots=True)
class Ranking:
    """One value per area, arrays of shape (A,); areas not rated hold NaN, and 0 as rank.

    rated: count known and exposure large enough. observed: count / exposure. shrunk: its
    empirical-Bayes mean, with interval shrunk_low to shrunk_high at `level`. rank: place by
    shrunk, 1 highest, ties share the better place. rank_low, rank_high: the best and the worst
    place that the data leave open, at `level`. rank_observed: place by observed. expected_rank:
    posterior mean of the place. in_top: probability to be among the first `top`. order: area
    indices from first to last, ties by observed and then by index, areas not rated at the end by
    count. mean: the prior's mean rate. dispersion: the prior's squared coefficient of variation,
    the over-dispersion of areas. dispersed: false when areas vary no more than chance; then all
    shrink to the mean and no place is better founded than another.
    """

    rated: Bools
    observed: Floats
    shrunk: Floats
    shrunk_low: Floats
    shrunk_high: Floats
    rank: Ints
    rank_low: Ints
    rank_high: Ints
    rank_observed: Ints
    expected_rank: Floats
    in_top: Floats
    order: Ints
    top: int
    level: float
    mean: float
    dispersion: float
    dispersed: bool
    method: str


@dataclass(frozen=True, slots=True)
class Stability:
    """How two rankings of the same areas agree, over the areas rated in both (`compared`).

    spearman: correlation of the places, NaN below two areas or when one ranking is all ties.
    stayed, entered, left: area indices among the first `top` in both, in the later only, in the
    earlier only. overlap: stayed / those first in the earlier ranking. move: (A,) places gained,
    earlier minus later, 0 where not compared. biggest: area indices by size of the move.
    """

    compared: int
    spearman: float
    top: int
    stayed: Ints
    entered: Ints
    left: Ints
    overlap: float
    move: Ints
    biggest: Ints


def rank(
    counts: ArrayLike,
    *,
    exposure: ArrayLike | None = None,
    min_exposure: float | None = None,
    top: int = 20,
    level: float = 0.95,
    method: str = "ml",
    rng: np.random.Generator,
    draws: int = 4000,
) -> Ranking:
    """Rank areas by shrunk rate or count, with the interval of each rank.

    What it asks: which areas are worst, and how sure is the order?

    counts: (A,) whole counts y, NaN where not reported. exposure: (A,) e, people or person-years,
    for rates; one each by default, for counts. Areas with a missing count, or an exposure that is
    missing, not positive or below min_exposure (by default 1 % of the median exposure) are not
    rated: their rate would be noise or infinite.

    Model: y_i ~ Poisson(e_i t_i), t_i ~ Gamma(shape v, rate a). shrunk_i = (y_i + v) / (e_i + a).
    method "ml" takes v and a that maximise the marginal negative binomial likelihood; "moments"
    takes m = sum y / sum e, s2 = sum e_i (y_i / e_i - m)^2 / sum e, A = s2 - m / mean(e),
    v = m^2 / A, a = m / A. Ranks: `draws` draws of all t from their gamma posteriors, each draw
    ranked; rank_low and rank_high are quantiles of those places, widened to hold `rank`.

    When it lies: v and a are taken as known, which makes intervals a little short with few areas
    (under about 20). Neighbours are taken as independent; an area far off the rest is shrunk too
    much. Residents are a poor exposure where people come to, not from. For large counts shrinkage
    is slight, by design.

    Sources: D. Clayton and J. Kaldor, Biometrics 43 (1987) 671-681 (ml); R. Marshall, Applied
    Statistics 40 (1991) 283-294 (moments); H. Goldstein and D. Spiegelhalter, JRSS A 159 (1996)
    385-443 (intervals of ranks).

    Raises ValueError for negative or fractional counts, shapes that differ, or no rated area.

    >>> r = rank([40, 12, 10, 0], exposure=[1e4, 1e4, 9e3, 25], rng=np.random.default_rng(1))
    >>> r.rank.tolist(), r.rank_low.tolist(), r.rank_high.tolist(), r.rated.tolist()
    ([1, 2, 3, 0], [1, 2, 2, 0], [1, 3, 3, 0], [True, True, True, False])
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}")
    if not 0 < level < 1 or min(top, draws) < 1:
        raise ValueError("level must lie between 0 and 1, top and draws be at least 1")
    y, e = _validated(counts, exposure)
    rated = _rated(y, e, min_exposure)
    yr, er = y[rated], e[rated]
    mean, dispersion = fit_gamma(yr, er, method=method)
    shrunk, low, high = _shrink(yr, er, mean, dispersion, level)
    places = _place(-shrunk)
    drawn = _draw(yr, er, dispersion, mean, rng, draws)
    rank_low, rank_high, expected, in_top = _summary(drawn, places, top, level)

    def spread(values: Floats) -> Floats:
        return _spread(values, rated, np.nan)

    def places_of(values: Ints) -> Ints:
        return _spread(values, rated, 0).astype(np.int64)

    best = spread(shrunk)
    second = np.where(rated, spread(yr / er), np.where(np.isnan(y), -1.0, y))
    return Ranking(
        rated=rated,
        observed=spread(yr / er),
        shrunk=best,
        shrunk_low=spread(low),
        shrunk_high=spread(high),
        rank=places_of(places),
        rank_low=places_of(rank_low),
        rank_high=places_of(rank_high),
        rank_observed=places_of(_place(-(yr / er))),
        expected_rank=spread(expected),
        in_top=spread(in_top),
        order=np.lexsort((-second, -np.where(rated, best, -1), ~rated)),
        top=top,
        level=level,
        mean=mean,
        dispersion=dispersion,
        dispersed=dispersion > 0,
        method=method,
    )


def stability(ranks_a: ArrayLike, ranks_b: ArrayLike, *, top: int = 20) -> Stability:
    """Compare an earlier ranking a with a later one b.

    What it asks: is the list of priority areas the same as before, and who came and went?

    ranks_a, ranks_b: (A,) places from 1, 0 where an area is not rated. Areas rated in both are
    compared. An area is among the first when its place is at most `top`, so ties at the cut make
    the list longer. spearman: Pearson correlation of the places, ties given their mean place.

    When it lies: areas with nearly equal counts swap places on luck. A move inside the interval of
    the rank is no news. A high correlation over all areas says little of the first twenty.

    Raises ValueError when shapes differ or a place is negative.

    >>> s = stability([1, 2, 3, 4, 0], [2, 1, 4, 3, 5], top=3)
    >>> s.spearman, s.stayed.tolist(), s.entered.tolist(), s.left.tolist(), s.move.tolist()
    (0.6, [0, 1], [3], [2], [-1, 1, -1, 1, 0])
    """
    from scipy.stats import rankdata

    a, b = (np.asarray(r, dtype=np.int64) for r in (ranks_a, ranks_b))
    if a.ndim != 1 or a.shape != b.shape or (a < 0).any() or (b < 0).any():
        raise ValueError("ranks must be flat, of one length, from 1, or 0 where not rated")
    both = (a > 0) & (b > 0)
    x, y = rankdata(a[both]), rankdata(b[both])
    x, y = x - x.mean() if x.size else x, y - y.mean() if y.size else y
    norm = float(np.sqrt((x @ x) * (y @ y)))
    move = np.where(both, a - b, 0)
    first_a, first_b = both & (a <= top), both & (b <= top)
    return Stability(
        compared=int(both.sum()),
        spearman=round(float(x @ y) / norm, 12) if norm > 0 else float("nan"),
        top=top,
        stayed=np.flatnonzero(first_a & first_b),
        entered=np.flatnonzero(first_b & ~first_a),
        left=np.flatnonzero(first_a & ~first_b),
        overlap=float((first_a & first_b).sum() / first_a.sum()) if first_a.any() else float("nan"),
        move=move,
        biggest=np.lexsort((np.arange(a.size), -np.abs(move)))[: int((move != 0).sum())],
    )


def fit_gamma(counts: Floats, exposure: Floats, *, method: str = "ml") -> tuple[float, float]:
    """Mean and squared coefficient of variation f of the gamma prior of the rates.

    In the terms of rank: mean = v / a and f = 1 / v; f = 0 when counts vary no more than Poisson
    counts do. ml maximises sum log NB(y_i; size 1 / f, mean e_i m) over m and f.

    >>> m, f = fit_gamma(np.array([2.0, 0, 9, 1]), np.ones(4))
    >>> round(m, 6), round(f, 4)
    (3.0, 1.2327)
    """
    pooled = float(counts.sum() / exposure.sum())
    if pooled == 0 or counts.size < 2:
        return pooled, 0.0
    if method == "moments":
        spread = float((exposure * (counts / exposure - pooled) ** 2).sum() / exposure.sum())
        variance = spread - pooled / float(exposure.mean())
        return pooled, max(variance, 0.0) / pooled**2
    return _fit_ml(counts, exposure, pooled)


def _fit_ml(y: Floats, e: Floats, pooled: float) -> tuple[float, float]:
    from scipy.optimize import brentq

    def mean_at(f: float) -> float:
        # The score in m falls steadily, so the root between the extreme rates is the only one.
        rates = y / e
        if rates.min() == rates.max():
            return pooled
        return float(
            brentq(
                lambda m: float(((y - m * e) / (1 + f * m * e)).sum()),
                rates.min() + 1e-12 * pooled,
                rates.max(),
                xtol=1e-14 * pooled,
            )
        )

    def score(log_f: float) -> float:
        f = float(np.exp(log_f))
        return _dispersion_score(y, e * mean_at(f), f)

    if float(((y - pooled * e) ** 2 - y).sum()) <= 0:
        return pooled, 0.0
    steps = np.linspace(-16, 12, 57)
    values = [score(float(s)) for s in steps]
    # The likelihood rises up to its maximum and falls after: the last change of sign is it.
    falls = [i for i in range(steps.size - 1) if values[i] > 0 >= values[i + 1]]
    if not falls:
        return pooled, 0.0
    log_f = float(brentq(score, steps[falls[-1]], steps[falls[-1] + 1], xtol=1e-12))
    f = float(np.exp(log_f))
    return mean_at(f), f


def _dispersion_score(y: Floats, mu: Floats, f: float) -> float:
    """Derivative of the negative binomial log likelihood in f, times f^2 (the same sign).

    y, mu: (A,) counts and their means.
    """
    from scipy.special import digamma

    v = 1 / f
    if v < 1e4:
        parts = digamma(v) - digamma(y + v) + np.log1p(f * mu) + (y - mu) / (v + mu)
    else:
        # The digammas cancel to nothing here; their expansion in 1 / v does not.
        both = v + y
        parts = np.log1p((mu - y) / both) + (y - mu) / (v + mu)
        parts -= y / (2 * v * both) + y * (v + both) / (12 * (v * both) ** 2)
    return float(parts.sum())


def _shrink(
    y: Floats, e: Floats, mean: float, dispersion: float, level: float
) -> tuple[Floats, Floats, Floats]:
    """Posterior mean and interval of each rate."""
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    if dispersion > 0:
        v = 1 / dispersion
        shape, per = y + v, e + v / mean
    else:
        # All areas share one rate; what is left is not to know that rate (Jeffreys' prior).
        shape, per = np.full(y.shape, y.sum() + 0.5), np.full(y.shape, e.sum())
    shrunk = shape / per if dispersion > 0 else np.full(y.shape, mean)
    return shrunk, gammaincinv(shape, tail) / per, gammaincinv(shape, 1 - tail) / per


def _draw(
    y: Floats, e: Floats, dispersion: float, mean: float, rng: np.random.Generator, draws: int
) -> Ints | None:
    """Places in each posterior draw, (draws, A), or None when all rates are one."""
    if dispersion == 0:
        return None
    v = 1 / dispersion
    rates = rng.gamma(y + v, 1 / (e + v / mean), size=(draws, y.size))
    order = np.argsort(-rates, axis=1, kind="stable")
    places = np.empty((draws, y.size), dtype=np.int64)
    np.put_along_axis(places, order, np.arange(1, y.size + 1)[None], axis=1)
    return places


def _summary(
    drawn: Ints | None, places: Ints, top: int, level: float
) -> tuple[Ints, Ints, Floats, Floats]:
    n = places.size
    if drawn is None:
        low, high = np.ones(n, dtype=np.int64), np.full(n, n, dtype=np.int64)
        return low, high, np.full(n, (n + 1) / 2), np.full(n, min(1.0, top / n))
    tail = (1 - level) / 2
    low = np.quantile(drawn, tail, axis=0, method="inverted_cdf").astype(np.int64)
    high = np.quantile(drawn, 1 - tail, axis=0, method="inverted_cdf").astype(np.int64)
    return (
        np.minimum(low, places),
        np.maximum(high, places),
        drawn.mean(axis=0),
        (drawn <= top).mean(axis=0),
    )


def _spread(values: Floats | Ints, rated: Bools, fill: float) -> Floats:
    out = np.full(rated.shape, fill)
    out[rated] = values
    return out


def _place(falling: Floats) -> Ints:
    """Place by rising value, ties sharing the better one."""
    return np.searchsorted(np.sort(falling), falling, side="left").astype(np.int64) + 1


def _validated(counts: ArrayLike, exposure: ArrayLike | None) -> tuple[Floats, Floats]:
    y = np.asarray(counts, dtype=np.float64)
    e = np.ones(y.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or y.shape != e.shape:
        raise ValueError("counts and exposure must be flat arrays of one length")
    known = y[~np.isnan(y)]
    if (known < 0).any() or not np.array_equal(known, np.floor(known)) or np.isinf(known).any():
        raise ValueError("counts must be whole and not negative, or NaN where not reported")
    return y, e


def _rated(y: Floats, e: Floats, min_exposure: float | None) -> Bools:
    usable = np.isfinite(e) & (e > 0)
    if min_exposure is None:
        min_exposure = 0.01 * float(np.median(e[usable])) if usable.any() else 0.0
    rated: Bools = ~np.isnan(y) & usable & (e >= min_exposure)
    if not rated.any():
        raise ValueError("no area can be rated: each lacks a count or enough exposure")
    return rated
