"""One treated unit beside the mix of untreated ones that went as it went (synthetic control)."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Bools, Floats, Ints
from stoopstat.impact.design import NEVER, Each, Estimate, Refused, Treated
from stoopstat.impact.mixing import EVEN, mixed

VERSIONS = ("plain", "augmented", "demeaned")
OUTSIDE = ("refuse", "fit")
# A synthetic past that is off by more than this share of the unit's mean, and by no less than
# that mean itself is, is no past to go by.
POOR = 0.25
BLOCK = 16


@dataclass(frozen=True, slots=True)
class Synthetic:
    """One unit, its mix and its placebos.

    unit: row. donors: (N,) rows. weights: (N,) sum 1; augmented ones may be negative. untreated,
    gap: (T,) what the mix says and outcome less that. att: mean gap from the onset on, in the
    panel's outcome. percent: 100 att / what would have been. fit: root mean square gap before the
    onset. ratio: that from the onset on / fit. placebo_att, placebo_ratio: (Q,) the same for
    untreated units taken as treated then. rank: place of ratio among all, 1 the largest. p: rank /
    (Q + 1). p_fall: share of the Q + 1 whose att is as low. estimate: att, its se the placebos'
    standard deviation.
    """

    unit: int
    version: str
    donors: Ints
    weights: Floats
    untreated: Floats
    gap: Floats
    att: float
    percent: float
    fit: float
    ratio: float
    placebo_att: Floats
    placebo_ratio: Floats
    rank: int
    p: float
    p_fall: float
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Together:
    """Mean effect over units. p: share of draws of one placebo a unit as far from 0, itself in."""

    units: int
    att: float
    p: float
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Placebos:
    """Donors taken as treated in turn, cut into blocks that know nothing of each other.

    pool: (N, T) outcomes of the donors. row, onset: (M,) of each placebo, the donor and since when.
    """

    pool: Floats
    row: Ints
    onset: Ints
    version: str

    @property
    def blocks(self) -> range:
        """Numbers of the blocks; together, in order, they are all placebos."""
        return range(-(-self.row.size // BLOCK))


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Gaps (n, T) of the taken units, their weights (n, N), at one onset."""

    gap: Floats
    weights: Floats
    att: Floats
    fit: Floats
    ratio: Floats


@dataclass(frozen=True, slots=True)
class _Pool:
    """Donors at one onset, as the version compares them: (N, T), and what all mixes of them share.

    past: (N, onset). square: (N,) its squared lengths. mean: (onset,). inner: centred' centred.
    """

    whole: Floats
    past: Floats
    square: Floats
    mean: Floats
    inner: Floats


def synthetic(
    panel: Treated,
    *,
    version: str = "plain",
    units: ArrayLike | None = None,
    donors: ArrayLike | None = None,
    placebos: ArrayLike | None = None,
    outside: str = "refuse",
    most: int | None = None,
    rng: np.random.Generator | None = None,
    each: Each = map,
) -> tuple[Synthetic | Refused, ...]:
    """What would each treated unit have seen, had it gone on as its like among the untreated?

    units: (U,) mask, by default all that begin within the panel after at least two periods; the
    answer has one entry for each, in order. donors: (U,) mask, by default onset NEVER. placebos:
    (U,) mask of donors that are taken as treated in turn, by default all; each is mixed from the
    other donors. most: at each onset no more than so many placebos, drawn anew by rng; one draw for
    all onsets would shift all units' placebos the same way. Panel: counts, or rates where units
    differ in size.

    each: how the blocks of placebos are gone through, see Each.

    - "plain": weights w >= 0, sum 1, least squares of outcome less mix over the periods before the
      onset, equal weight for each period, no covariates. Of equally good weights the most even.
    - "demeaned": the same after each unit's mean before the onset is taken off; compares changes.
    - "augmented": plain weights plus C (C'C + r I)^-1 (what they miss), C the donors' past less
      its mean over donors, r = 0.1 (largest singular value of C)^2 / periods. It extrapolates.

    Refused, unless outside is "fit": a unit whose mean before the onset lies above or below every
    donor's (but demeaned), and one whose synthetic past is off by more than POOR of its mean and by
    no less than its own standard deviation. No mix can stand for such a unit; its "effect" is its
    distance from the others, which shrinks when all fall.

    When it lies: a good fit over few periods is easily had by chance. Q placebos cannot give a p
    below 1 / (Q + 1), and with noisy counts none is small. Donors next to the unit may carry its
    effect. Placebos that are quieter than the treated vary less: p is then too small.

    Sources: A. Abadie, A. Diamond and J. Hainmueller, Journal of the American Statistical
    Association 105 (2010) 493-505; E. Ben-Michael, A. Feller and J. Rothstein, the same 116 (2021)
    1789-1803 (augmented); B. Ferman and C. Pinto, Quantitative Economics 12 (2021) 1197-1221
    (demeaned).

    Raises ValueError for an unknown choice, a mask of another length, or most without rng.

    >>> from stoopstat.impact.design import treated
    >>> panel = treated([[4, 6, 2], [2, 4, 4], [6, 8, 8], [9, 1, 5]], [2, NEVER, NEVER, NEVER])
    >>> found = synthetic(panel)[0]
    >>> found.weights.round(4).tolist(), round(found.att, 4), found.p
    ([0.5, 0.5, 0.0], -4.0, 0.25)
    """
    if version not in VERSIONS or outside not in OUTSIDE:
        raise ValueError(f"version must be one of {VERSIONS}, outside one of {OUTSIDE}")
    if most is not None and (rng is None or most < 1):
        raise ValueError("most must be at least 1, and needs rng to draw by")
    periods = panel.outcome.shape[1]
    began = (panel.onset < periods) & (panel.onset >= 2)
    taken = began if units is None else _mask(units, panel) & (panel.onset < periods)
    pool = panel.onset == NEVER if donors is None else _mask(donors, panel) & ~taken
    tried = pool if placebos is None else _mask(placebos, panel) & pool
    rows, others = np.flatnonzero(taken), np.flatnonzero(pool)
    early = (panel.onset[rows] < 2) | (others.size < 3)
    why = "a mix needs two periods before the onset and three donors"
    name = f"synthetic_{version}"
    out: dict[int, Synthetic | Refused] = {
        unit: Refused(name, f"unit {unit}", why) for unit in rows[early].tolist()
    }
    onsets = np.unique(panel.onset[rows[~early]]).astype(np.int64)
    work = _dealt(panel.outcome[others], np.flatnonzero(tried[others]), onsets, version, most, rng)
    fallen = np.concatenate([np.zeros((0, 2)), *each(partial(block, work), work.blocks)])
    for onset in onsets.tolist():
        ours, fall = rows[panel.onset[rows] == onset], fallen[work.onset == onset]
        found = _gaps(panel.outcome[ours], work.pool, onset, version, None)
        for place, unit in enumerate(ours.tolist()):
            path = panel.outcome[unit]
            why = _outside(path, work.pool, onset, found.fit[place], version, outside)
            told = _told(unit, version, others, path, onset, found, place, fall)
            out[unit] = Refused(name, f"unit {unit}", why) if why else told
    return tuple(out[unit] for unit in rows.tolist())


def together(
    found: tuple[Synthetic | Refused, ...], *, rng: np.random.Generator, draws: int = 999
) -> Together | Refused:
    """Mean effect of the units that were fitted, against as many placebos drawn at random.

    Each draw takes one placebo for each unit, at that unit's onset. Source: E. Cavallo, S.
    Galiani, I. Noy and J. Pantano, Review of Economics and Statistics 95 (2013) 1549-1561.
    """
    kept = [each for each in found if isinstance(each, Synthetic) and each.placebo_att.size]
    if not kept or draws < 1:
        return Refused("synthetic", "overall", "no unit could be fitted beside its donors")
    att = float(np.mean([each.att for each in kept]))
    drawn = np.mean([rng.choice(each.placebo_att, draws) for each in kept], axis=0)
    p = float((1 + (np.abs(drawn) >= abs(att)).sum()) / (draws + 1))
    cells = sum(each.gap.size for each in kept)
    name, se = f"synthetic_{kept[0].version}", float(drawn.std())
    estimate = Estimate(name, "overall", att, se, "placebo", p, cells, "count")
    return Together(len(kept), att, p, estimate)


def _mask(values: ArrayLike, panel: Treated) -> Bools:
    mask = np.asarray(values, dtype=bool)
    if mask.shape != panel.onset.shape:
        raise ValueError("units, donors and placebos must say of each unit whether it is one")
    return mask


def _dealt(
    pool: Floats,
    tried: Ints,
    onsets: Ints,
    version: str,
    most: int | None,
    rng: np.random.Generator | None,
) -> Placebos:
    """Each tried donor at each onset, or at most so many of them."""
    rows = [
        tried if most is None or rng is None else np.sort(rng.permutation(tried)[:most])
        for _ in onsets
    ]
    many = [some.size for some in rows]
    return Placebos(pool, np.concatenate([tried[:0], *rows]), np.repeat(onsets, many), version)


def block(work: Placebos, number: int) -> Floats:
    """(BLOCK, 2), or fewer in the last: att and ratio of the placebos of one block.

    >>> pool = np.array([[4.0, 6, 2], [2, 4, 4], [6, 8, 8], [9, 1, 5]])
    >>> block(Placebos(pool, np.array([1]), np.array([2]), "plain"), 0).round(4).tolist()
    [[2.0, 1.0]]
    """
    some = slice(number * BLOCK, (number + 1) * BLOCK)
    row, onset = work.row[some], work.onset[some]
    found = np.empty((row.size, 2))
    for start in np.unique(onset).tolist():
        own = row[onset == start]
        gaps = _gaps(work.pool[own], work.pool, start, work.version, own)
        found[onset == start] = np.column_stack([gaps.att, gaps.ratio])
    return found


def _gaps(y: Floats, x: Floats, onset: int, version: str, own: Ints | None) -> _Gaps:
    """Mix each row of y from the rows of x, leaving out the row that it is itself (own)."""
    pool = _pool(x, onset, version)
    lines = y - y[:, :onset].mean(axis=1, keepdims=True) if version == "demeaned" else y
    weights = np.zeros((y.shape[0], x.shape[0]))
    for place, line in enumerate(lines[:, :onset]):
        itself = -1 if own is None else int(own[place])
        w = mixed(pool.past, pool.square, line, itself)
        if version == "augmented":
            w = w + _correction(pool, line, w, itself)
        weights[place] = w
    gap = lines - np.array([w @ pool.whole for w in weights])
    before = np.sqrt((gap[:, :onset] ** 2).mean(axis=1))
    after = np.sqrt((gap[:, onset:] ** 2).mean(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(after > 0, after / before, 0.0)
    return _Gaps(gap, weights, gap[:, onset:].mean(axis=1), before, ratio)


def _pool(x: Floats, onset: int, version: str) -> _Pool:
    whole = x - x[:, :onset].mean(axis=1, keepdims=True) if version == "demeaned" else x
    past = np.ascontiguousarray(whole[:, :onset])
    mean = past.mean(axis=0)
    inner = (past - mean).T @ (past - mean) if version == "augmented" else np.zeros((0, 0))
    return _Pool(whole, past, (past**2).sum(axis=1), mean, inner)


def _correction(pool: _Pool, line: Floats, w: Floats, itself: int) -> Floats:
    """What ridge regression adds to the weights for the part of the past that they miss."""
    mean, inner, size = pool.mean, pool.inner, w.size
    if itself >= 0:  # without this row the mean moves, and its part of the squares goes
        apart = pool.past[itself] - mean
        mean, inner = mean - apart / (size - 1), inner - np.outer(apart, apart) * size / (size - 1)
    ridge = 0.1 * float(np.linalg.eigvalsh(inner)[-1]) / line.size
    missed = line - w @ pool.past
    if ridge <= 0:
        return np.zeros(w.shape)
    along = np.linalg.solve(inner + ridge * np.eye(line.size), missed)
    added: Floats = pool.past @ along - mean @ along
    if itself >= 0:
        added[itself] = 0
    return added


def _outside(path: Floats, x: Floats, onset: int, fit: float, version: str, outside: str) -> str:
    """Why no mix of these donors can stand for the unit, or nothing; outside "fit" takes any."""
    if outside == "fit":
        return ""
    mean, levels = float(path[:onset].mean()), x[:, :onset].mean(axis=1)
    if version != "demeaned" and not levels.min() <= mean <= levels.max():
        high = mean > levels.max()
        where, edge = ("above", levels.max()) if high else ("below", levels.min())
        return (
            f"its mean before the onset, {mean:.1f}, lies {where} that of every donor, {edge:.1f} "
            f"at the {'most' if high else 'least'}; compare changes instead (demeaned, or Poisson)"
        )
    if fit > POOR * mean and fit >= float(path[:onset].std()) * (1 - EVEN):
        return (
            f"its synthetic past is off by {fit:.1f} a period at a mean of {mean:.1f}, no "
            "less than its own mean would be; add periods or donors"
        )
    return ""


def _told(
    unit: int,
    version: str,
    donors: Ints,
    path: Floats,
    onset: int,
    each: _Gaps,
    place: int,
    fall: Floats,
) -> Synthetic:
    gap, att, ratio = each.gap[place], float(each.att[place]), float(each.ratio[place])
    placebo_att, placebo_ratio = fall.T
    q = placebo_att.size
    rank = 1 + int((placebo_ratio >= ratio).sum())
    p_fall = (1 + int((placebo_att <= att).sum())) / (q + 1)
    untreated = path - gap
    would = float(untreated[onset:].mean())
    se = float(placebo_att.std(ddof=1)) if q > 1 else float("nan")
    p = rank / (q + 1)
    name = f"synthetic_{version}"
    return Synthetic(
        unit=unit,
        version=version,
        donors=donors,
        weights=each.weights[place],
        untreated=untreated,
        gap=gap,
        att=att,
        percent=100 * att / would if would else float("nan"),
        fit=float(each.fit[place]),
        ratio=ratio,
        placebo_att=placebo_att,
        placebo_ratio=placebo_ratio,
        rank=rank,
        p=p,
        p_fall=p_fall,
        estimate=Estimate(name, f"unit {unit}", att, se, "placebo", p, path.size, "count"),
    )
