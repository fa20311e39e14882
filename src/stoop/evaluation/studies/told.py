"""What the estimators said: lines, refusals and tests, in the words of this panel."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from stoop.evaluation.models import Panel, label
from stoop.evaluation.studies import resting
from stoopstat.impact.design import Estimate, Refused, Treated, treated
from stoopstat.impact.fewclusters import FewClusters
from stoopstat.impact.influence import Joint

WHOLE = "all"
PRIMARY, ERRORS = "poisson_binary", "CR2"
REACH = 1.959963984540054
NIL = 1e-7  # an error this small is rounding, not knowledge
Answers = Iterable[Estimate | Refused]


@dataclass(frozen=True, slots=True)
class Line:
    """One number: an `Estimate` with its sample; scale also "rate", for 100,000 residents.

    threat: what the number was asked for to probe ("starts", "boundaries"...), empty for the
    estimators and samples of the design. reach: how many errors the 95% interval goes to each side.
    areas: how many treated areas it rests on. note: why not to read the number alone.
    """

    estimator: str
    sample: str
    term: str
    estimate: float
    se: float
    se_type: str
    p: float
    n: int
    scale: str
    threat: str = ""
    reach: float = REACH
    areas: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class No:
    """A number that there is not, and why."""

    estimator: str
    sample: str
    term: str
    why: str
    threat: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A joint test that nothing moved before the start.

    statistic: held against chi-squared with df degrees of freedom, or F with df and rest, which is
    NaN where it is none.
    """

    estimator: str
    sample: str
    check: str
    statistic: float
    df: int
    p: float
    areas: int = 0
    rest: float = float("nan")


class Told:
    """What the estimators said, in the order of asking; columns become periods, rows units.

    said: what was decided on the way, in sentences.
    """

    def __init__(self, panel: Panel) -> None:
        self.said: list[str] = []
        self.lines: list[Line] = []
        self.refused: list[No] = []
        self.checks: list[Check] = []
        self._units, self._calendar, self._whole = panel.units, panel.calendar, laid_out(panel)

    def add(
        self,
        answers: Answers,
        *,
        sample: str = WHOLE,
        estimator: str = "",
        threat: str = "",
        of: Treated | None = None,
        areas: int | None = None,
        note: str = "",
    ) -> None:
        """of: what was asked, the whole panel unless said. areas: how many treated ones a method
        could use, where these are not all."""
        lost: dict[str, list[str]] = {}
        for each in answers:
            name, term = estimator or each.estimator, self._words(each.term)
            if isinstance(each, Refused):
                self.refused.append(No(name, sample, term, self._words(each.why), threat))
            elif not np.isfinite(each.estimate):
                why = "a cell that it averages has no number; join periods or cohorts"
                self.refused.append(No(name, sample, term, why, threat))
            elif not each.se > NIL:
                lost.setdefault(name, []).append(term)
            else:
                under = resting.areas(of or self._whole, each.term, each.scale)
                self.lines.append(
                    Line(name, sample, term, each.estimate, each.se, each.se_type, each.p, each.n,
                         each.scale, threat,
                         areas=under if areas is None else min(under, areas), note=note)
                )  # fmt: skip

        for name, terms_lost in lost.items():
            # Of a path with a term for each period, one line says it of all.
            first, more = terms_lost[0], len(terms_lost) - 1
            term = f"{first} and {more} more" if more else first
            why = "its error cannot be told: too few units carry it; add units or join starts"
            self.refused.append(No(name, sample, term, why, threat))

    def few(self, found: FewClusters | Refused, *, n: int) -> None:
        """The primary estimate with the interval of the answer, by t and not by the normal law."""
        if isinstance(found, Refused):
            self.add([found], estimator=PRIMARY)
            return
        reach = (found.high - found.estimate) / found.se
        self.lines.append(
            Line(PRIMARY, WHOLE, found.term, found.estimate, found.se, ERRORS, found.p, n, "log",
                 reach=reach, areas=resting.areas(self._whole, found.term))
        )  # fmt: skip

    def check(
        self,
        found: Joint | Refused,
        *,
        estimator: str,
        sample: str = WHOLE,
        of: Treated | None = None,
    ) -> None:
        if isinstance(found, Refused):
            self.refused.append(No(estimator, sample, "pretrend", self._words(found.why)))
        else:
            areas = resting.areas(of or self._whole, "on")
            test = Check(
                estimator, sample, "pretrend", found.statistic, found.terms, found.p, areas,
                found.rest,
            )  # fmt: skip
            self.checks.append(test)

    def _words(self, text: str) -> str:
        def word(found: re.Match[str]) -> str:
            at = int(found[2])
            if found[1] == "unit":
                return f"unit {self._units[at]}" if at < len(self._units) else found[0]
            return f"{found[1]} {label(self._calendar.length, self._calendar.first + at)}"

        return re.sub(r"\b(unit|cohort|period) (\d+)\b", word, text)


def laid_out(panel: Panel) -> Treated:
    return treated(panel.counts, panel.onset, dose=panel.dose)
