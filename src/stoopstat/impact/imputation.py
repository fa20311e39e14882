"""What would have been, from the untreated cells alone (Borusyak, Jaravel and Spiess)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import Estimate, Refused, Treated
from stoopstat.impact.influence import Joint, carrying, clustered_se, codes, joint, known, two_sided
from stoopstat.impact.twoway import FITTED, connected, solve

FAMILIES = ("linear", "poisson")
ERRORS = ("conservative", "sampling")


@dataclass(frozen=True, slots=True)
class Imputed:
    """One value per event time from 0 on, arrays of shape (J,).

    at: event time. att, se: "count" for linear, "log" of a ratio of sums for poisson. influence:
    (U, J) contributions whose sum over the units is the error. untreated: (U, T) what would have
    been, NaN where nothing says. overall: over all treated cells. excess: outcomes in all treated
    cells more than would have been, a number of victims. pretrend: joint test of the last periods
    before the onset. refused: what has no number, and why.
    """

    at: Ints
    att: Floats
    se: Floats
    influence: Floats
    untreated: Floats
    overall: Estimate
    excess: Estimate
    terms: tuple[Estimate, ...]
    pretrend: Joint | Refused
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Resampled:
    """Standard errors over draws of whole units: of overall, of excess, and of the terms (J,)."""

    overall: float
    excess: float
    terms: Floats
    draws: int


def impute(
    panel: Treated,
    *,
    family: str = "poisson",
    errors: str | None = None,
    cluster: ArrayLike | None = None,
    anticipation: int = 0,
    leads: int = 4,
) -> Imputed | Refused:
    """Fit unit and period effects where nothing was treated; compare the treated cells with them.

    What it asks: how many outcomes fewer (or what part of them) than if every treated unit had
    gone on as its own past and the untreated units of each period say?

    Untreated: periods before the onset less the anticipation, and all of units never treated in
    the panel. Linear: y0 = a_i + b_t by least squares; the effect is the mean of y - y0. Poisson:
    log mean0 = a_i + b_t by maximum likelihood; the effect is log(sum y / sum mean0), so an area
    with no event weighs nothing and no zero is a trouble.

    errors, clustered by unit or by the names in cluster (U,), without small-sample correction:
    - "sampling" (default for poisson): each unit's influence on the estimate, cells of a unit
      differing from the whole effect being chance (the two-stage errors of Gardner).
    - "conservative" (default for linear): those cells differ from the mean of their cohort and
      event time; between cohorts nothing is chance. A cohort of one unit adds no error of its own:
      where such cohorts hold more than a quarter of the cells, the error is NaN.

    pretrend: do the `leads` untreated periods before the onset together differ from earlier ones?

    When it lies: linear as group_time of callaway, ask `level_gap`. It leans on all periods before
    the onset alike, so units that drifted apart long ago show as an effect. Units without an event
    before are left out (poisson). With six treated intervals cover 85 to 90 in 100 instead of 95.

    Sources: K. Borusyak, X. Jaravel and J. Spiess, Review of Economic Studies 91 (2024) 3253-3285;
    J. Gardner, arXiv 2207.05943 (2022); J. Wooldridge, The Econometrics Journal 26 (2023).

    Raises ValueError for an unknown choice, or clusters of another length.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> panel = treated([[8, 12, 5], [4, 6, 5], [4, 6, 5]], [2, NEVER, NEVER])
    >>> found = impute(panel)
    >>> round(found.overall.estimate, 6), round(found.excess.estimate, 6)
    (-0.693147, -5.0)
    >>> round(impute(panel, family="linear").overall.estimate, 6)
    -5.0
    """
    chosen = errors or ("conservative" if family == "linear" else "sampling")
    if family not in FAMILIES or chosen not in ERRORS or anticipation < 0 or leads < 1:
        raise ValueError(f"family must be of {FAMILIES}, errors of {ERRORS}, the rest not negative")
    estimator = f"imputation_{family}"
    grouped = codes(cluster, panel.onset.size)
    used = _untreated(panel, anticipation)
    model = _fit(panel.outcome, used, family)
    if isinstance(model, str):
        return Refused(estimator, "overall", model)
    mean, weight, live = model
    after = (panel.event_time >= 0) & (panel.onset < panel.outcome.shape[1])[:, None]
    cells = after & np.isfinite(mean)
    refused = _lost(estimator, after & ~cells)
    if not cells.any() or (family == "poisson" and panel.outcome[cells].sum() == 0):
        why = "no treated cell has both outcomes and untreated cells of its unit and its period"
        return Refused(estimator, "overall", why)
    at = np.unique(panel.event_time[cells]).astype(np.int64)
    values, parts = _effects(panel, (mean, weight, live), cells, at, family, chosen)
    more, part = _excess(panel, mean, cells, values[0], parts[:, 0], family)
    values, parts = np.append(values, more), np.column_stack([parts, part])
    n = int((used | cells).sum())
    ses = _errors(panel, cells, at, clustered_se(parts, grouped), chosen)
    found = _estimates(estimator, at, values, ses, f"clustered {chosen}", n)
    return Imputed(
        at=at,
        att=np.array([e.estimate for e in found[1:-1]]),
        se=np.array([e.se for e in found[1:-1]]),
        influence=parts[:, 1:-1],
        untreated=mean,
        overall=found[0],
        excess=found[-1],
        terms=tuple(found[1:-1]),
        pretrend=_pretrend(estimator, panel, used, live, grouped, family, leads),
        refused=refused,
    )


def _errors(panel: Treated, cells: Bools, at: Ints, ses: Floats, errors: str) -> Floats:
    """Conservative errors of overall, the event times and excess are unknown where cohorts of one
    unit hold too many of the cells."""
    if errors != "conservative":
        return ses
    began, size = np.unique(panel.onset, return_counts=True)
    lone = cells & np.isin(panel.onset, began[size == 1])[:, None]
    every = [cells, *(cells & (panel.event_time == e) for e in at), cells]
    found: Floats = known(ses, [(lone & each).sum() / each.sum() for each in every])
    return found


def _estimates(
    estimator: str, at: Ints, values: Floats, ses: Floats, kind: str, n: int
) -> list[Estimate]:
    names = ["overall", *(f"event {e}" for e in at), "excess"]
    out = []
    for name, value, se in zip(names, values.tolist(), ses.tolist(), strict=True):
        scale = "log" if estimator.endswith("poisson") and name != "excess" else "count"
        out.append(Estimate(estimator, name, value, se, kind, two_sided(value, se), n, scale))
    return out


def _untreated(panel: Treated, anticipation: int) -> Bools:
    inside = panel.onset < panel.outcome.shape[1]
    used: Bools = (panel.event_time < -anticipation) | ~inside[:, None]
    return used


def _fit(y: Floats, used: Bools, family: str) -> tuple[Floats, Floats, Bools] | str:
    """Untreated means (U, T), NaN where unknown, weights and live cells of the fit; or why not."""
    if family == "linear":
        live, logs, why = used, y, ""
        weight = used / 1.0
    else:
        live = used & ((y * used).sum(axis=1) > 0)[:, None] & ((y * used).sum(axis=0) > 0)
        if not live.any():
            return "there is no event in an untreated cell"
        solved = solve(y[None], np.zeros((0, *y.shape)), used)
        why = "" if solved.state[0] == FITTED else "the untreated counts hold too many zeros"
        weight = solved.fitted[0]
        # The fitted log means are exactly additive, so least squares gives their effects back.
        live &= weight > 0
        logs = np.log(np.where(live, weight, 1.0))
    if why or not connected(live):
        cut = "untreated cells fall into parts that share no unit and no period"
        return f"{why or cut}; join periods or leave units out"
    row, column = _two_way(live / 1.0, (logs * live).sum(axis=1), (logs * live).sum(axis=0))
    mean = row[:, None] + column
    mean = mean if family == "linear" else np.exp(mean)
    mean[~live.any(axis=1)], mean[:, ~live.any(axis=0)] = np.nan, np.nan
    return mean, np.where(live, weight, 0.0), live


def _two_way(weight: Floats, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Effects a, b that solve the normal equations; right sides may have several columns."""
    total = weight.sum(axis=1)
    total = np.where(total > 0, total, 1.0)
    share = weight / total[:, None]
    inner = np.diag(weight.sum(axis=0)) - share.T @ weight
    # Only a + b is known: this holds the columns' sum at 0, and lets empty ones be.
    dead = np.diag(inner) <= 0
    inner += weight.sum() / weight.shape[1] ** 2 + np.diag(dead / 1.0)
    column = np.asarray(np.linalg.solve(inner, columns - share.T @ rows), dtype=np.float64)
    return ((rows - weight @ column).T / total).T, column


def _effects(
    panel: Treated,
    model: tuple[Floats, Floats, Bools],
    cells: Bools,
    at: Ints,
    family: str,
    errors: str,
) -> tuple[Floats, Floats]:
    """Effect over all treated cells and by event time, and the units' (U, 1 + J) contributions."""
    mean, weight, live = model
    ours = cells.any(axis=1)
    y, event, m = panel.outcome[ours], panel.event_time[ours], mean[ours]
    expected = np.where(cells[ours], m if family == "poisson" else 1.0, 0.0)
    gain = np.where(cells[ours], y if family == "poisson" else y - m, 0.0)
    usual = _by_cohort(panel.onset[ours], gain, expected) if errors == "conservative" else None
    values = np.zeros(1 + at.size)
    own, rows = np.zeros((2, ours.sum(), values.size))
    columns = np.zeros((y.shape[1], values.size))
    for place, chosen in enumerate([cells[ours], *(cells[ours] & (event == e) for e in at)]):
        base, here = expected * chosen, gain * chosen
        ratio = here.sum() / base.sum()
        pull = base / base.sum()
        rows[:, place], columns[:, place] = pull.sum(axis=1), pull.sum(axis=0)
        rest = here - (ratio if usual is None else usual) * base
        if family == "linear":
            values[place], own[:, place] = ratio, rest.sum(axis=1) / base.sum()
        elif ratio > 0:
            values[place], own[:, place] = np.log(ratio), rest.sum(axis=1) / here.sum()
        else:
            values[place], own[:, place] = np.nan, np.nan
    whole = np.zeros((mean.shape[0], values.size))
    whole[ours] = rows
    row, column = _two_way(weight, whole, columns)
    error = np.where(live, panel.outcome - mean, 0.0)
    parts = -(row * error.sum(axis=1)[:, None] + error @ column)
    parts[ours] += own
    return values, parts


def _by_cohort(onset: Floats, top: Floats, bottom: Floats) -> Floats:
    """In each cell the ratio of sums over the cohort in that period."""
    out = np.zeros(top.shape)
    for cohort in np.unique(onset):
        ours = onset == cohort
        below = bottom[ours].sum(axis=0)
        out[ours] = top[ours].sum(axis=0) / np.where(below > 0, below, 1.0)
    return out


def _excess(
    panel: Treated, mean: Floats, cells: Bools, value: float, part: Floats, family: str
) -> tuple[float, Floats]:
    """Outcomes beyond what would have been, and what each unit contributes to the error."""
    y, expected = panel.outcome, np.where(cells, mean, 0.0)
    more = float((y[cells] - mean[cells]).sum())
    if family == "linear":
        return more, part * cells.sum()
    # Sum y - sum m: the error of log(sum y / sum m) times sum m, and that of sum y beyond.
    ratio = float(np.exp(value))
    beyond = (y * cells - ratio * expected).sum(axis=1) * (1 - 1 / ratio)
    return more, part * expected.sum() + beyond


def _lost(estimator: str, lost: Bools) -> tuple[Refused, ...]:
    if not lost.any():
        return ()
    why = (
        f"{int(lost.sum())} treated cells have no untreated cell of their unit or their period "
        "to say what would have been; left out"
    )
    return (Refused(estimator, "cells", why),)


def _pretrend(
    estimator: str,
    panel: Treated,
    used: Bools,
    live: Bools,
    grouped: Ints | None,
    family: str,
    leads: int,
) -> Joint | Refused:
    """Joint test of the last untreated periods of units that are treated later in the panel."""
    y = panel.outcome
    inside = (panel.onset < y.shape[1])[:, None] & live
    gap = np.where(inside, panel.event_time, -np.inf)
    latest = gap.max()
    if not np.isfinite(latest):
        return Refused(estimator, "joint test", "no treated unit has a period before its onset")
    terms = np.array([(gap == latest - lead) / 1.0 for lead in range(leads)])
    if family == "poisson":
        solved = solve(y[None], terms, used)
        left, bread, coef = solved.left[0], solved.information[0], solved.coef[0]
        error = np.where(used, y - solved.fitted[0], 0.0)
        sound = solved.state[0] == FITTED
    else:
        left = np.array([_residual(live, term) for term in terms])
        bread = np.einsum("jut,kut->jk", left, left)
        sound = bool(np.linalg.matrix_rank(bread) == leads)
        own = _residual(live, y)
        coef = np.linalg.lstsq(bread, np.einsum("kut,ut->k", left, own), rcond=None)[0]
        error = own - np.einsum("k,kut->ut", coef, left)
    if not sound:
        why = f"the {leads} periods before the onset leave no earlier ones to compare with"
        return Refused(estimator, "joint test", why)
    scores = np.einsum("kut,ut->uk", left, error)
    parts = np.linalg.solve(bread, scores.T).T
    carriers = carrying(parts, inside.any(axis=1), grouped)
    return joint(estimator, coef, parts, grouped, carriers=carriers)


def _residual(live: Bools, values: Floats) -> Floats:
    inside = values * live
    row, column = _two_way(live / 1.0, inside.sum(axis=1), inside.sum(axis=0))
    return np.where(live, values - row[:, None] - column, 0.0)


def resample(
    panel: Treated, *, rng: np.random.Generator, draws: int = 200, anticipation: int = 0
) -> Resampled | Refused:
    """Poisson imputation again on units drawn with replacement: errors that assume no formula.

    Draws in which a number does not exist (no unit of that event time drawn) are left out of it.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> counts = np.random.default_rng(1).poisson(30, (20, 6))
    >>> panel = treated(counts, [3] * 8 + [NEVER] * 12)
    >>> float(resample(panel, rng=np.random.default_rng(2)).overall < 0.2)
    1.0
    """
    first = impute(panel, family="poisson", anticipation=anticipation)
    if isinstance(first, Refused):
        return first
    units = panel.onset.size
    rows = []
    for _ in range(draws):
        pick = rng.integers(0, units, units)
        drawn = Treated(panel.outcome[pick], panel.onset[pick], panel.dose[pick])
        rows.append(_once(drawn, anticipation, first.at))
    spread = np.array([_sd(column) for column in np.array(rows).T])
    return Resampled(float(spread[0]), float(spread[1]), spread[2:], draws)


def _once(panel: Treated, anticipation: int, at: Ints) -> list[float]:
    after = (panel.event_time >= 0) & (panel.onset < panel.outcome.shape[1])[:, None]
    model = _fit(panel.outcome, _untreated(panel, anticipation), "poisson")
    if isinstance(model, str):
        return [float("nan")] * (2 + at.size)
    cells = after & np.isfinite(model[0])
    out = []
    for each in (cells, *(cells & (panel.event_time == e) for e in at)):
        seen, expected = panel.outcome[each].sum(), model[0][each].sum()
        out.append(float(np.log(seen / expected)) if seen > 0 else float("nan"))
    return [out[0], float((panel.outcome[cells] - model[0][cells]).sum()), *out[1:]]


def _sd(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if known.size > 1 else float("nan")
