"""The same question asked in every other way, and what of it would change the answer."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stoop.evaluation.models import Bools, Design, Panel
from stoop.evaluation.studies.starts import LEADS
from stoop.evaluation.studies.threats import REACH, Answer
from stoop.evaluation.studies.told import ERRORS, PRIMARY, WHOLE, Line, No

# Of the estimators that ask several things, the one term that is the effect.
TERMS = {"poisson_fraction": "frac", "poisson_next": "on_next"}
EFFECTS = frozenset({"overall", "simple overall", "net"})
# Their step is only a part of what they find; the path is in study.json.
PARTS = ("poisson_linear", "poisson_quadratic", "event_study")
TWICE = ("HC1", "permutation")  # errors of a number that stands there with another one already


@dataclass(frozen=True, slots=True)
class Way:
    """One way of asking. kind: answer, estimator, sample (of the design) or threat."""

    line: Line
    kind: str

    @property
    def low(self) -> float:
        return self.line.estimate - self.line.reach * self.line.se

    @property
    def high(self) -> float:
        return self.line.estimate + self.line.reach * self.line.se

    @property
    def holds_none(self) -> bool:
        """Whether its interval holds no change at all."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Hinges:
    """What the answer hangs on, among the other ways in percent and, for the side, in counts too.

    asked: how many other ways. other_side: they say that it went the other way. outside: their
    number lies outside the answer's interval. unlike: their interval holds no change where the
    answer's does not, or the reverse.
    """

    asked: int
    other_side: tuple[Way, ...]
    outside: tuple[Way, ...]
    unlike: tuple[Way, ...]


class Difference(NamedTuple):
    """The answer as outcomes in all treated cells together; low and high are its interval."""

    counted: int
    expected: float
    change: float
    low: float
    high: float
    years: float


class Levelled(NamedTuple):
    """Plain and demeaned synthetic control, where they disagree, and the areas that the plain one
    refused."""

    plain: Line
    demeaned: Line
    refused: int


def ways(lines: tuple[Line, ...], design: Design, scale: str = "log") -> tuple[Way, ...]:
    """The effect by each way that has one on this scale, low to high."""
    samples = {each.name for each in design.samples}
    found = [
        Way(line, _kind(line, samples))
        for line in lines
        if line.scale == scale and _is_effect(line) and not stands_twice(line)
    ]
    return tuple(sorted(found, key=lambda way: way.line.estimate))


def hinges(lines: tuple[Line, ...], design: Design) -> Hinges | None:
    """None where there is no answer to hang on anything."""
    every = ways(lines, design)
    answer = next((way for way in every if way.kind == "answer"), None)
    if answer is None:
        return None
    others = [way for way in every if way is not answer]
    levels = [*ways(lines, design, "count"), *ways(lines, design, "rate")]
    side = answer.line.estimate
    return Hinges(
        asked=len(others) + len(levels),
        other_side=tuple(w for w in (*others, *levels) if w.line.estimate * side < 0),
        outside=tuple(w for w in others if not answer.low <= w.line.estimate <= answer.high),
        unlike=tuple(w for w in others if w.holds_none != answer.holds_none),
    )


def treated_cells(panel: Panel) -> Bools:
    """(U, T) cells from an onset inside the panel on: those that the answer speaks of."""
    columns = np.arange(panel.calendar.size)
    began = (panel.onset > 0) & (panel.onset < panel.calendar.size)
    cells: Bools = began[:, None] & (columns[None, :] >= panel.onset[:, None])
    return cells


def difference(panel: Panel, answer: Answer) -> Difference | None:
    """How many outcomes the answer stands for, all treated cells together."""
    if answer.verdict == "none":
        return None
    on = treated_cells(panel)
    counted = float(panel.counts[on].sum())

    def change(percent: float) -> float:
        return counted * (1 - 1 / (1 + percent / 100))

    per_year = {"year": 1, "quarter": 4, "month": 12}[panel.calendar.length]
    return Difference(
        int(counted),
        counted / (1 + answer.percent / 100),
        change(answer.percent),
        change(answer.low),
        change(answer.high),
        float(on.any(axis=0).sum()) / per_year,
    )


def levelled(lines: tuple[Line, ...], refused: tuple[No, ...]) -> Levelled | None:
    """Plain against demeaned synthetic control: other sides, or outside each other's interval."""
    found = {
        line.estimator: line for line in lines if line.term == "overall" and line.sample == WHOLE
    }
    plain, demeaned = found.get("synthetic_plain"), found.get("synthetic_demeaned")
    if plain is None or demeaned is None:
        return None
    apart = abs(plain.estimate - demeaned.estimate)
    other_side = plain.estimate * demeaned.estimate < 0
    if not other_side and apart <= REACH * min(plain.se, demeaned.se):
        return None
    lost = [
        no for no in refused if no.estimator == "synthetic_plain" and no.term.startswith("unit")
    ]
    return Levelled(plain, demeaned, len(lost))


def is_answer(line: Line) -> bool:
    """Whether this is the number of the answer in one sentence."""
    return (line.estimator, line.sample, line.se_type) == (PRIMARY, WHOLE, ERRORS)


def stands_twice(line: Line) -> bool:
    """Whether the same number stands there again with the error that is read."""
    own = (line.estimator, line.sample, line.se_type) == (PRIMARY, WHOLE, "CR1")
    return line.se_type in TWICE or own


def _kind(line: Line, samples: set[str]) -> str:
    if is_answer(line):
        return "answer"
    if line.sample in samples:
        return "sample"
    return "threat" if line.threat or line.sample != WHOLE else "estimator"


def _is_effect(line: Line) -> bool:
    if line.estimator.startswith(PARTS) or _is_misdated(line):
        return False
    return line.term in EFFECTS or line.term == TERMS.get(line.estimator, "on")


def _is_misdated(line: Line) -> bool:
    """Starts dated too early on purpose: a test of the answer and no other way to it."""
    return line.threat == LEADS and line.sample.startswith("start ")
