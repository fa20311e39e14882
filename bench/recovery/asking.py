"""One panel asked as `stoop evaluate` asks it, beside what each number ought to have been."""

import math
import re
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from bench.harness import ROOT
from bench.recovery import city
from bench.recovery.city import City, Floats
from stoop.evaluation.models import Design, Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies import numbers, threats
from stoop.evaluation.studies.told import Told

HOW_TO = ROOT / "docs" / "how-to" / "evaluate-a-program.md"
PERMUTATIONS = 199
# Expected counts are whole to so many digits: some estimators count, and take whole counts only.
FINE = 10_000
# A mix for each of many units would take longer than all the rest together.
MANY = 40
# The leading number of each estimator, by estimator and term.
LEADING = (
    ("poisson_binary", "on"),
    ("poisson_fraction", "frac"),
    ("poisson_next", "on_next"),
    ("imputation_poisson", "overall"),
    ("stacked_poisson", "overall"),
    ("sun_abraham_poisson", "overall"),
    ("matched", "net"),
    ("before_after", "net"),
    ("poisson_spillover", "on"),
    ("poisson_spillover", "onSO"),
    ("callaway_santanna", "simple overall"),
    ("imputation_linear", "overall"),
    ("sun_abraham_linear", "overall"),
    ("synthetic_demeaned", "overall"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One number of one draw. truth: the same estimator on the expected counts. done: what the
    programs did to the treated cells, as log of a ratio; NaN on other scales."""

    estimate: float
    se: float
    reach: float
    p: float
    truth: float
    done: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One draw of one city: the leading numbers by "estimator, term, error"; p of each joint test;
    what the page says."""

    found: dict[str, Found]
    checks: dict[str, float]
    verdict: str


@cache
def design() -> Design:
    """The design of the how-to, read as any other; its files are not there, and not needed."""
    text = re.search(r"```toml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    with tempfile.TemporaryDirectory() as folder:
        for name in re.findall(r'"([\w.]+\.(?:csv|geojson))"', text[1]):
            (Path(folder) / name).touch()
        study = Path(folder) / "STUDY.toml"
        study.write_text(text[1], encoding="utf-8")
        return replace(read_design(study), samples=(), permutations=PERMUTATIONS)


def ask(where: City, seed: int) -> Asked:
    """Draw the city's shootings once and ask every estimator."""
    near = city.adjacent(where)
    drawn = city.panel(where, city.drawn(where, seed), near=near)
    mean = city.expected(where)
    chosen = replace(design(), seed=seed)
    if len(where.units) > MANY:
        some = tuple(name for name in chosen.estimators if name != "synthetic")
        chosen = replace(chosen, estimators=some)
    ought, done = truths(where, mean, near, chosen), change(where, mean)
    told = Told(drawn)
    dealt, _ = threats.chance(drawn, chosen, told)
    numbers.ask(drawn, chosen, told, _silent)
    found = {
        f"{each.estimator}, {each.term}, {each.se_type}": Found(
            each.estimate,
            each.se,
            each.reach,
            each.p,
            ought.get((each.estimator, each.term), math.nan),
            done if each.scale == "log" and each.term != "onSO" else math.nan,
        )
        for each in told.lines
        if (each.estimator, each.term) in LEADING
    }
    answer = threats.answer(told, dealt)
    return Asked(found, {each.estimator: each.p for each in told.checks}, answer.verdict)


def truths(
    where: City, mean: Floats, near: city.Bools, chosen: Design
) -> dict[tuple[str, str], float]:
    """Each estimator's own truth: what it says of the expected counts, on the scale of counts."""
    panel: Panel = city.panel(where, np.round(mean * FINE), near=near)
    told = Told(panel)
    numbers.ask(panel, chosen, told, _silent)
    return {
        (each.estimator, each.term): each.estimate / (1 if each.scale == "log" else FINE)
        for each in told.lines
    }


def change(where: City, mean: Floats) -> float:
    """What the programs did: log of the expected counts of all treated cells over those without
    any program."""
    if not any(each.effect for each in where.plan.programs):
        return 0.0
    on = city.panel(where, mean).dose > 0
    without = city.expected(city.working(where))

    def treated(table: Floats) -> float:
        return float(table.reshape(*on.shape, 3).sum(axis=2)[on].sum())

    return math.log(treated(mean) / treated(without))


def _silent(step: str) -> None:
    """A study tells how far it is; two hundred of them do not."""
