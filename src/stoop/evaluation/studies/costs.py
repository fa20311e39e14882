"""What the program cost, what its effect is worth, and what that hangs on."""

from dataclasses import dataclass

import numpy as np

from stoop.evaluation.models import MONTHS, Design, Panel
from stoop.evaluation.models.costs import Assumption
from stoop.evaluation.studies import treating
from stoop.evaluation.studies.threats import Answer
from stoopstat.impact.costs import Assumed, Interval, Worth, worth
from stoopstat.impact.design import Refused

__all__ = ["Costing", "Interval", "Worth", "costing"]

YEAR = 12


@dataclass(frozen=True, slots=True)
class Costing:
    """verdict: pays (the interval of the ratio lies above 1), falls_short (below it), unsure (it
    holds 1), open (the effect itself cannot be told) or none. outcomes: counted in the periods in
    which a program worked, None where that is withheld; years: of program, over the areas
    compared. assumptions: as used, program by area and year. worth: None without a number, and
    why. idle: whether some periods after a start had no program, and are left out.
    spread_over: years of program of the whole list, over which a total was spread."""

    verdict: str
    currency: str
    outcomes: int | None
    years: float
    assumptions: tuple[Assumption, ...]
    worth: Worth | None
    why: str = ""
    idle: bool = False
    spread_over: float | None = None


def costing(panel: Panel, design: Design, answer: Answer) -> Costing | None:
    """Costs beside benefits, where the design gives what they need; None where it gives none.

    Both are of the periods in which a program worked. The effect is that of whole periods, the
    first of them under way, so such a period counts whole. The estimate takes a start as lasting:
    what it says of a period in which none works any more was paid for by nobody, and is left out.
    """
    if design.costs is None:
        return None
    size = panel.calendar.size
    # A unit treated from the first period on has no before, and says nothing of the effect.
    inside = (panel.onset > 0) & (panel.onset < size)
    began = panel.onset[inside][:, None] <= np.arange(size)
    worked = began & (panel.dose[inside] > 0)
    outcome = (panel.counts[inside] * worked).sum(axis=0)
    each = MONTHS[panel.calendar.length] / YEAR
    at_work = (panel.dose[inside] * worked).sum(axis=0) * each
    after = np.maximum(np.arange(size) - panel.onset[inside].min(initial=size), 0) * each
    total = float(at_work.sum())
    spread_over = _listed_years(design) if design.costs.per == "total" else None
    assumptions = tuple(
        _by_year(one, spread_over) if one.name == "program" and spread_over is not None else one
        for one in design.costs.assumptions
    )

    def told(verdict: str, found: Worth | None = None, why: str = "") -> Costing:
        outcomes = int(outcome.sum())
        return Costing(
            verdict,
            design.costs.currency if design.costs else "",
            outcomes,
            total,
            assumptions,
            found,
            why,
            bool((began & ~worked).any()),
            spread_over,
        )

    if answer.verdict == "none":
        return told("none", why=answer.why)
    found = worth(
        outcome,
        at_work,
        after,
        Interval(*(float(np.log1p(p / 100)) for p in (answer.percent, answer.low, answer.high))),
        {one.name: Assumed(one.low, one.central, one.high) for one in assumptions},
        rng=np.random.default_rng([design.seed, 7]),
    )
    if isinstance(found, Refused):
        return told("none", why=found.why)
    if answer.verdict == "open":
        return told("open", found)
    low, high = found.together.low, found.together.high
    return told("pays" if low > 1 else "falls_short" if high < 1 else "unsure", found)


def _listed_years(design: Design) -> float:
    """Years of program within the panel of every area of the list: of those that are left out, or
    had a program from the first, too, for a total has paid for them as well."""
    programs = treating.of_units(treating.listed_sites(design), design)
    areas = sorted({site.area for site in programs})
    dose = treating.treat(design, areas, programs).dose
    return float(dose.sum()) * MONTHS[design.calendar.length] / YEAR


def _by_year(total: Assumption, years: float) -> Assumption:
    """What all of it cost as the cost of a year in one area."""
    low, central, high = (end / max(years, 1e-9) for end in (total.low, total.central, total.high))
    return Assumption(total.name, low, central, high, total.source)
