"""Ranked areas with honest ranks: shrunk rates, rank intervals, stability between windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.shrinkage import draw_rates, fit_gamma

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
    method "ml" or "moments" says how v and a are fitted, see fit_gamma. Intervals: `draws` draws
    of all t from their posterior, v and a being uncertain too (see draw_rates), each draw ranked;
    rank_low and rank_high are quantiles of the places, widened to hold `rank`.

    When it lies: neighbours are taken as independent; an area far off the rest is shrunk too much.
    Residents are a poor exposure where people come to, not from. For large counts shrinkage
    is slight, by design.

    Sources: those of fit_gamma and draw_rates; H. Goldstein and D. Spiegelhalter, Journal of the
    Royal Statistical Society A 159 (1996) 385-443 (intervals of ranks).

    Raises ValueError for negative or fractional counts, shapes that differ, or no rated area.

    >>> r = rank([40, 12, 10, 0], exposure=[1e4, 1e4, 9e3, 25], rng=np.random.default_rng(1))
    >>> r.rank.tolist(), r.rank_low.tolist(), r.rank_high.tolist(), r.rated.tolist()
    ([1, 2, 3, 0], [1, 2, 2, 0], [1, 3, 3, 0], [True, True, True, False])
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}")
    if not 0 < level < 1 or min(top, draws) < 1:
        raise ValueError("level must lie between 0 and 1, top and draws be at least 1")
    y, e, rated = _validated(counts, exposure, min_exposure)
    yr, er = y[rated], e[rated]
    mean, dispersion = fit_gamma(yr, er, method=method)
    # (y + v) / (e + a) in the terms of the fit; with no dispersion all shrink to the mean.
    shrunk = (yr * dispersion + 1) / (er * dispersion + 1 / mean) if mean else yr
    rates, places = _posterior(yr, er, rng, draws), _place(-shrunk)
    rank_low, rank_high, expected, in_top = _summary(rates, places, top, level)
    low, high = np.quantile(rates, ((1 - level) / 2, (1 + level) / 2), axis=0)

    def spread(values: Floats) -> Floats:
        return _spread(values, rated, np.nan)

    def places_of(values: Ints) -> Ints:
        return _spread(values, rated, 0).astype(np.int64)

    second = np.where(rated, spread(yr / er), np.where(np.isnan(y), -1.0, y))
    return Ranking(
        rated=rated,
        observed=spread(yr / er),
        shrunk=spread(shrunk),
        shrunk_low=spread(low),
        shrunk_high=spread(high),
        rank=places_of(places),
        rank_low=places_of(rank_low),
        rank_high=places_of(rank_high),
        rank_observed=places_of(_place(-(yr / er))),
        expected_rank=spread(expected),
        in_top=spread(in_top),
        order=np.lexsort((-second, -np.where(rated, spread(shrunk), -1), ~rated)),
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


def _posterior(y: Floats, e: Floats, rng: np.random.Generator, draws: int) -> Floats:
    if y.any():
        return draw_rates(y, e, rng=rng, draws=draws)
    # No event anywhere: one rate, of which only how high it may be is left (Jeffreys' prior).
    return np.repeat(rng.gamma(0.5, 1 / e.sum(), (draws, 1)), y.size, axis=1)


def _summary(
    rates: Floats, places: Ints, top: int, level: float
) -> tuple[Ints, Ints, Floats, Floats]:
    """Interval of the place, mean place and chance to be among the first, from (draws, A) rates."""
    if (rates == rates[:, :1]).all():
        n = places.size
        one, last = np.ones(n, dtype=np.int64), np.full(n, n, dtype=np.int64)
        return one, last, np.full(n, (n + 1) / 2), np.full(n, min(1.0, top / n))
    order = np.argsort(-rates, axis=1, kind="stable")
    drawn = np.empty(rates.shape, dtype=np.int64)
    np.put_along_axis(drawn, order, np.arange(1, places.size + 1)[None], axis=1)
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(drawn, tails, axis=0, method="inverted_cdf").astype(np.int64)
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


def _validated(
    counts: ArrayLike, exposure: ArrayLike | None, min_exposure: float | None
) -> tuple[Floats, Floats, Bools]:
    y = np.asarray(counts, dtype=np.float64)
    e = np.ones(y.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or y.shape != e.shape:
        raise ValueError("counts and exposure must be flat arrays of one length")
    known = y[~np.isnan(y)]
    if (known < 0).any() or not np.array_equal(known, np.floor(known)) or np.isinf(known).any():
        raise ValueError("counts must be whole and not negative, or NaN where not reported")
    usable = np.isfinite(e) & (e > 0)
    if min_exposure is None:
        min_exposure = 0.01 * float(np.median(e[usable])) if usable.any() else 0.0
    rated: Bools = ~np.isnan(y) & usable & (e >= min_exposure)
    if not rated.any():
        raise ValueError("no area can be rated: each lacks a count or enough exposure")
    return y, e, rated
