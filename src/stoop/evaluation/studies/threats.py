"""What the answer hangs on: chance, power, one unit, the end, the levels; and the answer."""

from dataclasses import dataclass, replace
from math import exp

import numpy as np

from stoop.evaluation.models import MONTHS, Design, Panel
from stoop.evaluation.studies.numbers import QUASI, TERM, both, ends
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import ERRORS, PRIMARY, WHOLE, Told, laid_out
from stoop.evaluation.studies.told import REACH as REACH
from stoop.kernel.errors import Refusal
from stoopstat.impact.design import Each, Estimate, Refused, treated
from stoopstat.impact.levels import level_gap
from stoopstat.impact.permutation import Permutation, permutation
from stoopstat.impact.poisson import poisson
from stoopstat.impact.power import power
from stoopstat.impact.sensitivity import by_end, leave_one_out
from stoopstat.impact.terms import terms

END, AREA = "end", "area"
LEVEL, POWER = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Power:
    """Smallest change, in percent, that the design would have seen in 8 of 10 cases."""

    fall_percent: float
    rise_percent: float
    dispersion: float
    draws: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Where the treated units start beside the others; see stoopstat.impact.levels."""

    treated: float
    comparison: float
    ratio: float
    implied: float
    unsuitable: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The primary estimate without each unit in turn: its ends, and the units that make them."""

    lowest: float
    without_lowest: str
    highest: float
    without_highest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The primary estimate as percent with its interval, and what may be said of it.

    verdict: fell, rose, open (cannot be told) or none (no number). doubts: codes of what stands
    against saying more: interval, chance, pretrend, untested (whether they had moved apart before
    the start). why: the refusal, where there is no number.
    """

    verdict: str
    percent: float
    low: float
    high: float
    p: float
    permutation_p: float
    pretrend_p: float
    doubts: tuple[str, ...] = ()
    why: str = ""


def chance(
    panel: Panel, design: Design, told: Told, each: Each = map
) -> tuple[Permutation | None, Power | None]:
    """The primary estimate with starts dealt out anew, and what this design could have seen."""
    y = laid_out(panel)
    found = permutation(
        y.outcome,
        terms(y),
        term=TERM,
        rng=np.random.default_rng(design.seed),
        draws=design.permutations,
        each=each,
    )
    if isinstance(found, Refused):
        told.add([Refused("permutation", TERM, found.why), Refused("power", TERM, found.why)])
        return None, None
    n = int(y.outcome.size)
    told.add(
        [Estimate(PRIMARY, TERM, found.estimate, found.sd, "permutation", found.p_two_sided, n,
                  "log")]
    )  # fmt: skip
    seen = power(y.outcome, terms(y), term=TERM, drawn=found.drawn, level=LEVEL, power=POWER)
    if isinstance(seen, Refused):
        told.add([Refused("power", TERM, seen.why)])
        return found, None
    return found, Power(seen.fall_percent, seen.rise_percent, seen.dispersion, seen.draws)


def levels(panel: Panel, told: Told) -> Levels | None:
    found = level_gap(laid_out(panel))
    if isinstance(found, Refused):
        told.add([found])
        return None
    return Levels(found.treated, found.comparison, found.ratio, found.implied, found.unsuitable)


def warnings(panel: Panel) -> tuple[str, ...]:
    """What the primary regression says of its own errors, with the units it could not use."""
    y = laid_out(panel)
    fit = poisson(y.outcome, terms(y))
    if isinstance(fit, Refused):
        return ()
    dropped = [panel.units[row] for row in fit.dropped_units.tolist()]
    named = [f"Without an event, and so left out by Poisson: {', '.join(dropped)}."] * bool(dropped)
    return (*named, *fit.warnings)


def end_periods(panel: Panel, told: Told) -> None:
    """The primary estimate had the panel ended with an earlier year, after the first start."""
    y, calendar = laid_out(panel), panel.calendar
    year = 12 // MONTHS[calendar.length]
    columns = range(int(y.cohorts.min()) + 1, calendar.size - 1)
    whole = [column for column in columns if (calendar.first + column + 1) % year == 0]
    for column, fit in by_end(y.outcome, terms(y), ends=whole):
        shorter = treated(y.outcome[:, : column + 1], y.onset)
        sample = ends(calendar, column)
        told.add(both(fit), sample=sample, estimator=PRIMARY, threat=END, of=shorter)


def otherwise_placed(design: Design, told: Told) -> Panel | None:
    """The primary estimate with the area taken from the other source: the map, or the record."""
    if design.outlines is None:
        return None
    sample = "recorded" if design.area == "mapped" else "mapped"
    try:
        other = build(replace(design, area=sample))
    except Refusal as refusal:
        told.add([Refused(PRIMARY, TERM, str(refusal))], sample=sample, threat=AREA)
        return None
    y = laid_out(other)
    told.add(
        both(poisson(y.outcome, terms(y))), sample=sample, estimator=PRIMARY, threat=AREA, of=y
    )
    return other


def without_each(panel: Panel, told: Told) -> Range | None:
    y = laid_out(panel)
    found = leave_one_out(y.outcome, terms(y), term=TERM)
    if isinstance(found, Refused) or found.lowest < 0:
        why = found.why if isinstance(found, Refused) else "no unit can be spared; add units"
        told.add([Refused("leave_one_out", TERM, why)])
        return None
    known = found.without[np.isfinite(found.without)]
    return Range(
        float(known.min()),
        panel.units[found.lowest],
        float(known.max()),
        panel.units[found.highest],
    )


def answer(told: Told, drawn: Permutation | None) -> Answer:
    """What may be said in one sentence, and what forbids to say more.

    Movement before the start is judged by the errors that keep their level, as measured in
    docs/reference/recovery.md.
    """
    lines = [line for line in told.lines if (line.estimator, line.sample) == (PRIMARY, WHOLE)]
    found = next((line for line in lines if line.se_type == ERRORS), None)
    nan = float("nan")
    judge = f"event_study {QUASI}"
    tests = [c.p for c in told.checks if (c.estimator, c.sample) == (judge, WHOLE)]
    pretrend = tests[0] if tests else nan
    if found is None or drawn is None:
        why = next(
            (no.why for no in told.refused if (no.estimator, no.sample) == (PRIMARY, WHOLE)), ""
        )
        return Answer("none", nan, nan, nan, nan, nan, pretrend, why=why)
    reach = found.reach * found.se
    low, high = found.estimate - reach, found.estimate + reach
    doubts = []
    if low <= 0 <= high:
        doubts.append("interval")
    if drawn.p_two_sided > LEVEL:
        doubts.append("chance")
    if np.isnan(pretrend):
        doubts.append("untested")
    elif pretrend < LEVEL:
        doubts.append("pretrend")
    side = "fell" if found.estimate < 0 else "rose"
    return Answer(
        "open" if doubts else side,
        _percent(found.estimate),
        _percent(low),
        _percent(high),
        found.p,
        drawn.p_two_sided,
        pretrend,
        tuple(doubts),
    )


def _percent(log: float) -> float:
    return 100 * (exp(log) - 1)
