"""Effects by cohort and period, each against units not treated then (Callaway and Sant'Anna)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused, Treated
from stoopstat.impact.influence import clustered_se, codes, two_sided

CONTROLS = ("never", "not_yet")
BASES = ("varying", "universal")
BY = ("simple", "cohort", "period", "event")
ESTIMATOR = "callaway_santanna"


@dataclass(frozen=True, slots=True)
class GroupTime:
    """One value per cohort and period, arrays of shape (K,), in the order of cohort, then period.

    cohort, period: columns. att: effect in outcomes a unit. se: clustered. treated, controls:
    numbers of units compared. refused: what has no number, and why. The rest: what was asked.
    """

    cohort: Ints
    period: Ints
    att: Floats
    se: Floats
    treated: Ints
    controls: Ints
    refused: tuple[Refused, ...]
    panel: Treated
    control: str
    base: str
    anticipation: int
    cluster: Ints | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Averages of a GroupTime: `overall`, and one term per place of `at`, arrays of shape (J,).

    at: cohort, period or event time of each term (empty for "simple"). influence: (U, J)
    contributions whose sum over the units is the error of each. overall, terms: the same
    numbers as `Estimate`s.
    """

    by: str
    at: Ints
    att: Floats
    se: Floats
    influence: Floats
    overall: Estimate
    terms: tuple[Estimate, ...]
    cluster: Ints | None


@dataclass(frozen=True, slots=True)
class Band:
    """Limits (J,) that hold all terms at once at `level`; critical: used in place of 1.96."""

    low: Floats
    high: Floats
    critical: float
    level: float


def group_time(
    panel: Treated,
    *,
    control: str = "never",
    base: str = "varying",
    anticipation: int = 0,
    cluster: ArrayLike | None = None,
) -> GroupTime:
    """The effect in each period on the units that began together.

    What it asks: how much more did cohort g change from before its start to period t than the
    units that were not treated by t?

    att(g, t) = mean over g of (y_t - y_b) - mean over controls of the same. b = g - 1 -
    anticipation from g - anticipation on; before that t - 1 with base "varying" (steps between
    neighbouring periods) or still g - 1 - anticipation with "universal" (distance from the start).
    control: "never", onset NEVER or behind the last column; "not_yet", those and any other unit
    with its onset after both t and b, by more than the anticipation. No covariates.
    cluster: (U,) names, each unit by default. se: from the influence function, without correction
    for a small sample. Units treated from the first column on have no before and are left out.

    When it lies: it compares differences of counts. Where treated areas start far above the rest
    and all fall by one ratio, the treated lose more and the method calls that an effect: ask
    `level_gap` first. A cohort of one or two units has a standard error that is far too small.

    Source: B. Callaway and P. Sant'Anna, Journal of Econometrics 225 (2021) 200-230.

    Raises ValueError for an unknown choice, a negative anticipation, or clusters of another length.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> found = group_time(treated([[5, 9], [3, 3], [4, 6]], [1, NEVER, NEVER]))
    >>> found.att.tolist(), found.se.round(4).tolist()
    ([3.0], [0.7071])
    """
    if control not in CONTROLS or base not in BASES:
        raise ValueError(f"control must be one of {CONTROLS}, base one of {BASES}")
    if anticipation < 0:
        raise ValueError("anticipation must not be negative")
    grouped = codes(cluster, panel.onset.size)
    refused = _left_out(panel)
    cells: list[Floats] = []
    for cohort in _cohorts(panel):
        if cohort - 1 - anticipation < 0:
            why = "it has no period before its start and the anticipation; leave it out"
            refused.append(Refused(ESTIMATOR, f"cohort {cohort}", why))
            continue
        t, att, pool, part = _cells(panel, cohort, control, base, anticipation)
        size = np.full(t.size, (panel.onset == cohort).sum())
        cells.append(np.stack([0 * t + cohort, t, att, clustered_se(part, grouped), size, pool]))
    table = np.concatenate([np.zeros((6, 0)), *cells], axis=1)
    some = table[5] > 0
    for cohort, period in table[:2, ~some].T.astype(int):
        why = "no unit was still untreated to compare with; end the panel earlier"
        refused.append(Refused(ESTIMATOR, f"cohort {cohort} period {period}", why))
    return GroupTime(
        cohort=table[0, some].astype(np.int64),
        period=table[1, some].astype(np.int64),
        att=table[2, some],
        se=table[3, some],
        treated=table[4, some].astype(np.int64),
        controls=table[5, some].astype(np.int64),
        refused=tuple(refused),
        panel=panel,
        control=control,
        base=base,
        anticipation=anticipation,
        cluster=grouped,
    )


def _left_out(panel: Treated) -> list[Refused]:
    early = int((panel.onset <= 0).sum())
    why = f"{early} units were treated from the first period on and have no before; left out"
    return [Refused(ESTIMATOR, "cohort 0", why)] if early else []


def _cohorts(panel: Treated) -> list[int]:
    return [int(g) for g in panel.cohorts if g > 0]


def _cells(
    panel: Treated, cohort: int, control: str, base: str, anticipation: int
) -> tuple[Ints, Floats, Ints, Floats]:
    """Of a cohort's cells: period, effect, number of controls, and the (U, cells) contributions."""
    periods = panel.outcome.shape[1]
    t = np.arange(periods)
    b = np.where(
        (t < cohort - anticipation) & (base == "varying"), t - 1, cohort - 1 - anticipation
    )
    t, b = t[(b >= 0) & (b != t)], b[(b >= 0) & (b != t)]
    ours, last = panel.onset == cohort, np.full(t.size, periods - 1)
    until = last if control == "never" else np.minimum(np.maximum(t, b) + anticipation, last)
    pool = (panel.onset[:, None] > until) & ~ours[:, None]
    change = panel.outcome[:, t] - panel.outcome[:, b]
    controls = pool.sum(axis=0)
    many = np.maximum(controls, 1)
    mean_ours = change[ours].mean(axis=0)
    mean_pool = np.where(pool, change, 0.0).sum(axis=0) / many
    part = np.where(pool, (mean_pool - change) / many, 0.0)
    part[ours] = (change[ours] - mean_ours) / ours.sum()
    return t, mean_ours - mean_pool, controls, part


def aggregate(
    found: GroupTime, *, by: str = "simple", between: tuple[int, int] | None = None
) -> Aggregate | Refused:
    """Average the effects by cohort and period into the numbers that are read.

    by "simple": overall over all cells from the onset on, weighted by the cohort's size. "cohort":
    a term per cohort, the plain mean of its periods; overall weighted by size. "period": a term
    per period, weighted by size; overall their plain mean. "event": a term per event time,
    weighted by size, those before 0 being a check of the design and not an effect; overall the
    plain mean of the terms from 0 on. between: first and last event time wanted, of `terms`
    alone; overall keeps all.

    The cohorts' sizes are estimated too, and their influence is in the standard error.

    When it lies: event times far from 0 come from few cohorts, so a slope over event time can be
    a change of cohorts.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> found = group_time(treated([[5, 9, 8], [3, 3, 3], [4, 6, 4]], [1, NEVER, NEVER]))
    >>> a = aggregate(found, by="event")
    >>> a.at.tolist(), a.att.tolist(), a.overall.estimate
    ([0, 1], [3.0, 3.0], 3.0)
    """
    if by not in BY:
        raise ValueError(f"by must be one of {BY}")
    event = found.period - found.cohort
    after = event >= 0
    if not after.any():
        why = "no cohort has both a period before its start and one after it with units to compare"
        return Refused(ESTIMATOR, "overall", why)
    key = {"simple": event, "cohort": found.cohort, "period": found.period, "event": event}[by]
    places = np.unique(key if by == "event" else key[after])
    if by == "simple":
        places, chosen = places[:0], after[:, None]
    else:
        chosen = (key[:, None] == places) & (after | (by == "event"))[:, None]
    atts, columns = _averages(found, chosen, sized=by != "cohort")
    att, influence = _overall(found, by, places, atts, columns)
    n = int((found.panel.onset > 0).sum()) * found.panel.outcome.shape[1]
    overall = _estimate("overall", att, float(clustered_se(influence, found.cluster)), n)
    wanted = np.ones(places.size, dtype=bool)
    if by == "event" and between is not None:
        wanted = (places >= between[0]) & (places <= between[1])
    places, atts, columns = (
        places[wanted],
        atts[: wanted.size][wanted],
        columns[:, : wanted.size][:, wanted],
    )
    ses = np.asarray(clustered_se(columns, found.cluster))
    terms = tuple(
        _estimate(f"{by} {place}", float(a), float(s), n)
        for place, a, s in zip(places, atts, ses, strict=True)
    )
    return Aggregate(by, places, atts, ses, columns, overall, terms, found.cluster)


def _overall(
    found: GroupTime, by: str, places: Ints, atts: Floats, columns: Floats
) -> tuple[float, Floats]:
    if by == "simple":
        return float(atts[0]), columns[:, 0]
    if by != "cohort":
        counted = places >= 0 if by == "event" else np.ones(places.size, dtype=bool)
        return float(atts[counted].mean()), columns[:, counted].mean(axis=1)
    size = (found.panel.onset[:, None] == places).sum(axis=0) / 1.0
    att = float(size @ atts / size.sum())
    own = (found.panel.onset[:, None] == places) @ ((atts - att) / size.sum())
    return att, columns @ (size / size.sum()) + own


def _averages(found: GroupTime, chosen: Bools, *, sized: bool) -> tuple[Floats, Floats]:
    """Means (J,) of the chosen cells (K, J), by the cohorts' sizes or plain, and contributions."""
    weight = np.where(chosen, found.treated[:, None] if sized else 1, 0) / 1.0
    total = weight.sum(axis=0)
    weight /= total
    atts = found.att @ weight
    beyond = np.where(chosen, found.att[:, None] - atts, 0.0) / total
    influence = np.zeros((found.panel.onset.size, total.size))
    for cohort in np.unique(found.cohort):
        ours = found.cohort == cohort
        t, _, _, part = _cells(
            found.panel, int(cohort), found.control, found.base, found.anticipation
        )
        influence += part[:, np.isin(t, found.period[ours])] @ weight[ours]
        if sized:  # the cohort's size is itself an estimate
            influence[found.panel.onset == cohort] += beyond[ours].sum(axis=0)
    return atts, influence


def _estimate(term: str, att: float, se: float, n: int) -> Estimate:
    kind = "clustered influence"
    return Estimate(ESTIMATOR, term, att, se, kind, two_sided(att, se), n, "count")


def uniform_band(
    found: Aggregate, *, rng: np.random.Generator, draws: int = 999, level: float = 0.95
) -> Band:
    """Limits that hold for all terms together, by the multiplier bootstrap.

    What it asks: how far may the whole curve of effects lie from the true one?

    Each draw gives every cluster a weight of mean 0 and variance 1 (Mammen's two points) and adds
    up its contributions; the error of a term is read off the draws' quartiles, and critical is
    the `level` quantile of the largest |draw| / error over the terms.

    Source: as group_time, section 4; E. Mammen, Annals of Statistics 21 (1993) 255-285.

    Raises ValueError without terms (by "simple"), or below 99 draws.
    """
    from scipy.special import ndtri

    if found.att.size == 0 or draws < 99 or not 0 < level < 1:
        raise ValueError("a band needs terms, at least 99 draws and a level between 0 and 1")
    units = found.influence.shape[0]
    group = np.arange(units) if found.cluster is None else found.cluster
    root = np.sqrt(5.0)
    up = rng.random((draws, int(group.max()) + 1)) < (root - 1) / (2 * root)
    weight = np.where(up, (1 + root) / 2, (1 - root) / 2)
    drawn = weight[:, group] @ found.influence
    low, high = np.quantile(drawn, (0.25, 0.75), axis=0)
    error = (high - low) / (2 * float(ndtri(0.75)))
    some = error > 0
    largest = np.max(np.abs(drawn[:, some]) / error[some], axis=1) if some.any() else np.zeros(1)
    critical = max(float(np.quantile(largest, level)), float(ndtri(0.5 + level / 2)))
    reach = critical * error
    return Band(found.att - reach, found.att + reach, critical, level)
