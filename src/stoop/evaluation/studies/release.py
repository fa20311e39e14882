"""What of a study may be given out where small counts are hidden."""

from dataclasses import replace

import numpy as np

from stoop.evaluation.models import Bools, Design, Panel
from stoop.evaluation.studies.cells import hide
from stoop.evaluation.studies.curve import treated_cells
from stoop.evaluation.studies.numbers import Line, No
from stoop.evaluation.studies.vintage import Vintage
from stoop.kernel.errors import Refusal

# A number that rests on fewer areas than this comes near to being their counts.
AREAS = 3
PLACES = 3
WHY = "they rest on one or two areas, whose small counts they would give away"


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


def lines_out(panel: Panel, lines: list[Line]) -> tuple[tuple[Line, ...], tuple[No, ...]]:
    """Numbers to three places, without those of one or two areas: exact ones give counts back."""
    kept, refused = [], []
    for line in lines:
        if _areas(panel, line.term) < AREAS:
            refused.append(No(line.estimator, line.sample, "terms of few areas", WHY))
        else:
            kept.append(
                replace(line, estimate=_blunt(line, line.estimate), se=_blunt(line, line.se),
                        p=round(line.p, PLACES))
            )  # fmt: skip
    return tuple(kept), tuple(dict.fromkeys(refused))


def vintage_out(found: Vintage | None) -> Vintage | None:
    """Two releases beside each other, without their cells."""
    return replace(found, listed=()) if found else None


def exclusions_out(panel: Panel, least: int) -> list[dict[str, object]]:
    """Areas left out, each with its outcome unless that is a small count."""
    return [
        {"unit": unit, "reason": why, "outcome": None if 0 < n < least else n}
        for unit, why, n in panel.exclusions
    ]


def _blunt(line: Line, value: float) -> float:
    """Logs to three places; counts and rates to three figures, for they are means of counts."""
    return round(value, PLACES) if line.scale == "log" else float(f"{value:.{PLACES}g}")


def _areas(panel: Panel, term: str) -> float:
    """How many treated areas a term rests on; infinite where it is all of them."""
    kind, _, word = term.rpartition(" ")
    started = panel.onset[np.isfinite(panel.onset)]
    if kind == "unit":
        return 1
    if kind == "cohort" and word in panel.calendar.labels:
        return int((started == panel.calendar.labels.index(word)).sum())
    if kind == "event" and word.lstrip("-").isdecimal():
        at = started + int(word)
        return int(((at >= 0) & (at < panel.calendar.size)).sum())
    return np.inf
