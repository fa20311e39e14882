"""Back-test of monthly place forecasts: each month foretold from the months before it alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats, Ints
from stoopstat.forecast import METHODS, Method, Past
from stoopstat.grid import Grid

SHARES = (0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more of each month one method catches than a baseline.

    mean: (shares,) mean over months of the difference in hit rate. low, high: (shares,) 95 %
    interval of that mean, from resampled months.
    """

    method: Method
    baseline: Method
    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Backtest:
    """What each method caught, with d = methods, m = months with incidents, s = shares.

    months: (m,) month indices. incidents: (m,) on land. off_land: incidents of the record that
    lie on no land cell nor just beside one, and were left out. shares: (s,) of land area.
    hits: (d, m, s) expected incidents caught. best: (m, s) caught by the best cells in hindsight.
    hit_rate: (d, s) mean over months of hits / incidents. pooled: (d, s) all hits / incidents.
    pai: (d, s) hit_rate / share. pei: (d, s) all hits / all best possible hits.
    differences: every method against every other as baseline.
    """

    methods: tuple[Method, ...]
    months: Ints
    incidents: Ints
    off_land: int
    shares: Floats
    hits: Floats
    best: Floats
    hit_rate: Floats
    pooled: Floats
    pai: Floats
    pei: Floats
    differences: tuple[Difference, ...]

    def against(self, method: Method, baseline: Method) -> Difference:
        """The paired difference of two methods."""
        for difference in self.differences:
            if (difference.method, difference.baseline) == (method, baseline):
                return difference
        raise ValueError(f"the back-test does not compare {method} with {baseline}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of two methods to use, and whether the better one is surely better.

    method: the one to use. beats: the model's mean difference is zero or more at every share.
    surely: its 95 % interval lies above zero at every share. difference: model less baseline.
    """

    method: Method
    beats: bool
    surely: bool
    difference: Difference


def backtest(
    x_m: ArrayLike,
    y_m: ArrayLike,
    month_index: ArrayLike,
    grid: Grid,
    *,
    first_month: int,
    last_month: int,
    rng: np.random.Generator,
    methods: Sequence[Method] = METHODS,
    shares: Sequence[float] = SHARES,
    resamples: int = 2_000,
) -> Backtest:
    """How much of each month the forecast's top cells would have caught.

    Asks: had the top 1, 2, 5 % of land been chosen before each month from first_month to
    last_month, what share of that month's incidents on land would have fallen there? With land of
    N cells, a share f takes the f * N cells of highest score (a fraction of a cell counts as that
    fraction); where scores tie at the cut, the tied cells are taken pro rata, which is the exact
    expectation of picking among them at random. With n_t incidents in month t, H_t of them hit
    and B_t the most that any f * N cells could have held:

        hit rate = mean over t of H_t / n_t     pooled = sum H_t / sum n_t
        PAI = hit rate / f                      PEI = sum H_t / sum B_t

    Every month weighs alike in the hit rate, every incident alike in the pooled one. Months
    without incidents are left out. Differences of two methods are paired by month; their
    intervals are percentiles of the mean over `resamples` resamplings of months, the same for
    all pairs.

    Source: PAI, Chainey, Tompson and Uhlig 2008, Security Journal 21:4; PEI, Hunt 2016 (PhD
    thesis, Rutgers); rolling origin, Tashman 2000, International Journal of Forecasting 16:437.

    When it lies: months are few, neighbouring months share most of their past, and the interval
    treats them as independent; PAI grows as the share shrinks, so compare at one share only; land
    that no one lives on (parks, airports) is easy to rule out and flatters every method. Methods
    tried many times on the same months will look better there than later.

    Raises ValueError when no month in the span has both incidents and a past.

    >>> from stoopstat.grid import grid_over
    >>> grid = grid_over([0.0, 999.0], [0.0, 999.0], cell_m=100)
    >>> x = [150.0] * 6 + [850.0, 850.0]
    >>> month = [0, 1, 2, 3, 4, 5, 4, 5]
    >>> tried = backtest(x, x, month, grid, first_month=4, last_month=5, shares=[0.01],
    ...                  methods=["decayed", "last_year"], rng=np.random.default_rng(1))
    >>> tried.hit_rate[:, 0].tolist(), tried.pai[:, 0].tolist()
    ([0.5, 0.5], [50.0, 50.0])
    """
    taken = _shares(shares)
    if resamples < 1 or not len(methods) or len(set(methods)) < len(methods):
        raise ValueError("a back-test needs one or more different methods and resamples")
    past = Past.of(x_m, y_m, month_index, grid, before=last_month + 1)
    months = _judged(past, int(first_month), int(last_month))
    fell = [past.counts_in(month) for month in months]
    incidents = np.array([counts.sum() for counts in fell])
    best = np.array([caught(c, c, taken) for c in fell])
    hits = np.array(
        [
            [caught(past.forecast(t, m).score, c, taken) for t, c in zip(months, fell, strict=True)]
            for m in methods
        ]
    )
    monthly = hits / incidents[:, None]
    hit_rate = monthly.mean(axis=1)
    return Backtest(
        methods=tuple(methods),
        months=np.array(months),
        incidents=incidents,
        off_land=past.off_land_month.size,
        shares=taken,
        hits=hits,
        best=best,
        hit_rate=hit_rate,
        pooled=hits.sum(axis=1) / incidents.sum(),
        pai=hit_rate / taken,
        pei=hits.sum(axis=1) / best.sum(axis=0),
        differences=_differences(tuple(methods), monthly, resamples, rng),
    )


def caught(score: ArrayLike, counts: ArrayLike, shares: ArrayLike) -> Floats:
    """Expected incidents in the top cells by score, for each share of the cells; (shares,).

    Cells that tie with the last one taken are taken pro rata.

    >>> caught([3.0, 1.0, 1.0, 0.0], [2, 1, 0, 4], [0.25, 0.5, 1.0]).tolist()
    [2.0, 2.5, 7.0]
    """
    rank = np.asarray(score, dtype=np.float64)
    order = np.argsort(-rank, kind="stable")
    # One step per distinct score: inside a tie, every cell holds the tie's mean.
    starts = np.concatenate([[0], np.flatnonzero(np.diff(rank[order])) + 1, [rank.size]])
    running = np.concatenate([[0.0], np.cumsum(np.asarray(counts, dtype=np.float64)[order])])
    whole = np.asarray(shares, dtype=np.float64) * rank.size
    return np.asarray(np.interp(whole, starts, running[starts]))


def choose(tried: Backtest, *, model: Method = "shrunk", baseline: Method = "decayed") -> Choice:
    """The model, only if its mean paired difference from the baseline is not below zero anywhere.

    "Anywhere" is at every share tried. That rule is about the best guess; whether the gain is
    more than noise is said apart, by `surely`.
    """
    difference = tried.against(model, baseline)
    beats = bool((difference.mean >= 0).all())
    surely = bool((difference.low > 0).all())
    return Choice(model if beats else baseline, beats, surely, difference)


def _judged(past: Past, first: int, last: int) -> list[int]:
    """Months that have incidents, and others before them."""
    months = [m for m in range(first, last + 1) if 0 < past.until(m) < past.until(m + 1)]
    if not months:
        raise ValueError("no month from first_month to last_month has incidents and a past")
    return months


def _shares(shares: Sequence[float]) -> Floats:
    taken = np.array(shares, dtype=np.float64)
    if taken.ndim != 1 or not taken.size or not ((taken > 0) & (taken <= 1)).all():
        raise ValueError("shares must lie above 0 and at most 1")
    return taken


def _differences(
    methods: tuple[Method, ...], monthly: Floats, resamples: int, rng: np.random.Generator
) -> tuple[Difference, ...]:
    months = monthly.shape[1]
    drawn = rng.multinomial(months, np.full(months, 1 / months), size=resamples) / months
    found = []
    for i, method in enumerate(methods):
        for j, baseline in enumerate(methods):
            if i != j:
                gain = monthly[i] - monthly[j]
                low, high = np.quantile(drawn @ gain, [0.025, 0.975], axis=0)
                found.append(Difference(method, baseline, gain.mean(axis=0), low, high))
    return tuple(found)
