"""So many months before each launch against as many after it: the number that everybody quotes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats
from stoopstat.impact.design import Estimate, Refused
from stoopstat.impact.influence import two_sided
from stoopstat.trend import Change, change

ESTIMATOR = "before_after"


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Sums over the launched units whose windows are closed.

    closed: (U,) units that count. before, after: their outcomes in `months` months before the
    launch and from it on. exact, dispersed: after / before with its interval, as Poisson counts
    and as units that differ more than chance. per_unit: (U,) after / before, NaN where not counted.
    comparison: (U,) units compared with. expected: what `after` would be had each launched unit
    changed as they did in the same months. treated, beside, net: log ratios of the launched, of
    the comparison in their windows, and of one to the other. refused: what is left out, and why.
    """

    months: int
    closed: Bools
    before: float
    after: float
    exact: Change
    dispersed: Change
    per_unit: Floats
    comparison: Bools
    expected: float
    treated: Estimate
    beside: Estimate | Refused
    net: Estimate | Refused
    refused: tuple[Refused, ...]


def before_after(
    counts: ArrayLike,
    launch: ArrayLike,
    *,
    months: int = 24,
    comparison: ArrayLike | None = None,
    level: float = 0.95,
) -> BeforeAfter | Refused:
    """What happened around each launch, and in the same months where nothing was launched?

    counts: (U, M) whole outcomes by unit and month. launch: (U,) column of the first month of the
    program, NEVER where none; it may lie outside the columns. comparison: (U,) mask, by default
    the units without a launch up to the last column. A window is months before the launch and as
    many from it on; one that the columns cut is left out and named, never scaled up.

    exact takes the outcomes as independent. dispersed multiplies the variance by
    f = sum (a_i - p n_i)^2 / (n_i p (1 - p)) / (U - 1), a_i of unit i's n_i outcomes coming after,
    p of all, with Student's quantile; 1 at least. beside: log of expected / before, expected being
    the sum of before_i x (after / before of the comparison in unit i's windows). net: log of
    after / expected; its error is the sum over units of their influence squared, for neither side
    below that of Poisson counts.

    When it lies: alone it is no effect at all. Programs start where and when it is worst, and what
    is worst tends to fall; a city that falls falls there too. Even net rests on the comparison
    moving alike, which units that start from another level seldom do.

    Source: P. McCullagh and J. Nelder, Generalized Linear Models, 2nd ed. 1989, section 4.5 (f).

    Raises ValueError when shapes differ, counts are not whole, or months is below 1.

    >>> from stoopstat.impact.design import NEVER
    >>> found = before_after([[9, 11, 8, 4], [20, 20, 15, 15]], [2, NEVER], months=2)
    >>> found.before, found.after, found.expected, found.exact.ratio
    (20.0, 12.0, 15.0, 0.6)
    >>> round(float(np.exp(found.net.estimate)), 6)
    0.8
    """
    y, began, pool = _validated(counts, launch, comparison, months)
    width = y.shape[1]
    launched = ~pool & (began < width)
    closed = launched & (began - months >= 0) & (began + months <= width)
    refused = _left_out(launched, closed, began, months, width)
    place = began[closed].astype(int)
    early, late = _windows(y, place, months)
    own = np.arange(place.size), np.flatnonzero(closed)
    before, after = early[own], late[own]
    if before.sum() == 0 or after.sum() == 0:
        why = f"no launched unit has {months} whole months before and after with an outcome in each"
        return Refused(ESTIMATOR, "treated", why)
    f, units = dispersion(before, after), place.size
    exact = change(after.sum(), before.sum(), level=level)
    dispersed = change(
        after.sum(), before.sum(), level=level, dispersion=f, periods=units if units > 1 else None
    )
    chance = 1 / before.sum() + 1 / after.sum()
    n = int(units * 2 * months)
    ratio = np.full(began.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio[closed] = after / before
    se = float(np.sqrt(f * chance))
    log = float(np.log(after.sum() / before.sum()))
    treated = Estimate(ESTIMATOR, "treated", log, se, "quasi-Poisson", dispersed.p_value, n, "log")
    expected, beside, net = _beside(before, after, early[:, pool], late[:, pool], n)
    return BeforeAfter(
        months=months,
        closed=closed,
        before=float(before.sum()),
        after=float(after.sum()),
        exact=exact,
        dispersed=dispersed,
        per_unit=ratio,
        comparison=pool,
        expected=expected,
        treated=treated,
        beside=beside,
        net=net,
        refused=refused,
    )


def _validated(
    counts: ArrayLike, launch: ArrayLike, comparison: ArrayLike | None, months: int
) -> tuple[Floats, Floats, Bools]:
    y, began = np.asarray(counts, dtype=np.float64), np.asarray(launch, dtype=np.float64)
    if y.ndim != 2 or began.shape != y.shape[:1] or months < 1:
        raise ValueError("counts must be units by months, launch one per unit, months at least 1")
    if not np.isfinite(y).all() or (y < 0).any() or (y % 1).any() or np.isnan(began).any():
        raise ValueError("counts must be whole and known, launches columns or NEVER")
    pool = began >= y.shape[1] if comparison is None else np.asarray(comparison, dtype=bool)
    if pool.shape != began.shape:
        raise ValueError("comparison must say of each unit whether it is one")
    return y, began, pool


def _windows(y: Floats, place: Floats, months: int) -> tuple[Floats, Floats]:
    """(L, U) outcomes of every unit in the window before and after each launch."""
    total = np.concatenate([np.zeros((y.shape[0], 1)), y.cumsum(axis=1)], axis=1)
    low, middle, high = total[:, place - months], total[:, place], total[:, place + months]
    return (middle - low).T, (high - middle).T


def _left_out(
    launched: Bools, closed: Bools, began: Floats, months: int, width: int
) -> tuple[Refused, ...]:
    out = []
    open_end = launched & (began + months > width) & (began - months >= 0)
    for units, what in (
        (
            open_end,
            f"launched less than {months} months before the end; their window is not closed",
        ),
        (launched & ~closed & ~open_end, f"have less than {months} months before their launch"),
    ):
        if units.any():
            why = f"{int(units.sum())} units {what}; left out, add months"
            out.append(Refused(ESTIMATOR, "windows", why))
    return tuple(out)


def dispersion(before: Floats, after: Floats) -> float:
    """How much more the units differ than chance: f of `before_after`, 1 at least."""
    total = before + after
    some = total > 0
    if some.sum() < 2:
        return 1.0
    p = after.sum() / total.sum()
    square = (after - p * total)[some] ** 2 / (total[some] * p * (1 - p))
    return max(1.0, float(square.sum() / (some.sum() - 1)))


def _beside(
    before: Floats, after: Floats, early: Floats, late: Floats, n: int
) -> tuple[float, Estimate | Refused, Estimate | Refused]:
    """What the comparison's change (L, C) would leave of the launched, and the ratio to it."""
    was, then = early.sum(axis=1), late.sum(axis=1)
    if was.size == 0 or early.shape[1] == 0 or not was.all() or not then.all():
        why = "the comparison units have no outcome in some window; add units"
        return float("nan"), Refused(ESTIMATOR, "beside", why), Refused(ESTIMATOR, "net", why)
    each = before * then / was
    expected = float(each.sum())
    theirs = ((late / then[:, None] - early / was[:, None]) * each[:, None]).sum(axis=0) / expected
    # Windows overlap, so the comparison's chance is that of its most used months.
    share = each / expected
    least = float((share**2 * (1 / was + 1 / then)).sum())
    of_theirs = max(float(theirs @ theirs), least)
    ours = (after - after.sum() / expected * each) / after.sum()
    of_ours = max(float(ours @ ours), float(1 / before.sum() + 1 / after.sum()))
    pair = []
    for term, value, variance in (
        ("beside", np.log(expected / before.sum()), of_theirs),
        ("net", np.log(after.sum() / expected), of_ours + of_theirs),
    ):
        log, se = float(value), float(np.sqrt(variance))
        kind = "clustered influence"
        pair.append(Estimate(ESTIMATOR, term, log, se, kind, two_sided(log, se), n, "log"))
    return expected, pair[0], pair[1]
