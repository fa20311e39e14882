"""Event study with one path for each cohort, averaged by their sizes (Sun and Abraham)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused, Treated
from stoopstat.impact.influence import Joint, carrying, clustered_se, codes, joint, known, two_sided

FAMILIES = ("linear", "poisson")


@dataclass(frozen=True, slots=True)
class CohortPaths:
    """One value per event time but -1, arrays of shape (J,); and per cohort and event time, (K,).

    at: event time. att, se: average over the cohorts seen there. influence: (U, J) contributions
    whose sum over the units is the error of att, the correction included. cohort, event, effect,
    effect_se: (K,). overall: over all cells from the onset on. pretrend: joint test of event
    times -2 to -leads. refused: cells without a number, and why.
    """

    at: Ints
    att: Floats
    se: Floats
    influence: Floats
    cohort: Ints
    event: Ints
    effect: Floats
    effect_se: Floats
    overall: Estimate
    terms: tuple[Estimate, ...]
    pretrend: Joint | Refused
    refused: tuple[Refused, ...]


def sun_abraham(
    panel: Treated, *, family: str = "linear", cluster: ArrayLike | None = None, leads: int = 5
) -> CohortPaths | Refused:
    """How did each cohort move around its onset, against the units never treated in the panel?

    The regression of y on unit effects, period effects and one indicator for each cohort and event
    time but -1 is saturated, so its coefficients have a closed form. Linear, "count":
    d(g, e) = mean over g of (y_{g+e} - y_{g-1}) - mean over the others of the same. Poisson, "log":
    d(g, e) = log(Y_g,g+e / Y_g,g-1) - log(Y_o,g+e / Y_o,g-1), Y being sums over the units. att(e)
    and overall weight the cohorts by their number of units, taken as known.

    se: the exact sandwich clustered by unit, or by the names in cluster (U,), times
    G / (G - 1) * (n - 1) / (n - k), where k counts the interactions and the periods, not the unit
    effects, which lie within clusters. It is a sum over units and depends on nothing else.

    When it lies: a cohort of one unit contributes nothing to the error, which is NaN where such
    cohorts hold more than a quarter of an average. Linear: as group_time of callaway, ask
    `level_gap` first. Event times far from 0 come from few cohorts.

    Sources: L. Sun and S. Abraham, Journal of Econometrics 225 (2021) 175-199; J. Wooldridge, The
    Econometrics Journal 26 (2023) C31-C66 (Poisson).

    Raises ValueError for an unknown family, fewer than 2 leads, or clusters of another length.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> panel = treated([[6, 8, 4], [3, 4, 4], [3, 4, 4]], [2, NEVER, NEVER])
    >>> sun_abraham(panel).terms[1].estimate, sun_abraham(panel, family="poisson").att.round(4)
    (-4.0, array([ 0.    , -0.6931]))
    """
    if family not in FAMILIES or leads < 2:
        raise ValueError(f"family must be one of {FAMILIES}, leads at least 2")
    grouped = codes(cluster, panel.onset.size)
    estimator = f"sun_abraham_{family}"
    periods = panel.outcome.shape[1]
    cohorts = [int(g) for g in panel.cohorts if g > 0]
    pool = panel.onset >= periods
    member = panel.onset > 0
    if not cohorts or not pool.any():
        why = "it needs units that begin after the first period and units that never do"
        return Refused(estimator, "overall", why)
    keys = [(g, t) for g in cohorts for t in range(periods) if t != g - 1]
    cohort, period = np.array(keys, dtype=np.int64).T
    event = period - cohort
    at = np.unique(event)
    # Each cohort has one cell in each of its event times; the last column is overall.
    size = np.array([(panel.onset == g).sum() for g in cohort], dtype=np.float64)
    place, after = np.searchsorted(at, event), event >= 0
    total = _sums(size, place, after)
    n = int(member.sum()) * periods
    factor = _correction(n, cohort.size + periods, member, grouped)
    influence = np.zeros((member.size, total.size))
    effect, effect_se = np.zeros((2, cohort.size))
    for g in cohorts:
        ours = cohort == g
        effect[ours], part = _path(panel.outcome, panel.onset == g, pool, g - 1, family)
        scaled = factor * part
        influence[:, place[ours]] += scaled * (size / total[place])[ours]
        influence[:, -1] += scaled @ (size * after / total[-1])[ours]
        effect_se[ours] = clustered_se(scaled, grouped)
    unknown = ~np.isfinite(effect)
    lost = _sums(unknown, place, after) > 0
    att = _sums(np.where(unknown, 0.0, effect) * size, place, after) / total
    att[lost], influence[:, lost] = np.nan, np.nan
    alone = _sums(size == 1, place, after) / total
    terms = _terms(estimator, at, att, known(clustered_se(influence, grouped), alone), n)
    early = np.append((at < -1) & (at >= -leads), False) & ~lost
    return CohortPaths(
        at=at,
        att=att[:-1],
        se=np.array([term.se for term in terms[:-1]]),
        influence=influence[:, :-1],
        cohort=cohort,
        event=event,
        effect=effect,
        effect_se=effect_se,
        overall=terms[-1],
        terms=tuple(terms[:-1]),
        pretrend=_before(estimator, att[early], influence[:, early], member & ~pool, grouped),
        refused=_without(estimator, cohort[unknown], event[unknown]),
    )


def _sums(values: Floats | Bools, place: Ints, after: Bools) -> Floats:
    """By event time, and at last over all cells from the onset on."""
    return np.append(np.bincount(place, weights=values), values[after].sum())


def _before(
    estimator: str, att: Floats, influence: Floats, ours: Bools, grouped: Ints | None
) -> Joint | Refused:
    carriers = carrying(influence, ours, grouped)
    return joint(estimator, att, influence, grouped, carriers=carriers)


def _terms(estimator: str, at: Ints, att: Floats, se: Floats, n: int) -> list[Estimate]:
    scale = "log" if estimator.endswith("poisson") else "count"
    names = [*(f"event {e}" for e in at), "overall"]
    return [
        Estimate(
            estimator, name, float(a), float(s), "CR1", two_sided(float(a), float(s)), n, scale
        )
        for name, a, s in zip(names, att, se, strict=True)
    ]


def _correction(n: int, k: int, member: Bools, grouped: Ints | None) -> float:
    """By how much the errors are raised for few clusters and many coefficients."""
    clusters = int(member.sum() if grouped is None else np.unique(grouped[member]).size)
    if clusters < 2 or n <= k:
        return float("nan")
    return float(np.sqrt(clusters / (clusters - 1) * (n - 1) / (n - k)))


def _path(y: Floats, ours: Bools, pool: Bools, base: int, family: str) -> tuple[Floats, Floats]:
    """A cohort's effects at all periods but its base, and the units' (U, T - 1) contributions."""
    t = np.delete(np.arange(y.shape[1]), base)
    part = np.zeros((y.shape[0], t.size))
    path = []
    for sign, units in ((1, ours), (-1, pool)):
        if family == "linear":
            change = y[units][:, t] - y[units, base][:, None]
            path.append(change.mean(axis=0))
            part[units] = sign * (change - path[-1]) / units.sum()
        else:
            total = y[units].sum(axis=0)
            with np.errstate(divide="ignore", invalid="ignore"):
                path.append(np.log(total[t] / total[base]))
                share = y[units] / total
            part[units] = np.nan_to_num(sign * (share[:, t] - share[:, base][:, None]))
    with np.errstate(invalid="ignore"):
        return path[0] - path[1], part


def _without(estimator: str, cohort: Ints, event: Ints) -> tuple[Refused, ...]:
    why = "the cohort or its comparison has no event then or at -1; join periods or cohorts"
    return tuple(
        Refused(estimator, f"cohort {g} event {e}", why) for g, e in zip(cohort, event, strict=True)
    )
