"""What happened: counts over time, changes with their intervals, the long run and its band."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stoopstat.events import Bools, Floats, Ints

Dates = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Years:
    """One value per calendar year that the observed span touches, arrays of shape (Y,).

    years: calendar years. counts: weight of the events in the observed part of the year. complete:
    the span holds the whole year. days: observed days. to_date: counts up to the calendar day of
    the span's end, for years observed from their first day up to it, else NaN: the same days of
    each year, which is what a year under way may be compared with. to_date_days: their number
    (a 29 February counts only where both the year has one and the end is not before it).
    """

    years: Ints
    counts: Floats
    complete: Bools
    days: Ints
    to_date: Floats
    to_date_days: Ints


@dataclass(frozen=True, slots=True)
class Months:
    """One value per calendar month that the span touches, arrays of shape (M,).

    months: datetime64[M]. counts, complete, days: as in Years. rolling_year: sum of the twelve
    months up to this one, NaN before there are twelve complete ones.
    """

    months: Dates
    counts: Floats
    complete: Bools
    days: Ints
    rolling_year: Floats


@dataclass(frozen=True, slots=True)
class Change:
    """ratio of the rates, now / before (inf when before is 0, NaN when both are).

    low, high: interval at `level`. p_value: two-sided, of no change. dispersion: variance / mean
    that was allowed for. method: "exact Poisson" or "quasi-Poisson".
    """

    ratio: float
    low: float
    high: float
    level: float
    p_value: float
    dispersion: float
    method: str


@dataclass(frozen=True, slots=True)
class LongRun:
    """The present beside earlier periods.

    mean: what an average earlier period would give in the time of the present one. ratio: now /
    mean. low, high: prediction interval at `level` for one more such period. position: "below",
    "within" or "above" it. periods: how many earlier ones.
    """

    mean: float
    ratio: float
    low: float
    high: float
    level: float
    position: str
    periods: int


def yearly(dates: ArrayLike, *, first: Any, last: Any, weight: ArrayLike | None = None) -> Years:
    """Count by calendar year over the observed span, first to last day, both included.

    What it asks: how many each year, and how does this year compare so far?

    dates: (n,) datetime64[D] or ISO text. first, last: the days from and to which the data are
    complete; last is the as-of day. weight: (n,) one by default.

    When it lies: a span that says more than the data hold shows as a fall. Late reports make the
    last weeks low.

    Raises ValueError when last is before first, an event is outside the span, or a weight is not
    finite and not negative.

    >>> y = yearly(["2019-03-01", "2019-08-01", "2020-01-05"], first="2019-01-01",
    ...            last="2020-06-30")
    >>> y.counts.tolist(), y.complete.tolist(), y.to_date.tolist(), y.to_date_days.tolist()
    ([2.0, 1.0], [True, False], [1.0, 1.0], [181, 182])
    """
    day, w, start, end = _span(dates, weight, first, last)
    years = np.arange(_year(start), _year(end) + 1)
    opens, closes = _first_day(years), _first_day(years + 1) - 1
    counts, days, complete = _periods(day, w, start, end, opens, closes)
    month = end.astype("datetime64[M]")
    # The same calendar day of each year; from a 29 February, the 28th where there is none.
    until = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + int(
        month.astype(np.int64) % 12
    )
    length = ((until + 1).astype("datetime64[D]") - until.astype("datetime64[D]")).astype(np.int64)
    of_month = int((end - month.astype("datetime64[D]")).astype(np.int64)) + 1
    cut = until.astype("datetime64[D]") + np.minimum(of_month, length) - 1
    before = day <= cut[np.searchsorted(opens, day, side="right") - 1]
    to_date, to_date_days, _ = _periods(day[before], w[before], start, end, opens, cut)
    seen = (opens >= start) & (cut <= end)
    return Years(
        years=years,
        counts=counts,
        complete=complete,
        days=days,
        to_date=np.where(seen, to_date, np.nan),
        to_date_days=np.where(seen, to_date_days, 0),
    )


def monthly(dates: ArrayLike, *, first: Any, last: Any, weight: ArrayLike | None = None) -> Months:
    """Count by calendar month over the observed span; arguments and errors as in yearly.

    When it lies: months differ in length and season; compare a month with the same month.

    >>> m = monthly(["2019-01-31", "2019-02-01"], first="2019-01-15", last="2019-02-28")
    >>> m.months.astype(str).tolist(), m.counts.tolist(), m.complete.tolist()
    (['2019-01', '2019-02'], [1.0, 1.0], [False, True])
    """
    day, w, start, end = _span(dates, weight, first, last)
    months = np.arange(start.astype("datetime64[M]"), end.astype("datetime64[M]") + 1)
    opens = months.astype("datetime64[D]")
    closes = (months + 1).astype("datetime64[D]") - 1
    counts, days, complete = _periods(day, w, start, end, opens, closes)
    return Months(months, counts, complete, days, rolling(np.where(complete, counts, np.nan)))


def rolling(counts: ArrayLike, *, window: int = 12) -> Floats:
    """Sum of each period and those before it, `window` in all; NaN where any is missing.

    >>> rolling([1, 2, 3, 4], window=2).tolist()
    [nan, 3.0, 5.0, 7.0]
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim != 1 or window < 1:
        raise ValueError("counts must be flat and the window at least one period")
    out = np.full(y.shape, np.nan)
    if y.size >= window:
        out[window - 1 :] = np.lib.stride_tricks.sliding_window_view(y, window).sum(axis=1)
    return out


def change(
    count_now: float,
    count_before: float,
    *,
    time_now: float = 1,
    time_before: float = 1,
    level: float = 0.95,
    dispersion: float | None = None,
    periods: int | None = None,
) -> Change:
    """Ratio of two rates with its interval: this year against last.

    What it asks: did it rise or fall, by how much at least and at most?

    count_now, count_before: whole counts a, b (any weights with a dispersion) in times s, t of one
    unit. ratio = (a / s) / (b / t). Exact: given a + b, a is binomial with odds ratio * s / t, so
    the Clopper-Pearson limits p of a / (a + b) give ratio = p / (1 - p) * t / s. With dispersion
    f > 1 the same is done with the effective counts a / f, b / f: quasi-Poisson, the variance being
    f times the mean. p_value is twice the smaller tail, at most 1. periods: how many periods the
    dispersion was read off. f is then itself an estimate, and the counts are divided by f (q / z)^2
    instead, q and z being Student's quantile at periods - 1 degrees and the normal one: without it,
    intervals said to hold 95 of 100 held 85 to 93 with 3 to 14 earlier years that swing; with it
    95 or more, the more the fewer the years.

    When it lies: without a dispersion it takes shootings as independent; they come in bursts and
    years vary several times more than Poisson counts, so the exact interval is too short for
    "is the year different?". Give it the dispersion of earlier years. A change between two years is
    no effect of anything: high years tend to be followed by lower ones.

    Sources: J. Przyborowski and H. Wilenski, Biometrika 31 (1940) 313-323 (exact); P. McCullagh
    and J. Nelder, Generalized Linear Models, 2nd ed. 1989, ch. 6 (dispersion).

    Raises ValueError for negative counts, fractional ones without a dispersion, times not above 0,
    periods below 2 or without a dispersion.

    >>> c = change(30, 20)
    >>> round(c.ratio, 2), round(c.low, 4), round(c.high, 4), round(c.p_value, 4), c.method
    (1.5, 0.8241, 2.7868, 0.2026, 'exact Poisson')
    >>> c = change(300, 200, dispersion=10)
    >>> round(c.low, 4), round(c.high, 4), c.method
    (0.8241, 2.7868, 'quasi-Poisson')
    """
    a, b, s, t = float(count_now), float(count_before), float(time_now), float(time_before)
    f = 1.0 if dispersion is None else float(dispersion)
    if not (np.isfinite([a, b, s, t, f]).all() and a >= 0 and b >= 0 and s > 0 and t > 0):
        raise ValueError("counts must be known and not negative, times above zero")
    if not 0 < level < 1 or f < 1:
        raise ValueError("level must lie between 0 and 1, a dispersion must be at least 1")
    if dispersion is None and (a % 1 or b % 1):
        raise ValueError("without a dispersion, counts must be whole")
    if periods is not None and (dispersion is None or periods < 2):
        raise ValueError("periods go with a dispersion and are at least 2")
    method = "exact Poisson" if dispersion is None else "quasi-Poisson"
    if a + b == 0:
        return Change(float("nan"), 0.0, float("inf"), level, 1.0, f, method)
    tail, share = (1 - level) / 2, s / (s + t)
    allowed = f * _for_few(periods, tail)
    x, y = a / allowed, b / allowed
    rise, fall = _tail(x, y, share), _tail(y, x, 1 - share)
    other = _odds(y, x, tail)
    return Change(
        ratio=a / s / (b / t) if b else float("inf"),
        low=_odds(x, y, tail) * t / s,
        high=t / s / other if other > 0 else float("inf"),
        level=level,
        p_value=min(1.0, 2 * min(rise, fall)),
        dispersion=f,
        method=method,
    )


def _for_few(periods: int | None, tail: float) -> float:
    """How much a dispersion from so many periods must be raised to cover as it says."""
    from scipy.special import ndtri, stdtrit

    return 1.0 if periods is None else float(stdtrit(periods - 1, tail) / ndtri(tail)) ** 2


def _odds(x: float, y: float, tail: float) -> float:
    """Lowest odds at which x or more of x + y still has that probability."""
    from scipy.special import betaincinv

    p = float(betaincinv(x, y + 1, tail)) if x > 0 else 0.0
    return p / (1 - p)


def _tail(x: float, y: float, share: float) -> float:
    """Probability of x or more of x + y when each has that share."""
    from scipy.special import betainc

    return float(betainc(x, y + 1, share)) if x > 0 else 1.0


def dispersion(counts: ArrayLike, *, time: ArrayLike | None = None) -> float:
    """How many times more than Poisson successive periods vary; at least 1.

    What it asks: how much does a year differ from the one before when nothing is said to have
    happened?

    counts: (n,) whole periods in order, without the one to be judged; time: (n,), one by default.
    f = mean over neighbours of (b s - a t)^2 / (s t (a + b)), which is 1 on average for Poisson
    counts of one rate, and hardly feels a slow trend, since only neighbours are compared. 1 when
    there are no two neighbours with an event.

    When it lies: from few years it is itself rough (ten years: give or take a half); a year of
    upheaval in it makes every later change look ordinary.

    Source: the idea of J. von Neumann's mean square successive difference, Annals of Mathematical
    Statistics 12 (1941) 367-395, on Pearson's scale.

    >>> round(dispersion([100, 120, 90, 110]), 4)
    2.7013
    """
    y, t = _series(counts, time)
    a, b, s, u = y[:-1], y[1:], t[:-1], t[1:]
    some = a + b > 0
    if not some.any():
        return 1.0
    terms = (b * s - a * u)[some] ** 2 / (s * u * (a + b))[some]
    return max(1.0, float(terms.mean()))


def long_run(
    count_now: float,
    counts_before: ArrayLike,
    *,
    time_now: float = 1,
    time_before: ArrayLike | None = None,
    level: float = 0.95,
) -> LongRun:
    """The present count beside the band in which one more ordinary period would fall.

    What it asks: is this year outside what the earlier years would lead one to expect?

    counts_before: (n,) of whole periods, or of the same days of earlier years when the present one
    is under way; time_now and time_before: (n,) their lengths, one by default. With counts scaled
    to time_now and z = sqrt(count + 3/8), the band is (mean z -+ q sd sqrt(1 + 1/n))^2 - 3/8, with
    q Student's quantile at n - 1 degrees, and sd at least 1/2, its value for Poisson counts, so
    that a lucky calm row of years does not make the band too short. For one earlier period sd is
    1/2 and q the normal quantile.

    When it lies: it takes the earlier years as draws of one level. Where they fall from 1,500 to
    750, as New York's did, the mean is a level that the city left long ago and the band is wide:
    read it as history, and `change` for the last step.

    Source: F. Anscombe, Biometrika 35 (1948) 246-254, for the square root.

    Raises ValueError when nothing comes before, or for negative or missing counts.

    >>> r = long_run(150, [100, 110, 95, 105])
    >>> r.mean, round(r.low, 1), round(r.high, 1), r.position
    (102.5, 69.5, 141.7, 'above')
    """
    from scipy.special import ndtri, stdtrit

    y, t = _series(counts_before, time_before)
    now, s = float(count_now), float(time_now)
    if y.size == 0:
        raise ValueError("the long run needs at least one earlier period")
    if not (np.isfinite(now) and now >= 0 and s > 0 and 0 < level < 1):
        raise ValueError("the count must be known and not negative, the level between 0 and 1")
    scaled = y * s / t
    z = np.sqrt(scaled + 0.375)
    n, upper = y.size, 0.5 + level / 2
    sd = max(0.5, float(z.std(ddof=1))) if n > 1 else 0.5
    q = float(stdtrit(n - 1, upper)) if n > 1 else float(ndtri(upper))
    reach = q * sd * float(np.sqrt(1 + 1 / n))
    low = max(0.0, max(0.0, float(z.mean()) - reach) ** 2 - 0.375)
    high = (float(z.mean()) + reach) ** 2 - 0.375
    mean = float(y.sum() / t.sum() * s)
    position = "below" if now < low else "above" if now > high else "within"
    ratio = now / mean if mean else float("inf") if now else float("nan")
    return LongRun(mean, ratio, low, high, level, position, n)


def _series(counts: ArrayLike, time: ArrayLike | None) -> tuple[Floats, Floats]:
    y = np.asarray(counts, dtype=np.float64)
    t = np.ones(y.shape) if time is None else np.asarray(time, dtype=np.float64)
    if y.ndim != 1 or y.shape != t.shape:
        raise ValueError("counts and times must be flat arrays of one length")
    if not np.isfinite(y).all() or (y < 0).any() or not (t > 0).all():
        raise ValueError("counts must be known and not negative, times above zero")
    return y, t


def _span(
    dates: ArrayLike, weight: ArrayLike | None, first: Any, last: Any
) -> tuple[Dates, Floats, np.datetime64, np.datetime64]:
    day = np.asarray(dates, dtype="datetime64[D]")
    w = np.ones(day.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    start, end = np.datetime64(first, "D"), np.datetime64(last, "D")
    if day.ndim != 1 or day.shape != w.shape:
        raise ValueError("dates and weight must be flat arrays of one length")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    if not start <= end or not ((day >= start) & (day <= end)).all():
        raise ValueError("every date must lie in the span from first to last")
    return day, w, start, end


def _periods(
    day: Dates, w: Floats, start: np.datetime64, end: np.datetime64, opens: Dates, closes: Dates
) -> tuple[Floats, Ints, Bools]:
    """Counts, observed days, and whether all days were observed, of periods in order."""
    index = np.searchsorted(opens, day, side="right") - 1
    counts = np.bincount(index, weights=w, minlength=opens.size).astype(np.float64)
    seen = np.minimum(closes, end) - np.maximum(opens, start)
    days = np.maximum(seen.astype(np.int64) + 1, 0)
    return counts, days, (opens >= start) & (closes <= end)


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(np.int64)) + 1970


def _first_day(years: Ints) -> Dates:
    return (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
