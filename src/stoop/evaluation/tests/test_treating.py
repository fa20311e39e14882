"""Programs as intervals: several in one unit, closures, and what a status says."""

from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.models import Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.numbers import CLOSURES
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.study import make_study
from stoop.evaluation.studies.told import laid_out
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views.sentences import compared, in_numbers
from stoop.kernel.errors import Refusal
from stoopstat.impact.poisson import Fit, poisson
from stoopstat.impact.terms import terms

SITES = """\
district,start,end,status
A,2014-07,,Open
B,2015-01,2016-06,Shut
B,2018-03,,Open
C,2015-01,2017,Shut
C,2016-01,2016-12,Shut
D,2016-03,2018-06-30,Shut
E,2016-01,,Start-up
F,,,Planned
"""
BY_STATUS = 'end = "end"\nstatus = "status"\nat_work = ["Open"]\nclosed = ["Shut"]'


def study(folder: Path, design: str = DESIGN, sites: str = SITES) -> Path:
    path = town(folder, design=design)
    (folder / "sites.csv").write_text(sites)
    return path


def made(folder: Path, design: str = DESIGN, sites: str = SITES) -> Panel:
    return build(read_design(study(folder, design, sites)))


def test_a_closure_ends_the_treatment_until_another_opens(tmp_path: Path) -> None:
    panel = made(tmp_path)
    ended = {
        unit: np.flatnonzero(row).tolist()
        for unit, row in zip(panel.units, panel.ended, strict=True)
        if row.any()
    }
    # B: none at the end of 2016 and of 2017, again in 2018. C: the longer of two counts, and its
    # last day is a day of work. D: over in the middle of the last year.
    assert ended == {"B": [5, 6], "C": [7], "D": [7]}
    assert panel.dose[1, 4:] == pytest.approx([1, 182 / 366, 0, 306 / 365])
    assert panel.dose[2, 4:].tolist() == [1, 1, 1, 0]
    said = " ".join(panel.said)
    assert "Nothing at work any more, at least for a time: B, C, D." in said


def test_a_program_in_a_part_is_one_of_the_whole(tmp_path: Path) -> None:
    path = town(tmp_path)
    path.write_text(DESIGN.replace('field = "district"', 'field = "district"\nparts = { D = "H" }'))
    panel = build(read_design(path))
    assert "D" not in panel.units
    assert panel.onset[panel.units.index("H")] == 5  # 2016-03, as D's list says
    assert panel.treated == 4


def test_an_end_that_is_no_end(tmp_path: Path) -> None:
    panel = made(tmp_path, sites="district,start,end\nA,2014,9999-12-31\nB,1901-01-01,2016\n")
    assert panel.dose[0].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert panel.dose[1].tolist() == [1, 1, 1, 1, 1, 1, 0, 0]
    assert any("Treated from the first period on" in each for each in panel.said)


def test_closures_are_a_sample_of_their_own(tmp_path: Path) -> None:
    asked = DESIGN.replace("seed = 3", 'seed = 3\nestimators = ["event_study"]')
    found = make_study(read_design(study(tmp_path, asked)))
    panel, y = found.panel, laid_out(found.panel)
    lines = {
        (line.estimator, line.sample, line.term): line
        for line in found.estimates
        if line.se_type == "HC1"
    }
    fit = poisson(y.outcome, terms(y), used=~panel.ended)
    assert isinstance(fit, Fit)
    wanted = fit.estimate("on")
    got = lines["poisson_binary", CLOSURES, "on"]
    assert (got.estimate, got.se, got.n) == (wanted.estimate, wanted.se, 11 * 8 - 4)
    assert got.estimate != lines["poisson_binary", "all", "on"].estimate
    assert lines["event_study", CLOSURES, "lag0"].n == 11 * 8 - 4
    # The sentence about closures compares the answer with itself, not with another specification.
    probing = {line.estimator for line in found.estimates if line.threat == "closures"}
    assert probing == {"poisson_binary"}
    none = make_study(read_design(study(tmp_path, asked, "district,start,end\nA,2014-07,\n")))
    assert CLOSURES not in {line.sample for line in none.estimates}


def test_a_status_says_what_counts(tmp_path: Path) -> None:
    panel = made(tmp_path, DESIGN.replace('end = "end"', BY_STATUS))
    assert panel.onset[:6].tolist() == [3, 4, 4, 5, np.inf, np.inf]
    said = " ".join(panel.said)
    assert "that do not count, by their status: Planned (1), Start-up (1)." in said
    # Without it the start-up counts like any other.
    assert made(tmp_path).onset[4] == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Open"', '"Opened"', "No line of sites.csv has the status 'Opened' .*'Open'"),
        ('["Shut"]', '["Shut", "Start-up"]', "Line 8 .* is 'Start-up' and gives no end"),
        ('"status"', '"state"', "no column 'state'"),
        ('["Shut"]', '["Open"]', "'Open' is both at_work and closed"),
        ('at_work = ["Open"]\n', "", "status needs at_work"),
        ('status = "status"\n', "", "at_work and closed need status"),
    ],
)
def test_a_wrong_status_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    design = DESIGN.replace('end = "end"', BY_STATUS)
    assert old in design
    with pytest.raises(Refusal, match=said):
        made(tmp_path, design.replace(old, new, 1))


def test_later_starts_can_be_left_out_of_the_comparison(tmp_path: Path) -> None:
    later = SITES + "G,2019-05,,Open\n"
    assert "G" in made(tmp_path, sites=later).units
    rule = DESIGN.replace("[[exclude]]", "[comparison]\nnot_yet_treated = false\n\n[[exclude]]")
    rule = rule.replace("seed = 3", 'seed = 3\nestimators = ["callaway_santanna"]')
    found = make_study(read_design(study(tmp_path, rule, later)))
    assert ("G", "its program starts after the last period") in {
        each[:2] for each in found.panel.exclusions
    }
    assert not any("not_yet" in line.estimator for line in found.estimates)


@pytest.mark.real_data
def test_new_york_by_its_list_of_sites(real_data: Path, tmp_path: Path) -> None:
    """Programs as intervals with a status, beside the published list of first years."""
    head = f"""\
question = "Did shootings fall where the Crisis Management System worked?"
[outcome]
files = ["{real_data}/shootings_2006_2019.csv", "{real_data}/shootings_2020.csv"]
measure = "rows"
[period]
first = 2006
last = 2020
[[exclude]]
unit = 22
reason = "Central Park, where almost nobody lives"
[unit]
kind = "precinct"
[treatment]
area = "precinct"
"""
    first_years = f'sites = "{real_data}/treatment_years.csv"\nstart = "start_year"\n'
    intervals = (
        f'sites = "{real_data}/cms_sites.csv"\nstart = "start_month"\nend = "end_month"\n'
        'status = "status_2022_01"\n'
        'at_work = ["Fully Operational"]\nclosed = ["Not Operational"]\n'
    )
    path, panels = tmp_path / "STUDY.toml", []
    for treatment in (first_years, intervals):
        path.write_text(head + treatment)
        panels.append(build(read_design(path)))
    years, sites = panels
    differ = {
        unit: (there, here)
        for unit, there, here in zip(years.units, years.onset, sites.onset, strict=True)
        if there != here
    }
    # The lists differ in two start-ups without services, which begin after the panel; 67, whose
    # first program closed in 2021 and whose second is a start-up, counts from the closed one.
    assert differ == {"43": (15, np.inf), "69": (15, np.inf)}
    assert sites.onset[sites.units.index("67")] == 9
    for panel in panels:
        y = laid_out(panel)
        fit = poisson(y.outcome, terms(y))
        assert isinstance(fit, Fit)
        assert fit.coef[0] == pytest.approx(-0.0979076, abs=1e-7)
    # What only the intervals know: the month, and so the share of the first year.
    assert years.launch is None
    assert sites.launch is not None
    assert sites.dose[sites.units.index("88"), 13] == pytest.approx(153 / 365)
    said = " ".join(sites.said)
    assert "Several programs: 73, 75." in said
    assert "Start Up (1), Start Up- No Services (1), Start Up- No/Limited Services (3)." in said


def test_an_area_treated_throughout_is_said_apart(tmp_path: Path) -> None:
    """It is none of those that the answer counts, and no area without a program."""
    sites = "district,start,end\nA,2009-03,\nB,2011-01,\nC,2015-01,\nD,2016-03,\n"
    found = make_study(read_design(study(tmp_path, sites=sites)))
    assert (found.panel.treated, found.panel.always_treated) == (2, 2)
    said = compared(found)
    assert said.startswith("2 areas with a program that starts in the panel, and 7 beside them")
    assert "2 more have had a program from the first period on" in said
    assert "the 2 areas counted" in in_numbers(found)
    assert found.footing is not None
    assert found.footing.treated == 2
