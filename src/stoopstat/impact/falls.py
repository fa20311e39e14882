"""How much fell around a launch, and how many times as steeply as elsewhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats
from stoopstat.impact.beforeafter import dispersion
from stoopstat.impact.design import Refused
from stoopstat.trend import change

ESTIMATOR = "falls"


@dataclass(frozen=True, slots=True)
class Fall:
    """share: 1 - after / before, negative for a rise. low, high: its interval (NaN where one unit
    gives none). units: how many went into it."""

    share: float
    low: float
    high: float
    units: int


@dataclass(frozen=True, slots=True)
class Steeper:
    """times: ours / theirs, of falls. low, high: its interval; NaN where theirs may be none at
    all, so that no multiple of it is bounded. ours, theirs: the falls."""

    times: float
    low: float
    high: float
    ours: float
    theirs: float


def together(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> Fall | Refused:
    """By which share did the sum of all units fall?

    before, after: (U,) whole counts over windows of one length. The interval is that of
    `before_after`: quasi-Poisson, units differing more than chance, Student's quantile.

    When it lies: programs start where it is worst, and what is worst tends to fall.

    >>> found = together([20, 30], [10, 25])
    >>> round(found.share, 2), found.units
    (0.3, 2)
    """
    b, a = _validated(before, after)
    if not b.sum():
        return Refused(ESTIMATOR, "share", "there is no outcome before; widen the windows")
    found = change(
        a.sum(),
        b.sum(),
        level=level,
        dispersion=dispersion(b, a) if a.sum() else 1.0,
        periods=b.size if b.size > 1 else None,
    )
    return Fall(1 - found.ratio, 1 - found.high, 1 - found.low, b.size)


def averaged(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> Fall | Refused:
    """By which share did the units fall, each with the same weight? Student's interval.

    When it lies: small units swing, and weigh as much here as large ones; a unit cannot fall by
    more than all, but can rise by any multiple.

    >>> round(averaged([20, 30], [10, 30]).share, 2)
    0.25
    """
    from scipy.special import stdtrit

    b, a = _validated(before, after)
    if not b.size or not b.all():
        why = "a unit has no outcome before, and so no share that it fell by; widen the windows"
        return Refused(ESTIMATOR, "share", why)
    each = 1 - a / b
    share = float(each.mean())
    if b.size < 2:
        return Fall(share, float("nan"), float("nan"), 1)
    reach = stdtrit(b.size - 1, (1 + level) / 2) * each.std(ddof=1) / np.sqrt(b.size)
    return Fall(share, share - float(reach), share + float(reach), b.size)


def steeper(
    ours: tuple[ArrayLike, ArrayLike],
    theirs: tuple[ArrayLike, ArrayLike],
    weight: ArrayLike,
    *,
    scale: str = "share",
    level: float = 0.95,
) -> Steeper | Refused:
    """How many times as much did ours fall as theirs?

    ours: (L,) counts before and after each launch. theirs: (L, U) counts of every unit in the same
    windows, before and after. weight: (L, U), rows summing to 1: what each unit counts for beside
    each launch. scale: "share" compares 1 - after / before, "count" the mean fall in counts.

    The interval is Fieller's, both falls taken as normal and apart: the k for which ours - k theirs
    is not told from 0. Variances are sums over units of their influence squared, for neither side
    below that of Poisson counts.

    When it lies: in counts whoever starts higher falls more, program or not.

    Source: E. Fieller, Journal of the Royal Statistical Society B 16 (1954) 175-185.

    >>> found = steeper(([40, 40], [20, 20]), ([[40], [40]], [[30], [30]]), [[1], [1]])
    >>> found.times, found.ours, found.theirs
    (2.0, 0.5, 0.25)
    """
    b, a = _validated(*ours)
    w = np.asarray(weight, dtype=np.float64)
    was, then = (np.asarray(each, dtype=np.float64) for each in theirs)
    if scale not in ("share", "count") or w.shape != was.shape or w.shape != then.shape:
        raise ValueError("theirs and weight must be launches by units, scale share or count")
    if w.shape[:1] != b.shape or not np.allclose(w.sum(axis=1), 1):
        raise ValueError("weight must have one row a launch, each summing to 1")
    fall, variance = _fall(np.diag(b), np.diag(a), np.eye(b.size), scale)
    other, of_other = _fall(was, then, w, scale)
    if not np.isfinite([fall, other]).all():
        return Refused(ESTIMATOR, "times", "one side has no outcome before; widen the windows")
    if other <= 0:
        return Refused(ESTIMATOR, "times", "the comparison did not fall, so no multiple of it is")
    low, high = _fieller(fall, variance, other, of_other, level)
    return Steeper(fall / other, low, high, fall, other)


def _validated(before: ArrayLike, after: ArrayLike) -> tuple[Floats, Floats]:
    b, a = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if b.ndim != 1 or b.shape != a.shape:
        raise ValueError("before and after must give one count for each unit")
    if any(not np.isfinite(y).all() or (y < 0).any() or (y % 1).any() for y in (b, a)):
        raise ValueError("counts must be whole, known and not negative")
    return b, a


def _fall(before: Floats, after: Floats, weight: Floats, scale: str) -> tuple[float, float]:
    """The fall of a weighted group and its variance, units being independent of each other."""
    was, then = float((weight * before).sum()), float((weight * after).sum())
    if scale == "share":
        if not was:
            return float("nan"), float("nan")
        ratio = then / was
        influence = (weight * (after - ratio * before)).sum(axis=0) / was
        least = (weight**2 * (after + ratio**2 * before)).sum() / was**2
        return 1 - ratio, max(float(influence @ influence), float(least))
    size = weight.shape[0]
    fall = (was - then) / size
    influence = (weight * (before - after - fall)).sum(axis=0) / size
    least = (weight**2 * (before + after)).sum() / size**2
    return fall, max(float(influence @ influence), float(least))


def _fieller(x: float, of_x: float, y: float, of_y: float, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    z2 = float(ndtri((1 + level) / 2)) ** 2
    a, c = y * y - z2 * of_y, x * x - z2 * of_x
    if a <= 0:
        return float("nan"), float("nan")
    root = np.sqrt(max(x * x * y * y - a * c, 0.0))
    return float((x * y - root) / a), float((x * y + root) / a)
