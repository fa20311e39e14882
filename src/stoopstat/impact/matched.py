"""Treated units beside the few others that were most like them before (nearest neighbours)."""

from dataclasses import dataclass

import numpy as np

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused, Treated
from stoopstat.impact.influence import two_sided

ESTIMATOR = "matched"
FEATURES = ("level", "trend")
# A mean standardised difference above this is commonly taken as not balanced.
BALANCED = 0.25


@dataclass(frozen=True, slots=True)
class Matched:
    """The pairs, arrays of shape (P,), and what they say.

    unit, match: row of a treated unit and of one unit like it. distance: in standard deviations.
    weight: 1 / number of matches of the unit. difference_before, difference: (2,) of FEATURES,
    mean of the treated less mean of all that could be matched, and less that of the matches, in
    standard deviations. balanced: the latter within BALANCED. treated, matched, everyone: after /
    before of the treated, of the matches, of all that could be matched. net: log of treated /
    matched. against_everyone: log of treated / everyone, for comparison. refused: units left out.
    """

    unit: Ints
    match: Ints
    distance: Floats
    weight: Floats
    difference_before: Floats
    difference: Floats
    balanced: bool
    treated: float
    matched: float
    everyone: float
    net: Estimate
    against_everyone: Estimate
    refused: tuple[Refused, ...]


def match(
    panel: Treated,
    *,
    neighbours: int = 3,
    before: int = 5,
    after: int = 3,
    caliper: float | None = None,
    replace: bool = True,
    not_yet: bool = True,
) -> Matched | Refused:
    """Did treated units change more than the units that had their level and trend?

    What it asks: after / before of the treated over after / before of their matches, in the same
    periods: `before` periods up to the onset g, and from g on `after` of them or as many as the
    panel has.

    level = log(mean of the periods before + 1/2); trend = least-squares slope of those periods /
    (mean + 1/2). Both divided by their standard deviation over treated units and candidates of the
    unit's window; distance is Euclidean. Candidates: units with their onset behind the window
    (not_yet), or behind the panel. replace: each treated unit takes its `neighbours` nearest, and
    all that are as near as the last; else each candidate serves once and the sum of the distances
    is the smallest possible. caliper: largest distance allowed; units without a match inside are
    left out and named.

    se: root of the summed squares of each unit's influence, a candidate's uses added first, for
    neither side below that of Poisson counts. That the matches were searched for is not in it.

    When it lies: what is matched on by chance falls back. Where the treated start high and the
    candidates low, the nearest ones are those with an unlucky year; read `difference` first. A
    match on two numbers is no match on what made them.

    Source: E. Stuart, Statistical Science 25 (2010) 1-21.

    Raises ValueError for fewer than one neighbour, two periods before or one after.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> panel = treated([[8, 8, 4], [8, 8, 8], [1, 1, 2]], [2, NEVER, NEVER])
    >>> found = match(panel, neighbours=1, before=2, after=1)
    >>> found.match.tolist(), found.treated, found.matched, round(found.net.estimate, 4)
    ([1], 0.5, 1.0, -0.6931)
    """
    if neighbours < 1 or before < 2 or after < 1 or (caliper is not None and caliper < 0):
        raise ValueError("at least one neighbour, two periods before, one after, caliper from 0")
    periods = panel.outcome.shape[1]
    inside = (panel.onset >= before) & (panel.onset < periods)
    refused = _too_early(panel, before)
    if not inside.any():
        why = f"no unit begins with {before} periods before it and one after; shorten `before`"
        return Refused(ESTIMATOR, "net", why)
    units = np.flatnonzero(inside)
    first = panel.onset[units].astype(np.int64)
    last = np.minimum(first + after, periods)
    limit = last if not_yet else np.full(last.size, periods)
    open_to = panel.onset[None, :] >= limit[:, None]
    features = _features(panel.outcome, first, before)
    scale = _scale(features, units, open_to)
    own = features[np.arange(units.size), units]
    apart = np.sqrt((((features - own[:, None]) / scale) ** 2).sum(axis=2))
    apart[~open_to | (apart > (np.inf if caliper is None else caliper))] = np.inf
    chosen = _nearest(apart, neighbours) if replace else _assigned(panel, units, apart, neighbours)
    if chosen is None:
        why = f"there are too few candidates for {neighbours} a unit, each once; take fewer"
        return Refused(ESTIMATOR, "net", why)
    kept = chosen.any(axis=1)
    for unit in units[~kept]:
        why = "no candidate is as near as the caliper asks; widen it or leave the unit out"
        refused.append(Refused(ESTIMATOR, f"unit {unit}", why))
    if not kept.any():
        return Refused(ESTIMATOR, "net", "no treated unit has a match; widen the caliper")
    return _compared(
        panel.outcome,
        _Pairs(units[kept], first[kept], last[kept], before, open_to[kept], chosen[kept]),
        apart[kept],
        (features[kept], own[kept], scale),
        tuple(refused),
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Treated units (L,), their window, and (L, U) candidates and matches."""

    units: Ints
    first: Ints
    last: Ints
    before: int
    open_to: Bools
    chosen: Bools


def _compared(
    y: Floats,
    pairs: _Pairs,
    apart: Floats,
    alike: tuple[Floats, Floats, Floats],
    refused: tuple[Refused, ...],
) -> Matched | Refused:
    weight = pairs.chosen / pairs.chosen.sum(axis=1, keepdims=True)
    pool = pairs.open_to / pairs.open_to.sum(axis=1, keepdims=True)
    mine = np.zeros(weight.shape)
    mine[np.arange(mine.shape[0]), pairs.units] = 1
    windows, length = _windows(y, pairs)
    totals = [(w[:, :, None] * windows).sum(axis=(0, 1)) for w in (mine, weight, pool)]
    if not all(total.all() for total in totals):
        why = "the treated or their matches have no outcome before or after; take more neighbours"
        return Refused(ESTIMATOR, "net", why)
    features, own, scale = alike
    gaps = [
        (own.mean(axis=0) - (w[:, :, None] * features).sum(axis=1).mean(axis=0)) / scale
        for w in (pool, weight)
    ]
    row, column = np.nonzero(pairs.chosen)
    return Matched(
        unit=pairs.units[row],
        match=column,
        distance=apart[row, column],
        weight=weight[row, column],
        difference_before=gaps[0],
        difference=gaps[1],
        balanced=bool((np.abs(gaps[1]) <= BALANCED).all()),
        treated=float(totals[0][1] / totals[0][0]),
        matched=float(totals[1][1] / totals[1][0]),
        everyone=float(totals[2][1] / totals[2][0]),
        net=_estimate("net", windows, length, mine, weight),
        against_everyone=_estimate("against everyone", windows, length, mine, pool),
        refused=refused,
    )


def _too_early(panel: Treated, before: int) -> list[Refused]:
    early = int((panel.onset < before).sum())
    why = f"{early} units have fewer than {before} periods before their onset; left out"
    return [Refused(ESTIMATOR, "units", why)] if early else []


def _features(y: Floats, first: Ints, before: int) -> Floats:
    """(L, U, 2) level and trend of every unit before each treated unit's onset."""
    t = np.arange(before) - (before - 1) / 2
    span = np.stack([y[:, g - before : g] for g in first])
    mean = span.mean(axis=2) + 0.5
    return np.stack([np.log(mean), (span @ t) / (t @ t) / mean], axis=2)


def _scale(features: Floats, units: Ints, open_to: Bools) -> Floats:
    """(2,) standard deviation over the treated units and candidates of all windows."""
    used = open_to.copy()
    used[np.arange(units.size), units] = True
    spread = features[used].std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def _nearest(apart: Floats, neighbours: int) -> Bools:
    place = min(neighbours, apart.shape[1]) - 1
    edge = np.sort(apart, axis=1)[:, place]
    # Rounding must not decide between two that are equally near.
    found: Bools = np.isfinite(apart) & (apart <= edge[:, None] * (1 + 1e-12))
    return found


def _assigned(panel: Treated, units: Ints, apart: Floats, neighbours: int) -> Bools | None:
    """Every candidate once, smallest sum of distances; order of rows plays no part."""
    from scipy.optimize import linear_sum_assignment

    y = panel.outcome
    rows = np.lexsort(y[units].T)
    rows = rows[np.isfinite(apart[rows]).any(axis=1)]
    columns = np.lexsort(y.T)
    cost = np.repeat(apart[np.ix_(rows, columns)], neighbours, axis=0)
    if (np.isfinite(cost).any(axis=0)).sum() < cost.shape[0]:
        return None
    far = 1e6 * (1 + apart[np.isfinite(apart)].max(initial=0))
    row, column = linear_sum_assignment(np.where(np.isfinite(cost), cost, far))
    if not np.isfinite(cost[row, column]).all():
        return None
    chosen = np.zeros(apart.shape, dtype=bool)
    chosen[rows[row // neighbours], columns[column]] = True
    return chosen


def _windows(y: Floats, pairs: _Pairs) -> tuple[Floats, Floats]:
    """(L, U, 2) outcome a period of every unit before and after each onset; (L, 1, 2) periods."""
    spans = [
        (y[:, g - pairs.before : g], y[:, g:end])
        for g, end in zip(pairs.first, pairs.last, strict=True)
    ]
    means = [np.stack([a.mean(axis=1), b.mean(axis=1)], axis=1) for a, b in spans]
    length = [[[a.shape[1], b.shape[1]]] for a, b in spans]
    return np.stack(means), np.array(length, dtype=np.float64)


def _estimate(term: str, windows: Floats, length: Floats, mine: Floats, weight: Floats) -> Estimate:
    """Log ratio of the two groups' after / before."""
    value, variance = 0.0, 0.0
    for sign, w in ((1, mine), (-1, weight)):
        total = (w[:, :, None] * windows).sum(axis=(0, 1))
        value += sign * float(np.log(total[1] / total[0]))
        each = w[:, :, None] * windows / total
        parts = each[:, :, 1].sum(axis=0) - each[:, :, 0].sum(axis=0)
        # A count of n periods has a mean of variance mean / n.
        least = (w[:, :, None] ** 2 * windows / length / total**2).sum()
        variance += max(float(parts @ parts), float(least))
    se = float(np.sqrt(variance))
    n = int((mine + weight > 0).sum())
    kind = "clustered influence"
    return Estimate(ESTIMATOR, term, value, se, kind, two_sided(value, se), n, "log")
