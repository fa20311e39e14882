"""Starts dated otherwise, and whether anything moved before them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.models import Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.starts import anticipation, otherwise_dated
from stoop.evaluation.studies.told import Told
from stoop.evaluation.tests.factories import DESIGN, town

ALSO = DESIGN.replace('end = "end"', 'end = "end"\nstart_also = { "first funded" = "funded" }')


def funded(folder: Path, dates: dict[str, str]) -> None:
    path = folder / "sites.csv"
    head, *rows = path.read_text().splitlines()
    rows = [f"{row},{dates.get(row.split(',')[0], '')}" for row in rows]
    path.write_text("\n".join([head + ",funded", *rows]) + "\n")


def told_of(folder: Path, design: str = ALSO) -> tuple[Told, Panel]:
    found = read_design(folder / "STUDY.toml")
    panel = build(found)
    told = Told(panel)
    otherwise_dated(panel, found, told)
    return told, panel


def sample(told: Told, name: str) -> float:
    return next(line.estimate for line in told.lines if line.sample == name)


def test_another_column_of_starts(tmp_path: Path) -> None:
    town(tmp_path, design=ALSO)
    # Where the money came two years later than the program, half of the effect comes too early.
    dates = {"A": "2016-07", "B": "2017-01", "C": "2017-01", "D": "2018-03"}
    funded(tmp_path, dates)
    told, _ = told_of(tmp_path)
    assert not told.refused
    late = sample(told, "start: first funded")
    assert np.log(0.5) + 0.15 < late < 0
    assert sample(told, "without the year of the start") == pytest.approx(np.log(0.5), abs=0.15)
    funded_as_started = {"A": "2014-07", "B": "2015-01", "C": "2015-01", "D": "2016-03"}
    town(tmp_path, design=ALSO)
    funded(tmp_path, funded_as_started)
    same, _ = told_of(tmp_path)
    assert sample(same, "start: first funded") < late


def test_a_program_without_that_date_is_no_comparison(tmp_path: Path) -> None:
    town(tmp_path, design=ALSO)
    funded(tmp_path, {"A": "2014-07", "B": "2015-01", "C": "2015-01"})
    told, _ = told_of(tmp_path)
    (no,) = told.refused
    assert (no.sample, no.threat) == ("start: first funded", "starts")
    assert no.why.startswith("sites.csv gives no funded for D")


def test_a_column_that_is_not_there_is_said(tmp_path: Path) -> None:
    town(tmp_path, design=ALSO)
    told, _ = told_of(tmp_path)
    (no,) = told.refused
    assert "no column 'funded'" in no.why


def test_nothing_moved_before_the_start_and_something_did(tmp_path: Path) -> None:
    town(tmp_path)
    panel = build(read_design(tmp_path / "STUDY.toml"))
    told = Told(panel)
    anticipation(panel, told)
    early = [sample(told, "start 1 year earlier"), sample(told, "start 2 years earlier")]
    whole = np.log(0.5)
    assert all(whole < each < 0 for each in early)  # dated too early, it fades
    assert sample(told, "without the year before") == pytest.approx(whole, abs=0.15)
    (lead,) = [line for line in told.lines if line.estimator == "poisson_lead"]
    assert abs(lead.estimate) < 3 * lead.se
    # Were all starts a year later than they say, the year before would be the first of the effect.
    late = Told(panel)
    counts, column = np.array(panel.counts), np.arange(8)
    for row in np.flatnonzero(np.isfinite(panel.onset)):
        counts[row, column == panel.onset[row] - 1] //= 2
    anticipation(replace(panel, counts=counts), late)
    (moved,) = [line for line in late.lines if line.estimator == "poisson_lead"]
    assert moved.estimate == pytest.approx(np.log(0.5), abs=0.2)
    assert moved.p < 0.001
    assert sample(late, "start 1 year earlier") < sample(told, "start 1 year earlier")


@pytest.mark.real_data
def test_new_york_without_the_year_of_the_start(real_data: Path, tmp_path: Path) -> None:
    from tests.stories.test_evaluate_command import NEW_YORK

    (tmp_path / "STUDY.toml").write_text(NEW_YORK.format(folder=real_data))
    told, panel = told_of(tmp_path)
    known = json.loads((real_data / "expected_evaluation_2006_2020.json").read_text())
    wanted = known["sensitivity"]["drop_start_year"]["terms"]["on"]
    for kind, se in (("HC1", "se"), ("CR1", "se_cluster_precinct")):
        (line,) = [
            each
            for each in told.lines
            if (each.sample, each.se_type) == ("without the year of the start", kind)
        ]
        assert (line.estimate, line.se, line.n) == pytest.approx(
            (wanted["coef"], wanted[se], wanted["n"]), abs=1e-8
        )
    anticipation(panel, told)
    # Dated two years too early the effect is gone: it came with the program, not before.
    assert sample(told, "start 2 years earlier") == pytest.approx(-0.0123, abs=5e-5)
