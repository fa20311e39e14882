"""Costs: what the design assumes is used and shown, and an open effect is worth nothing sure."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.models import Design
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.costs import Costing, costing
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.study import make_study
from stoop.evaluation.studies.threats import Answer
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views.costs import assumed, sentences, tornado
from stoop.evaluation.views.page import study_page
from stoop.kernel.errors import Refusal

COSTS = """
[costs]
currency = "USD"
per = "year"
program = { low = 90000, central = 100000, high = 150000, source = "the budget" }
fatal = { low = 1e6, central = 2e6, high = 9e6, source = "a review" }
nonfatal = { low = 4e4, central = 5e4, high = 9e4, source = "a review" }
fatal_share = { low = 0.1, central = 0.2, high = 0.3, source = "the record" }
share = { low = 0.5, central = 1, high = 1, source = "a guess" }
discount = { low = 0, central = 0.03, high = 0.07, source = "the city" }
"""


def designed(folder: Path, costs: str = COSTS, effect: float = 0.5) -> Design:
    head, exclude = DESIGN.split("[[exclude]]")
    return read_design(town(folder, effect=effect, design=f"{head}{costs}\n[[exclude]]{exclude}"))


def weighed(design: Design, answer: Answer) -> Costing:
    found = costing(build(design), design, answer)
    assert found is not None
    return found


def fell(low: float, high: float, verdict: str = "fell") -> Answer:
    return Answer(verdict, (low + high) / 2, low, high, 0.01, 0.01, 0.5)


def test_a_study_weighs_what_it_found(tmp_path: Path) -> None:
    study = make_study(designed(tmp_path))
    found = study.costs
    assert found is not None
    assert found.worth is not None
    assert found.verdict == "pays"
    panel = study.panel
    on = panel.onset[:, None] <= np.arange(8)
    assert found.outcomes == panel.counts[on].sum()
    # A from July 2014, B and C from 2015, D from March 2016, to the end of 2018.
    assert found.years == pytest.approx(4.5 + 4 + 4 + (2 + 306 / 366), abs=0.01)
    page = study_page(study)
    assert "The program was worth more than it cost. For each USD spent" in page
    assert page.index("What would change the answer") < page.index("What the worth hangs on")
    for source in ("the budget", "a guess", "the city"):
        assert source in page
    told = study.numbers["costs"]
    assert told["verdict"] == "pays"
    assert told["worth"]["ratio"]["value"] == pytest.approx(found.worth.ratio.value)
    assert [each["name"] for each in told["assumptions"]][:3] == ["program", "share", "discount"]


def test_the_example_of_the_guide_can_be_read(tmp_path: Path) -> None:
    guide = Path(__file__).parents[4] / "docs/how-to/evaluate-a-program.md"
    (example,) = [part for part in guide.read_text().split("```") if "[costs]" in part[:20]]
    design = designed(tmp_path, example.removeprefix("toml"))
    assert design.costs is not None
    assert [one.central for one in design.costs.assumptions] == [8e5, 1, 0.03, 1e7, 7e5, 0.19]


def test_without_costs_nothing_is_said_of_them(tmp_path: Path) -> None:
    study = make_study(read_design(town(tmp_path)))
    assert study.costs is None
    page = study_page(study)
    assert "what the program cost." in page
    assert "tornado" not in page


def test_an_open_effect_leaves_the_worth_open(tmp_path: Path) -> None:
    design = designed(tmp_path)
    found = weighed(design, fell(-20, 5, "open"))
    assert found.verdict == "open"
    assert found.worth is not None
    assert found.worth.ratio.low < 0 < found.worth.ratio.high
    said = sentences(found)[0]
    assert "cannot be told, because its effect cannot be told" in said
    none = weighed(design, replace(fell(0, 0, "none"), why="no areas"))
    assert (none.verdict, none.worth) == ("none", None)
    assert sentences(none) == ["What the program is worth cannot be told: no areas"]
    assert tornado(none) is None


def test_the_verdict_is_of_the_interval_that_holds_the_assumptions(tmp_path: Path) -> None:
    cheap = "program = { low = 90000, central = 100000, high = 150000"
    dear = "program = { low = 9e7, central = 1e8, high = 1.5e8"
    unsure = "program = { low = 9e6, central = 1e7, high = 1.5e7"
    verdicts = []
    for number, text in enumerate((cheap, dear, unsure)):
        folder = tmp_path / str(number)
        folder.mkdir()
        design = designed(folder, COSTS.replace(cheap, text))
        verdicts.append(weighed(design, fell(-55, -45)).verdict)
    assert verdicts == ["pays", "falls_short", "unsure"]


def test_a_total_is_spread_over_the_years_of_program(tmp_path: Path) -> None:
    total = COSTS.replace('per = "year"', 'per = "total"')
    (tmp_path / "one").mkdir()
    found = weighed(designed(tmp_path / "one", total), fell(-55, -45))
    program = found.assumptions[0]
    assert found.spread_over == pytest.approx(found.years + 4, abs=0.01)  # Z, on no map
    assert program.central == pytest.approx(100000 / (found.years + 4), rel=1e-3)
    assert "5.0" not in assumed(found).rows[0][2]


def test_a_total_has_paid_for_areas_that_are_not_compared(tmp_path: Path) -> None:
    """One left out by name, one at work from before the panel, one that is no unit."""
    total = COSTS.replace('per = "year"', 'per = "total"')
    design = designed(tmp_path, total)
    (tmp_path / "sites.csv").write_text(
        "district,start,end\nA,2015-01,\nL,2015-01,\nK,2009-01,\nZ,2018,\n"
    )
    found = weighed(design, fell(-55, -45))
    assert found.years == pytest.approx(4)
    assert found.spread_over == pytest.approx(4 + 4 + 8 + 1)
    assert found.assumptions[0].central == pytest.approx(100000 / 17)
    assert "17.0 years of program in all listed areas" in " ".join(sentences(found))


def test_after_a_closure_nothing_is_paid_and_nothing_averted(tmp_path: Path) -> None:
    design = designed(tmp_path)
    (tmp_path / "sites.csv").write_text("district,start,end\nA,2013-07,2014-06\nB,2017-01,\n")
    panel = build(design)
    found = costing(panel, design, fell(-55, -45))
    assert found is not None
    a, b = panel.units.index("A"), panel.units.index("B")
    assert found.outcomes == panel.counts[a, 2:4].sum() + panel.counts[b, 6:].sum()
    assert found.years == pytest.approx(1 + 2, abs=0.01)
    said = " ".join(sentences(found))
    assert "Programs worked for 3.0 years" in said
    assert "Periods after a closure, in which no program worked, are left out" in said


@pytest.mark.parametrize(
    ("low", "high", "verdict", "told"),
    [
        (10, 60, "rose", "speaks against the program: it cost money, and harm rose. For each USD"),
        (-5, 40, "rose", "below 0: averted)"),
        (10, 60, "open", "Were it the program’s, harm worth"),
    ],
)
def test_a_rise_is_harm_on_top(
    tmp_path: Path, low: float, high: float, verdict: str, told: str
) -> None:
    found = weighed(designed(tmp_path), fell(low, high, verdict))
    assert found.worth is not None
    assert found.worth.ratio.value < 0
    first, counted = sentences(found)[:2]
    assert told in first
    assert "came on top" in first
    assert "of them on top of what there had been" in counted
    for sentence in (first, counted):
        assert "was averted" not in sentence
        assert "worth −" not in sentence
    if low > 0:
        assert "−" not in first + counted


def test_the_tornado_shows_every_assumption_widest_first(tmp_path: Path) -> None:
    found = weighed(designed(tmp_path), fell(-55, -45))
    picture = tornado(found)
    assert picture is not None
    assert len(picture.rows) == 7
    assert picture.rows[0][0] == "One that kills"
    assert found.worth is not None
    widths = [swing.width for swing in found.worth.swings]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("low = 90000", "low = 900000", "program of .costs. does not rise"),
        (', source = "a guess"', "", "does not give source"),
        ("high = 1, ", "high = 2, ", "high in .share. must be a number from 0 to 1"),
        ('per = "year"', 'per = "site"', "must be one of year, total"),
        ("fatal_share =", "fatal_part =", "does not give fatal_share"),
        ("discount =", "discont =", "does not give discount"),
        ('currency = "USD"', 'currency = "USD"\noutcome = 4', "unknown key outcome"),
    ],
)
def test_an_assumption_without_its_ends_or_source_is_refused(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in COSTS
    with pytest.raises(Refusal, match=why):
        designed(tmp_path, COSTS.replace(old, new))
