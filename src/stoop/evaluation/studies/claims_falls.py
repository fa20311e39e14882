"""Claims of a fall: which windows, which sites, counted how, beside whom."""

from dataclasses import dataclass

import numpy as np

from stoop.evaluation.models import MONTHS, Bools, Floats, Ints, Panel
from stoop.evaluation.readers import Claim
from stoop.evaluation.studies.readings import Asked, Bases, Number, Rests
from stoop.kernel.errors import Refusal
from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.falls import averaged, steeper, together
from stoopstat.impact.matched import match

YEAR = 12
# What a claim of steepness may mean where it names no months.
WINDOWS = ("24", "12", "36")
NEIGHBOURS = {"matched": 3, "nearest": 1}


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of launched units, (L,), and of each the month column before which its before ends and
    from which its after begins, with the length of both."""

    rows: Ints
    until: Ints
    since: Ints
    months: Ints


def fall(claim: Claim, bases: Bases) -> Asked:
    """By how many percent did it fall at the sites, in so many months from the launch on?"""
    months = claim.months or YEAR
    _check_sites(claim, bases)
    choices = bases.choices(claim.what) | {
        "sites": ("closed", "open"),
        "window": _kinds(bases, months),
        "mean": ("together", "each"),
    }

    def around(chosen: dict[str, str]) -> Windows:
        cut = chosen["sites"] == "open"
        return windows(bases.panel(chosen), months, chosen["window"], cut=cut, sites=claim.sites)

    def ask(chosen: dict[str, str]) -> Number:
        panel, found = bases.panel(chosen), around(chosen)
        before, after = _counts(panel, found)
        own = before[np.arange(found.rows.size), found.rows]
        then = after[np.arange(found.rows.size), found.rows]
        told = (together if chosen["mean"] == "together" else averaged)(own, then)
        if isinstance(told, Refused):
            raise Refusal(told.why)
        was, now = (each[:, _pool(panel)].sum(axis=1) for each in (before, after))
        weight = (
            own / own.sum() if chosen["mean"] == "together" else np.full(own.size, 1 / own.size)
        )
        beside = float(weight @ (1 - now / was)) if was.all() else float("nan")
        share, low, high = 100 * told.share, 100 * told.low, 100 * told.high
        return Number(share, low, high, 100 * beside, told.units, _listed(panel, claim))

    def rests(chosen: dict[str, str]) -> Rests:
        return _rests(bases.panel(chosen), around(chosen), months, chosen["window"])

    return choices, ask, rests


def steeply(claim: Claim, bases: Bases) -> Asked:
    """How many times as much did it fall at the sites as elsewhere, in the same months?"""
    order = ("matched", "nearest", "other")
    choices = bases.choices(claim.what) | {
        "against": order if claim.against == "matched" else ("other", "matched", "nearest"),
        "months": WINDOWS if claim.months is None else (str(claim.months),),
        "scale": ("share", "count"),
    }

    def ask(chosen: dict[str, str]) -> Number:
        panel, months = bases.panel(chosen), int(chosen["months"])
        found = windows(panel, months, _kinds(bases, months)[0])
        before, after = _counts(panel, found)
        lines = np.arange(found.rows.size), found.rows
        weight = _weight(panel, found, chosen["against"])
        told = steeper(
            (before[lines], after[lines]), (before, after), weight, scale=chosen["scale"]
        )
        if isinstance(told, Refused):
            raise Refusal(told.why)
        beside = 100 * told.theirs if chosen["scale"] == "share" else float("nan")
        return Number(
            told.times, told.low, told.high, beside, int(found.rows.size), _listed(panel, claim)
        )

    def rests(chosen: dict[str, str]) -> Rests:
        panel, months = bases.panel(chosen), int(chosen["months"])
        kind = _kinds(bases, months)[0]
        return _rests(panel, windows(panel, months, kind), months, kind)

    return choices, ask, rests


def windows(
    panel: Panel,
    months: int,
    kind: str,
    *,
    cut: bool = False,
    sites: tuple[str, ...] | None = None,
) -> Windows:
    """The windows around each launch that lie in the panel; with `cut` those as well that the end
    of the panel shortens, the before being shortened alike. Raises Refusal where there is none."""
    launch = _launch(panel)
    width = panel.months.shape[1]
    rows = np.flatnonzero(np.isfinite(launch) & (launch < width))
    if sites is not None:
        rows = rows[np.isin(np.array(panel.units, dtype=object)[rows], sites)]
    since = until = launch[rows].astype(np.int64)
    if kind != "months":
        # Counted from a January, so that calendar years begin where they do.
        opening = int(panel.calendar.edges[0].astype("datetime64[M]").astype(np.int64)) % YEAR
        until = (until + opening) // YEAR * YEAR - opening
        since = until + YEAR * (kind == "without")
    step = 1 if kind == "months" else YEAR
    length = np.full(rows.size, months)
    if cut:
        length = np.minimum(months, (width - since) // step * step)
    inside = (length > 0) & (until - length >= 0) & (since + length <= width)
    if not inside.any():
        raise Refusal(f"No site has {months} months before its launch and as many after it.")
    return Windows(rows[inside], until[inside], since[inside], length[inside])


def _rests(panel: Panel, found: Windows, months: int, kind: str) -> Rests:
    """However they are counted: two ways of counting give much the same."""
    return Rests(("fall", str(months), kind), frozenset(panel.units[row] for row in found.rows))


def _launch(panel: Panel) -> Floats:
    """Month column of each start; of its year's first month where only the year is known."""
    if panel.launch is not None:
        return panel.launch
    return panel.onset * MONTHS[panel.calendar.length]


def _kinds(bases: Bases, months: int) -> tuple[str, ...]:
    """The windows that the dates allow: months from the launch, calendar years with its year or
    without. Starts known to the year only have calendar years alone."""
    own = bases.own
    known = ("months",) if own.launch is not None else ()
    years = ("with", "without") if months % YEAR == 0 else ()
    if not known + years:
        raise Refusal(
            f"Some start is known to the year only, so {months} months cannot be counted from it; "
            "give months in the list of sites."
        )
    return known + years


def _check_sites(claim: Claim, bases: Bases) -> None:
    own = bases.own
    launched = {
        code for code, column in zip(own.units, own.onset, strict=True) if np.isfinite(column)
    }
    for code in claim.sites or ():
        if code not in launched:
            raise Refusal(f"“{claim.says}” speaks of {code}, where no program of the list starts.")


def _listed(panel: Panel, claim: Claim) -> int:
    """How many sites the claim speaks of: all with a start, or those that it names."""
    return len(claim.sites) if claim.sites else int(np.isfinite(panel.onset).sum())


def _counts(panel: Panel, found: Windows) -> tuple[Floats, Floats]:
    """(L, U) outcomes of every unit in the window before and after each launch."""
    total = np.concatenate([np.zeros((len(panel.units), 1)), panel.months.cumsum(axis=1)], axis=1)
    before = total[:, found.until] - total[:, found.until - found.months]
    after = total[:, found.since + found.months] - total[:, found.since]
    return before.T, after.T


def _pool(panel: Panel) -> Bools:
    """Units without a program up to the end of the panel."""
    pool: Bools = panel.onset >= panel.calendar.size
    return pool


def _weight(panel: Panel, found: Windows, against: str) -> Floats:
    """(L, U) what each unit counts for beside each launched one."""
    pool = _pool(panel)
    if against == "other":
        return np.tile(pool / pool.sum(), (found.rows.size, 1))
    months = int(found.months[0])
    rows = np.concatenate([found.rows, np.flatnonzero(pool)])
    onset = np.concatenate([found.since.astype(np.float64), np.full(int(pool.sum()), NEVER)])
    pairs = match(
        treated(panel.months[rows], onset),
        neighbours=NEIGHBOURS[against],
        before=months,
        after=months,
        not_yet=False,
    )
    if isinstance(pairs, Refused):
        raise Refusal(pairs.why)
    weight = np.zeros((found.rows.size, len(panel.units)))
    weight[pairs.unit, rows[pairs.match]] = pairs.weight
    return weight
