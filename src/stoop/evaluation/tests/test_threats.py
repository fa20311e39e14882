"""The answer: what may be said, and each doubt that forbids to say more."""

from math import exp

import numpy as np
import pytest

from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.threats import answer
from stoop.evaluation.studies.told import Told
from stoop.evaluation.tests.factories import town
from stoopstat.impact.design import Estimate, Refused
from stoopstat.impact.influence import Joint
from stoopstat.impact.permutation import summed

CALM, WILD = np.linspace(-0.1, 0.1, 999), np.linspace(-1, 1, 999)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(build(read_design(town(tmp_path_factory.mktemp("town")))))


def asked(told: Told, b: float, se: float, pretrend: tuple[float | None, float | None]) -> Told:
    told.lines.clear()
    told.checks.clear()
    told.refused.clear()
    told.add(
        Estimate("poisson_binary", "on", b, error, kind, 0.5, 9, "log")
        for kind, error in (("permutation", 9.0), ("HC1", se / 9), ("CR2", se))
    )
    for kind, p in zip(("HC1", "quasi-Poisson"), pretrend, strict=True):
        if p is not None:
            told.check(Joint(1.0, 4, p), estimator=f"event_study {kind}")
    return told


@pytest.mark.parametrize(
    ("b", "se", "drawn", "pretrend", "verdict", "doubts"),
    [
        (-0.3, 0.1, CALM, (0.5, 0.5), "fell", ()),
        (0.3, 0.1, CALM, (0.5, 0.5), "rose", ()),
        (-0.3, 0.2, CALM, (0.5, 0.5), "open", ("interval",)),
        (-0.3, 0.1, WILD, (0.5, 0.5), "open", ("chance",)),
        # Robust errors are too small to accuse anybody by.
        (-0.3, 0.1, CALM, (0.01, 0.5), "fell", ()),
        (-0.3, 0.1, CALM, (0.5, 0.01), "open", ("pretrend",)),
        # What nobody asked, or could ask, speaks for nothing.
        (-0.3, 0.1, CALM, (0.5, None), "open", ("untested",)),
        (-0.3, 0.1, CALM, (None, None), "open", ("untested",)),
        (-0.3, 0.2, WILD, (0.01, 0.01), "open", ("interval", "chance", "pretrend")),
    ],
)
def test_what_may_be_said(told, b, se, drawn, pretrend, verdict, doubts) -> None:
    found = answer(asked(told, b, se, pretrend), summed("on", b, drawn))
    assert (found.verdict, found.doubts) == (verdict, doubts)
    assert found.percent == pytest.approx(100 * (exp(b) - 1))
    assert found.low == pytest.approx(100 * (exp(b - 1.96 * se) - 1), abs=1e-3)
    assert found.high == pytest.approx(100 * (exp(b + 1.96 * se) - 1), abs=1e-3)


def test_no_number_is_said_with_its_reason(told: Told) -> None:
    asked(told, -0.3, 0.1, (0.5, 0.5)).lines.clear()
    told.add([Refused("poisson", "on", "the cells fall apart")], estimator="poisson_binary")
    found = answer(told, None)
    assert (found.verdict, found.why) == ("none", "the cells fall apart")
    assert np.isnan(found.percent)
