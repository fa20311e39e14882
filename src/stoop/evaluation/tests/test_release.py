"""What a study gives out, held against somebody who adds, subtracts and solves."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from stoop.evaluation.actions import publish_study
from stoop.evaluation.models import Floats
from stoop.evaluation.studies import Study
from stoop.evaluation.studies.resting import areas
from stoop.evaluation.tests.factories import AREAS, DESIGN, STARTS, YEARS, town
from stoop.evaluation.views.page import study_page
from stoopstat.impact.design import NEVER, treated

# Small counts in a few areas with a program, and large ones beside them.
QUIET, LOUD = 2.4, 30.0
ASKED = 'estimators = ["poisson", "event_study", "callaway_santanna", "imputation", "synthetic"]\n'
COSTS = """
[costs]
currency = "USD"
per = "year"
program = {low = 1, central = 2, high = 3, source = "x"}
share = {low = 1, central = 1, high = 1, source = "x"}
discount = {low = 0, central = 0.03, high = 0.05, source = "x"}
outcome = {low = 1, central = 2, high = 4, source = "x"}
"""


def small_town(folder: Path, programs: int) -> Path:
    """The town of the factories with few shootings, and only the first `programs` of its starts."""
    starts = dict(list(STARTS.items())[:programs])
    other = '[vintage]\nfiles = ["other.csv"]\n'
    path = town(folder, design=ASKED + DESIGN + COSTS + other)
    rng, rows = np.random.default_rng(programs), ["incident_key,date,district,lat,lon"]
    for place, area in enumerate(AREAS):
        for year in YEARS:
            for _ in range(rng.poisson(QUIET if area in STARTS or place % 3 == 0 else LOUD)):
                rows.append(f"{len(rows)},{year}-06-01,{area},41.0,-60.0")
    for name in ("shootings.csv", "other.csv"):
        (folder / name).write_text("\n".join(rows) + "\n")
    lines = ["district,start,end", *(f"{area},{start}," for area, start in starts.items())]
    (folder / "sites.csv").write_text("\n".join(lines) + "\n")
    return path


def made_of(folder: Path, programs: int) -> tuple[Study, dict[str, Any], str]:
    made = publish_study(study=small_town(folder, programs), out=folder / "out", render=study_page)
    page = (folder / "out" / "study.html").read_text()
    return made, json.loads((folder / "out" / "study.json").read_text()), page


def equations(made: Study, told: dict[str, Any]) -> list[tuple[Floats, float, float]]:
    """Whatever in study.json is a sum of counts: its weights by cell, and between which ends.

    All totals of rows, columns and treated cells are taken as known too.
    """
    counts, onset = made.panel.counts, made.panel.onset
    size = counts.shape[1]
    grid = np.zeros((2, *counts.shape))
    grid[0], grid[1] = np.arange(counts.shape[0])[:, None], np.arange(size)[None, :]
    masks = [*(grid[0] == row for row in range(len(counts))), *(grid[1] == t for t in range(size))]
    masks.append(grid[1] >= onset[:, None])
    found = [(np.where(m, 1.0, 0.0), float(counts[m].sum()), 0.0) for m in masks]
    pool, labels = onset == NEVER, made.panel.calendar.labels
    if told["level_gap"]:
        before = (grid[1] < onset[:, None]) & ~pool[:, None]
        weight = before / np.maximum(before.sum(axis=1, keepdims=True), 1) / (~pool).sum()
        value = told["level_gap"]["treated"]
        found.append((weight, value, half_of(value)))
    for line in told["estimates"]:
        if line["estimator"] != "callaway_santanna":
            continue
        weight = np.zeros(counts.shape)
        kind, _, at = line["term"].rpartition(" ")
        cells = [
            (row, t)
            for row in np.flatnonzero(~pool)
            for t in range(int(onset[row]), size)
            if line["term"] == "simple overall"
            or (kind == "period" and labels[t] == at)
            or (kind == "cohort" and labels[int(onset[row])] == at)
            or (kind == "event" and f"{t - onset[row]:.0f}" == at)
        ]
        for row, t in cells:
            base = int(onset[row]) - 1
            weight[row, t] += 1 / len(cells)
            weight[row, base] -= 1 / len(cells)
            weight[pool, t] -= 1 / len(cells) / pool.sum()
            weight[pool, base] += 1 / len(cells) / pool.sum()
        if cells:
            found.append((weight, line["estimate"], half_of(line["estimate"])))
    return found


def half_of(value: float) -> float:
    """Half a step of the third figure."""
    return float(10 ** (np.floor(np.log10(max(abs(value), 1e-9))) - 2) / 2 + 1e-6)


def ends(made: Study, told: dict[str, Any], cell: tuple[int, int]) -> list[int]:
    """The least and the most that a hidden count can be, by whole numbers."""
    counts, hidden = made.panel.counts, made.hidden
    every = equations(made, told)
    matrix = np.array([weight.ravel() for weight, _value, _half in every])
    value, half = (np.array([each[k] for each in every]) for k in (1, 2))
    low, high = np.zeros(counts.size), np.full(counts.size, counts.sum())
    shown = ~hidden.ravel()
    low[shown] = high[shown] = counts.ravel()[shown]
    out = []
    for sign in (1, -1):
        aim = np.zeros(counts.shape)
        aim[cell] = sign
        done = milp(
            aim.ravel(), constraints=LinearConstraint(matrix, value - half, value + half),
            integrality=np.ones(counts.size), bounds=(low, high),
        )  # fmt: skip
        assert done.success
        out.append(round(sign * done.fun))
    return out


@pytest.mark.parametrize("programs", [1, 2, 4])
def test_nobody_works_out_a_hidden_count(tmp_path: Path, programs: int) -> None:
    made, told, _page = made_of(tmp_path, programs)
    counts = made.panel.counts
    small = (counts > 0) & (counts < 5)
    assert made.hidden[small].all()
    ours = [(row, t) for row, t in np.argwhere(small).tolist() if made.panel.onset[row] < 99]
    assert ours
    for cell in ours[:12]:
        low, high = ends(made, told, cell)
        assert low < high, (made.panel.units[cell[0]], cell[1])


@pytest.mark.parametrize("programs", [1, 2])
def test_a_study_of_two_areas_has_no_number_and_says_why(tmp_path: Path, programs: int) -> None:
    made, told, page = made_of(tmp_path, programs)
    assert (told["estimates"], told["checks"], told["boundaries"]) == ([], [], [])
    assert told["answer"]["verdict"] == "none"
    for name in ("power", "level_gap", "leave_one_out", "footing", "vintage"):
        assert told[name] is None
    assert told["costs"]["outcomes"] is told["costs"]["worth"] is None
    assert "There is no number: fewer than three areas have a program here" in page
    assert "[small_cells] publish" in page
    assert "What each estimator is" not in page
    assert made.hidden.any()
    assert "other.csv" in {each["name"] for each in made.run["inputs"]}


def test_each_line_knows_how_many_areas_it_rests_on(tmp_path: Path) -> None:
    _made, told, _page = made_of(tmp_path, 4)
    assert told["answer"]["verdict"] != "none"
    assert {each["areas"] >= 3 for each in told["estimates"]} == {True}
    # Of the starts one is alone in its year: counts of the others would give its own.
    assert {each["scale"] for each in told["estimates"]} == {"log"}


def test_no_reason_tells_the_counts_of_one_area(tmp_path: Path) -> None:
    """Why a mix cannot stand for an area is said with its mean: before one period, its count."""
    path = small_town(tmp_path, 4)
    # As quiet as before, but with residents so few that no other area has its rate.
    people = (tmp_path / "population.csv").read_text().replace("A,9000", "A,90")
    (tmp_path / "population.csv").write_text(people)
    publish_study(study=path, out=tmp_path / "out", render=study_page)
    told = json.loads((tmp_path / "out" / "study.json").read_text())
    whys = [each["why"] for each in told["refused"] if each["term"] == "unit A"]
    assert whys
    assert not any(character.isdigit() for why in whys for character in why)
    assert "lies above" not in (tmp_path / "out" / "study.html").read_text()


def test_areas_under_a_term() -> None:
    y = treated(np.ones((6, 6)), [2, 2, 2, 3, 5, NEVER])
    known = {"on": 5, "on_next": 4, "unit 0": 1, "cohort 2": 3, "period 2": 3, "period 3": 4}
    known |= {"event 2": 4, "event 3": 3, "lag3": 2, "lead3": 3, "lag0": 5}
    assert {term: areas(y, term) for term in known} == known
    assert areas(y, "simple overall", "count") == 1
