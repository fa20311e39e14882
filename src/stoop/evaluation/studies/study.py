"""The study as numbers: the panel once, then power, then every estimator and every threat."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from stoop import __version__
from stoop.evaluation.models import Bools, Design, Panel, Register
from stoop.evaluation.studies import panel as panels
from stoop.evaluation.studies import release, starts, threats
from stoop.evaluation.studies.boundaries import Boundary, boundaries
from stoop.evaluation.studies.costs import Costing, costing
from stoop.evaluation.studies.footing import Footing, footing
from stoop.evaluation.studies.numbers import ask
from stoop.evaluation.studies.plain import DIGITS, plain
from stoop.evaluation.studies.threats import Answer, Levels, Power, Range
from stoop.evaluation.studies.told import Check, Line, No, Told
from stoop.evaluation.studies.vintage import Vintage, vintage
from stoop.kernel.cluster import Each
from stoop.kernel.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Study:
    """All that the page, study.json and panel.csv are made from.

    inputs: name and digest of every file that was read.
    """

    design: Design
    panel: Panel
    answer: Answer
    power: Power | None
    levels: Levels | None
    without: Range | None
    footing: Footing | None
    boundaries: tuple[Boundary, ...]
    vintage: Vintage | None
    costs: Costing | None
    warnings: tuple[str, ...]
    estimates: tuple[Line, ...]
    checks: tuple[Check, ...]
    refused: tuple[No, ...]
    hidden: Bools
    inputs: tuple[tuple[str, str], ...]
    register: Register | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        """study.json: the question, what the design could see, the answer, every number."""
        panel, design = self.panel, self.design
        labels = panel.calendar.labels
        whole: dict[str, Any] = {
            "question": design.question,
            "panel": {
                "outcome": design.measure,
                "area": design.area,
                "unit": design.kind,
                "units": len(panel.units),
                "period": panel.calendar.length,
                "periods": panel.calendar.size,
                "first": labels[0],
                "last": labels[-1],
                "total": panel.total,
                "treated": self.panel.treated,
                "always_treated": self.panel.always_treated,
                "starts": self._starts(),
                "excluded": release.exclusions_out(panel, design.small_cells.least),
                "suppressed_cells": int(self.hidden.sum()),
                "said": panel.said,
            },
            "registration": self.register,
            "published": design.published,
            "power": self.power,
            "answer": self.answer,
            "level_gap": self.levels,
            "leave_one_out": self.without,
            "footing": self.footing,
            "boundaries": self.boundaries,
            "vintage": self.vintage,
            "costs": self.costs,
            "warnings": self.warnings,
            "estimates": self.estimates,
            "checks": self.checks,
            "refused": self.refused,
        }
        # Where counts are hidden, no number is so exact that they could be worked out from it.
        digits = release.PLACES if self.hidden.any() else DIGITS
        return {name: plain(value, digits) for name, value in whole.items()}

    def _starts(self) -> dict[str, str]:
        """Period of each start, by unit; of those before or after the panel too."""
        edges, onset = self.panel.calendar, self.panel.onset
        shown = {}
        for unit, column in zip(self.panel.units, onset.tolist(), strict=True):
            if np.isfinite(column):
                inside = 0 <= column < edges.size
                shown[unit] = edges.labels[int(column)] if inside else (
                    "before the panel" if column < 0 else "after the panel"
                )  # fmt: skip
        return shown

    @property
    def run(self) -> dict[str, Any]:
        """run.json: what it takes to make the same bytes again. No path, no clock, no machine."""
        design = self.design
        return {
            "stoop": __version__,
            "numpy": np.__version__,
            "study": {"name": design.name, "sha256": design.sha256},
            "registration": self.register.file_sha256 if self.register else None,
            "inputs": [{"name": name, "sha256": sha} for name, sha in self.inputs],
            "seed": design.seed,
            "permutations": design.permutations,
            "estimators": list(design.estimators),
        }

    @property
    def cells(self) -> Iterator[tuple[Any, ...]]:
        """panel.csv: one row a unit and period, with its start; hidden counts are empty."""
        panel, starts = self.panel, self._starts()
        for row, unit in enumerate(panel.units):
            for column, period in enumerate(panel.calendar.labels):
                dose, hidden = float(panel.dose[row, column]), bool(self.hidden[row, column])
                count = None if hidden else int(panel.counts[row, column])
                mark = "yes" if hidden else ""
                yield unit, period, count, mark, starts.get(unit, ""), f"{dose:.6g}"


def make_study(
    design: Design,
    progress: Progress = silent,
    each: Each = map,
    register: Register | None = None,
) -> Study:
    """Read the files of a design and work out everything. Raises Refusal where no panel comes.

    each: goes through the blocks of permutations and placebos; the digits are the same whoever
    does (kernel.cluster).
    """
    steps = count(1)
    of = 3 + len(design.estimators) + len(design.samples)

    def say(step: str) -> None:
        progress(step, next(steps), of)

    say("reading the files")
    panel = panels.build(design)
    hidden = release.hidden_cells(panel, design)
    told = Told(panel)
    say("dealing out the starts anew")
    drawn, power = threats.chance(panel, design, told, each)
    ask(panel, design, told, say, each)
    say("what the answer hangs on")
    threats.end_periods(panel, told)
    other = threats.otherwise_placed(design, told)
    starts.otherwise_dated(panel, design, told)
    starts.anticipation(panel, told)
    moved = boundaries(panel, design, told, other)
    other_release = vintage(panel, design, told)
    inputs = (*panel.inputs, *(other_release.inputs if other_release else ()))
    without, gap = threats.without_each(panel, told), threats.levels(panel, told)
    stood = footing(panel)
    if hidden.any():  # before the answer, so that it is the same number everywhere
        release.told_out(panel, hidden, told)
        other_release = release.vintage_out(panel, hidden, other_release)
        without = release.range_out(panel, hidden, without, told)
        gap = release.levels_out(panel, hidden, gap)
        stood = release.footing_out(panel, hidden, stood)
    if release.too_few(panel, hidden):
        power, moved = None, ()
    answer = threats.answer(told, drawn)
    return Study(
        design=design,
        panel=panel,
        answer=answer,
        power=power,
        levels=gap,
        without=without,
        footing=stood,
        boundaries=moved,
        vintage=other_release,
        costs=release.costs_out(panel, hidden, costing(panel, design, answer)),
        warnings=(*threats.warnings(panel), *told.said),
        estimates=tuple(told.lines),
        checks=tuple(told.checks),
        refused=tuple(told.refused),
        hidden=hidden,
        inputs=inputs,
        register=register,
    )
