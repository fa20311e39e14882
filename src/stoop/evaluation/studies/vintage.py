"""The same outcome in another release: which cells changed, and does the answer?"""

from dataclasses import dataclass, replace

import numpy as np

from stoop.evaluation.models import Design, Floats, Panel
from stoop.evaluation.studies.numbers import TERM, both
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import PRIMARY, Told
from stoop.kernel.errors import Refusal
from stoopstat.impact.design import Refused, treated
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms

VINTAGE = "vintage"
SAMPLE, SAME_END = "other release", "this release to that end"
LISTED = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the panel in the release of the study, and in the other one."""

    unit: str
    period: str
    here: int
    there: int


@dataclass(frozen=True, slots=True)
class Vintage:
    """Two releases of the outcome, cell by cell, over the periods that both hold.

    files: names of the other release. last: the last period compared. cells: how many, changed:
    how many differ. here, there: totals. listed: the cells that differ most, at most LISTED.
    lacking: units that have no row at all in the other release, and count nothing there.
    """

    files: tuple[str, ...]
    last: str
    cells: int
    changed: int
    here: int
    there: int
    listed: tuple[Cell, ...]
    lacking: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]


def vintage(panel: Panel, design: Design, told: Told) -> Vintage | None:
    """Lay out the other release on the units of the study, compare, and ask again."""
    if design.vintage is None:
        return None
    calendar = replace(panel.calendar, last=panel.calendar.first + design.vintage.last)
    # Only its counts are wanted: which units are compared is decided already.
    bare = replace(
        design, exclusions=(), comparison=None, leave_out_neighbours=False, population=None
    )
    try:
        other = build(replace(bare, files=design.vintage.files, calendar=calendar))
    except Refusal as refusal:
        told.add([Refused(PRIMARY, TERM, str(refusal))], sample=SAMPLE, threat=VINTAGE)
        return None
    here, there = panel.counts[:, : calendar.size], _on_units(other, panel)
    samples = [(SAMPLE, there)]
    if calendar.size < panel.calendar.size:
        samples.append((SAME_END, here))
    for name, counts in samples:
        y = treated(counts, panel.onset)
        fit = poisson(y.outcome, terms(y))
        told.add(both(fit), sample=name, estimator=PRIMARY, threat=VINTAGE, of=y)
    return Vintage(
        files=tuple(path.name for path in design.vintage.files),
        last=calendar.labels[-1],
        cells=here.size,
        changed=int((here != there).sum()),
        here=int(here.sum()),
        there=int(there.sum()),
        listed=_listed(panel, here, there),
        lacking=tuple(unit for unit in panel.units if unit not in other.units),
        inputs=other.inputs[: len(design.vintage.files)],
    )


def _on_units(other: Panel, panel: Panel) -> Floats:
    """Counts of the other release in the rows of the study's units; no row is no event."""
    place = {unit: row for row, unit in enumerate(other.units)}
    rows = np.array([place.get(unit, -1) for unit in panel.units])
    counts = np.vstack([other.counts, np.zeros(other.counts.shape[1])])
    found: Floats = counts[rows]
    return found


def _listed(panel: Panel, here: Floats, there: Floats) -> tuple[Cell, ...]:
    row, column = np.nonzero(here != there)
    size = np.abs(here - there)[row, column]
    first = np.argsort(-size, kind="stable")[:LISTED]
    labels = panel.calendar.labels
    return tuple(
        Cell(panel.units[i], labels[t], int(here[i, t]), int(there[i, t]))
        for i, t in zip(row[first].tolist(), column[first].tolist(), strict=True)
    )
