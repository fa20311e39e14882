"""What of a study may be given out where small counts are hidden."""

from dataclasses import replace

from stoop.evaluation.models import Bools, Design, Panel
from stoop.evaluation.studies.cells import hide
from stoop.evaluation.studies.costs import Costing
from stoop.evaluation.studies.curve import treated_cells
from stoop.evaluation.studies.footing import Footing
from stoop.evaluation.studies.numbers import TERM
from stoop.evaluation.studies.threats import Levels, Range
from stoop.evaluation.studies.told import PRIMARY, WHOLE, Check, Line, No, Told
from stoop.evaluation.studies.vintage import Vintage
from stoop.kernel.errors import Refusal

# A number that rests on fewer areas than this comes near to being their counts.
AREAS = 3
PLACES = 3
WHY = "they rest on one or two areas, whose small counts they would give away"
UNFIT = "no mix of the others can stand for it; by how much, its small counts could be told from"
ALONE = "it would single out an area whose small counts are hidden"
FEW = (
    "fewer than three areas have a program here and small counts are hidden, so every number would "
    "give theirs away; widen the study, or say under [small_cells] publish why they are public "
    "already."
)


def hidden_cells(panel: Panel, design: Design) -> Bools:
    """(U, T) cells that stay empty; none where the design says why all are public already."""
    least = design.small_cells.least
    try:
        return hide(panel.counts, least, treated_cells(panel).astype(float))
    except ValueError as error:
        raise Refusal(
            f"The panel of {design.name} is too small to hide its small counts; join periods or "
            "units, or say under [small_cells] publish why they are public already."
        ) from error


def too_few(panel: Panel, hidden: Bools) -> bool:
    """Whether so few areas have a program that no number of the study may be given out."""
    return bool(hidden.any()) and int(treated_cells(panel).any(axis=1).sum()) < AREAS


def told_out(panel: Panel, hidden: Bools, told: Told) -> None:
    """Numbers to three places, without those of one or two areas: exact ones give counts back."""
    if too_few(panel, hidden):
        told.lines, told.checks, told.said = [], [], []
        told.refused = [No(PRIMARY, WHOLE, TERM, FEW)]
        return
    given: list[Line | Check] = [*told.lines, *told.checks]
    withheld = [
        No(each.estimator, each.sample, "terms of few areas", WHY)
        for each in given
        if each.areas < AREAS
    ]
    told.lines = [_line_out(line) for line in told.lines if line.areas >= AREAS]
    told.checks = [check for check in told.checks if check.areas >= AREAS]
    told.refused = [_reason_out(no) for no in told.refused] + list(dict.fromkeys(withheld))


def vintage_out(panel: Panel, hidden: Bools, found: Vintage | None) -> Vintage | None:
    """Two releases beside each other, without their cells; of few areas, not even their totals."""
    return None if found is None or too_few(panel, hidden) else replace(found, listed=())


def range_out(panel: Panel, hidden: Bools, found: Range | None, told: Told) -> Range | None:
    """The ends without one area, unless they single out an area with a hidden count or what is
    left rests on too few."""
    if found is None:
        return None
    ours = int(treated_cells(panel).any(axis=1).sum())
    named = [panel.units.index(unit) for unit in (found.without_lowest, found.without_highest)]
    if ours <= AREAS or hidden[named].any():
        if not too_few(panel, hidden):
            told.refused.append(No("leave_one_out", WHOLE, TERM, ALONE))
        return None
    return replace(found, lowest=round(found.lowest, PLACES), highest=round(found.highest, PLACES))


def levels_out(panel: Panel, hidden: Bools, found: Levels | None) -> Levels | None:
    """The levels to three figures."""
    if found is None or too_few(panel, hidden):
        return None
    return replace(
        found,
        treated=figures(found.treated),
        comparison=figures(found.comparison),
        ratio=figures(found.ratio),
        implied=figures(found.implied),
    )


def footing_out(panel: Panel, hidden: Bools, found: Footing | None) -> Footing | None:
    """What the errors stand on, unless that is one or two areas."""
    return None if too_few(panel, hidden) else found


def costs_out(panel: Panel, hidden: Bools, found: Costing | None) -> Costing | None:
    """The costs, without what was counted where that, or what it leaves out, is of few areas."""
    if found is None or not hidden.any():
        return found
    idle = int((treated_cells(panel) & (panel.dose <= 0)).any(axis=1).sum())
    if too_few(panel, hidden):
        return replace(found, outcomes=None)
    if 0 < idle < AREAS:
        why = f"the periods without a program are left out of it, and {WHY}."
        return replace(found, verdict="none", outcomes=None, worth=None, why=why)
    return found


def exclusions_out(panel: Panel, least: int) -> list[dict[str, object]]:
    """Areas left out, each with its outcome unless that is a small count."""
    return [
        {"unit": unit, "reason": why, "outcome": None if 0 < n < least else n}
        for unit, why, n in panel.exclusions
    ]


def _line_out(line: Line) -> Line:
    """Logs to three places; counts and rates to three figures, for they are means of counts."""
    estimate, se = (
        round(each, PLACES) if line.scale == "log" else figures(each)
        for each in (line.estimate, line.se)
    )
    return replace(line, estimate=estimate, se=se, p=round(line.p, PLACES))


def _reason_out(no: No) -> No:
    """A reason that tells the mean of a single area would tell its count before an early start."""
    tells = no.term.startswith("unit ") and any(each.isdigit() for each in no.why)
    return replace(no, why=UNFIT) if tells else no


def figures(value: float) -> float:
    """A number to three figures."""
    return float(f"{value:.{PLACES}g}")
