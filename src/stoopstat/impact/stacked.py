"""One small experiment for each cohort, stacked on one another (Cengiz and others)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused, Treated
from stoopstat.impact.influence import clustered_se, codes, two_sided

FAMILIES = ("linear", "poisson")
WEIGHTS = ("plain", "shares")


@dataclass(frozen=True, slots=True)
class Stacked:
    """The stacked experiments, arrays of shape (S,), and what they say together.

    cohort: onset columns. first, last: the window's columns. treated, controls: numbers of units.
    overall: the effect. terms: by event time, for "shares" alone. influence: (U, 1 + terms)
    contributions whose sum over the units is the error, overall first. refused: cohorts left out.
    """

    cohort: Ints
    first: Ints
    last: Ints
    treated: Ints
    controls: Ints
    overall: Estimate
    terms: tuple[Estimate, ...]
    influence: Floats
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _Stack:
    cohort: int
    t: Ints
    ours: Bools
    pool: Bools

    @property
    def after(self) -> Bools:
        found: Bools = self.t >= self.cohort
        return found


def stack(
    panel: Treated,
    *,
    before: int = 5,
    after: int = 3,
    family: str = "poisson",
    weights: str = "plain",
    cluster: ArrayLike | None = None,
) -> Stacked | Refused:
    """Each cohort beside units untreated to the end of its window, all windows together.

    What it asks: the effect over the first periods, never using a unit that is already treated.

    A stack holds cohort g and the units with an onset behind its window, from g - before to
    g + after.
    - "plain": one coefficient of treated x after, effects for each unit and period of each stack;
      the data weight the stacks. Windows that the panel cuts are used as they are. Linear "count",
      or Poisson "log".
    - "shares" (linear): treated units weigh 1, the controls of a stack so that they stand to all
      controls as its treated to all treated: the treated units' mean effect. A term per event time
      against -1; overall is the mean of those from 0 on. Windows that the panel cuts are left out.

    se: exact sandwich clustered by unit (it stands in several stacks), or by the names in cluster
    (U,), times G / (G - 1) * (n - 1) / (n - k): n counts stacked cells, k the coefficient and the
    periods of the stacks (plain), or the two means a period (shares).

    When it lies: linear as group_time of callaway, ask `level_gap`. Short windows say nothing of
    later years. Plain favours stacks with balanced groups, not the treated units' mean. With six
    treated units of Sample City its intervals cover 80 to 90 in 100 instead of 95.

    Sources: D. Cengiz and others, Quarterly Journal of Economics 134 (2019) 1405-1454; C. Wing,
    S. Freedman and A. Hollingsworth, NBER working paper 32054 (2024) (shares).

    Raises ValueError for an unknown choice, a window without a period before or after, or clusters
    of another length.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> panel = treated([[8, 8, 4, 4], [4, 4, 4, 4], [4, 4, 4, 4]], [2, NEVER, NEVER])
    >>> round(stack(panel, before=2, after=1).overall.estimate, 6)
    -0.693147
    >>> round(stack(panel, before=2, after=1, family="linear").overall.estimate, 6)
    -4.0
    """
    if (
        family not in FAMILIES
        or weights not in WEIGHTS
        or (weights, family)[0:2]
        == (
            "shares",
            "poisson",
        )
    ):
        raise ValueError(f"family must be of {FAMILIES}, weights of {WEIGHTS}, shares are linear")
    if before < 1 or after < 0:
        raise ValueError("a window needs at least one period before and the first one after")
    grouped = codes(cluster, panel.onset.size)
    estimator = f"stacked_{family}" if weights == "plain" else "stacked_shares"
    stacks, refused = _stacks(estimator, panel, before, after, whole=weights == "shares")
    if not stacks:
        why = "no cohort has a window with periods before and after and units to compare with"
        return Refused(estimator, "overall", why)
    n = sum(s.t.size * int((s.ours | s.pool).sum()) for s in stacks)
    at: list[int] = []
    if weights == "shares":
        at = [e for e in range(-before, after + 1) if e != -1]
        values, part = _shares(panel.outcome, stacks, before)
        k = 2 * (before + after + 1)
    else:
        fitted = (_linear if family == "linear" else _poisson)(panel.outcome, stacks)
        if fitted is None:
            why = "a group has no event before or after in every stack; widen the window"
            return Refused(estimator, "overall", why)
        values, part = fitted
        k = 1 + sum(s.t.size for s in stacks)
    inside = np.logical_or.reduce([s.ours | s.pool for s in stacks])
    part = part * _correction(n, k, inside, grouped)
    found = _estimates(estimator, at, values, np.asarray(clustered_se(part, grouped)), n)
    sizes = np.array([(s.cohort, s.t[0], s.t[-1], s.ours.sum(), s.pool.sum()) for s in stacks])
    cohort, first, last, ours, pool = sizes.T
    return Stacked(cohort, first, last, ours, pool, found[0], found[1:], part, refused)


def _estimates(
    estimator: str, at: list[int], values: Floats, ses: Floats, n: int
) -> tuple[Estimate, ...]:
    scale = "log" if estimator == "stacked_poisson" else "count"
    names = ["overall", *(f"event {e}" for e in at)]
    return tuple(
        Estimate(
            estimator, term, float(v), float(s), "CR1", two_sided(float(v), float(s)), n, scale
        )
        for term, v, s in zip(names, values, ses, strict=True)
    )


def _stacks(
    estimator: str, panel: Treated, before: int, after: int, *, whole: bool
) -> tuple[list[_Stack], tuple[Refused, ...]]:
    last = panel.outcome.shape[1] - 1
    stacks, refused = [], []
    for cohort in panel.cohorts.tolist():
        t = np.arange(max(cohort - before, 0), min(cohort + after, last) + 1)
        pool = panel.onset > t[-1]
        cut = t.size < before + after + 1
        if cohort == 0 or (cut and whole):
            why = "the panel cuts its window; shorten the window or lengthen the panel"
        elif not pool.any():
            why = "no unit stays untreated to the end of its window; shorten it"
        else:
            stacks.append(_Stack(cohort, t, panel.onset == cohort, pool))
            continue
        refused.append(Refused(estimator, f"cohort {cohort}", why))
    return stacks, tuple(refused)


def _correction(n: int, k: int, inside: Bools, grouped: Ints | None) -> float:
    clusters = int(inside.sum() if grouped is None else np.unique(grouped[inside]).size)
    if clusters < 2 or n <= k:
        return float("nan")
    return float(np.sqrt(clusters / (clusters - 1) * (n - 1) / (n - k)))


def _linear(y: Floats, stacks: list[_Stack]) -> tuple[Floats, Floats]:
    """The coefficient: differences in differences, by how much each stack can tell."""
    gains, powers, parts = [], [], []
    for s in stacks:
        change = y[:, s.t[s.after]].mean(axis=1) - y[:, s.t[~s.after]].mean(axis=1)
        gains.append(change[s.ours].mean() - change[s.pool].mean())
        groups = s.ours.sum() * s.pool.sum() / (s.ours | s.pool).sum()
        powers.append(groups * s.after.sum() * (~s.after).sum() / s.t.size)
        parts.append(change)
    power = np.array(powers)
    effect = float(power @ gains / power.sum())
    score = np.zeros(y.shape[0])
    for s, change, gain, strength in zip(stacks, parts, gains, power, strict=True):
        # What effects and coefficient leave of each unit's change, times its residual regressor.
        for mine, sign in ((s.ours, 1), (s.pool, -1)):
            # The stack's gain beyond the common one falls to the two groups by the others' share.
            beyond = (gain - effect) * (1 - mine.sum() / (s.ours | s.pool).sum())
            rest = change[mine] - change[mine].mean() + sign * beyond
            score[mine] += sign * strength / mine.sum() * rest
    return np.array([effect]), score[:, None] / power.sum()


def _poisson(y: Floats, stacks: list[_Stack]) -> tuple[Floats, Floats] | None:
    """The same for log means.

    Given a period's total, the treated part of it is binomial with log odds a_s + effect x after,
    so each stack is a table of two groups by before and after, and the effect is their common
    log odds ratio.
    """
    sums = [
        np.stack([y[:, s.t[~s.after]].sum(axis=1), y[:, s.t[s.after]].sum(axis=1)]) for s in stacks
    ]
    ours = np.array([each[:, s.ours].sum(axis=1) for s, each in zip(stacks, sums, strict=True)])
    total = ours + [each[:, s.pool].sum(axis=1) for s, each in zip(stacks, sums, strict=True)]
    found = _common_odds(ours, total)
    if found is None:
        return None
    effect, p = found
    weight = total * p * (1 - p)
    whole = weight.sum(axis=1)
    left = np.array([0.0, 1.0]) - (weight[:, 1] / np.where(whole > 0, whole, 1.0))[:, None]
    left[whole == 0] = 0
    score = np.zeros(y.shape[0])
    for s, each, chance, size, rest in zip(stacks, sums, p, total, left, strict=True):
        for mine, own, part in (
            (s.ours, chance, (1 - chance) * rest),
            (s.pool, 1 - chance, -chance * rest),
        ):
            share = size * own
            mean = share / share.sum() if share.sum() else share
            seen = each[:, mine]
            score[mine] += part @ (seen - np.outer(mean, seen.sum(axis=0)))
    return np.array([effect]), score[:, None] / (weight * left**2).sum()


def _common_odds(ours: Floats, total: Floats) -> tuple[float, Floats] | None:
    """Log odds ratio shared by (S, 2) tables, and the fitted chances (S, 2); None if infinite."""
    mine, whole = ours.sum(axis=1), total.sum(axis=1)
    least = np.maximum(0, mine - total[:, 0])
    most = np.minimum(mine, total[:, 1])
    tells = most > least
    if not (ours[tells, 1] > least[tells]).any() or not (ours[tells, 1] < most[tells]).any():
        return None
    effect, base = 0.0, np.log((mine + 0.5) / (whole - mine + 0.5))
    for _ in range(200):
        p = 1 / (1 + np.exp(-(base[:, None] + effect * np.array([0, 1]))))
        weight = total * p * (1 - p)
        error = ours - total * p
        error[~tells] = 0
        inner = np.where(tells, weight.sum(axis=1), 1.0)
        information = (weight[:, 1] - weight[:, 1] ** 2 / inner)[tells].sum()
        step = (error[:, 1] - weight[:, 1] * error.sum(axis=1) / inner).sum() / information
        step = float(np.clip(step, -1, 1))
        base = base + np.clip((error.sum(axis=1) - step * weight[:, 1] * tells) / inner, -2, 2)
        effect += step
        if abs(step) < 1e-13:
            break
    # A stack in which one group had no event has no part in the effect, and no residual.
    p[~tells] = np.where(mine[~tells, None] > 0, 1.0, 0.0)
    return effect, p


def _shares(y: Floats, stacks: list[_Stack], before: int) -> tuple[Floats, Floats]:
    """Overall and event times but -1: pooled weighted means, and the units' contributions."""
    sizes = np.array([[s.ours.sum(), s.pool.sum()] for s in stacks], dtype=np.float64)
    share = sizes / sizes.sum(axis=0)
    scaled = (share[:, 0] / share[:, 1])[:, None] * np.array([0, 1]) + np.array([1, 0])
    weight = scaled / (scaled * sizes).sum(axis=0)
    means, parts = [], np.zeros((y.shape[0], stacks[0].t.size))
    for group, sign in ((0, 1), (1, -1)):
        units = [(s.ours, s.pool)[group] for s in stacks]
        rows = [y[mine][:, s.t] for mine, s in zip(units, stacks, strict=True)]
        mean = np.sum([w * r.sum(axis=0) for w, r in zip(weight[:, group], rows, strict=True)], 0)
        for mine, row, w in zip(units, rows, weight[:, group], strict=True):
            parts[mine] += sign * w * (row - mean)
        means.append(sign * mean)
    gap = means[0] + means[1]
    gap, parts = gap - gap[before - 1], parts - parts[:, [before - 1]]
    events = np.delete(np.arange(gap.size), before - 1)
    values = np.concatenate([[gap[before:].mean()], gap[events]])
    return values, np.column_stack([parts[:, before:].mean(axis=1), parts[:, events]])
