"""Areas that open or close half-way are found, and the answer is asked with the border fixed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.models import Design, Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.boundaries import FIXED, WITHOUT, Boundary, boundaries
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import Told, laid_out
from stoop.evaluation.tests.factories import DESIGN, town
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms


def asked(design: Design, *, points: bool = True) -> tuple[tuple[Boundary, ...], Told, Panel]:
    panel = build(design)
    told = Told(panel)
    mapped = build(replace(design, area="mapped")) if points else None
    return boundaries(panel, design, told, mapped), told, panel


def recorded(folder: Path, area: str, other: str, years: range) -> None:
    """What lies in an area was recorded in another one in some years: the points stay."""
    path = folder / "shootings.csv"
    head, *rows = [line.split(",") for line in path.read_text().splitlines()]
    for row in rows:
        if row[2] == area and int(row[1][:4]) in years:
            row[2] = other
    path.write_text("\n".join(map(",".join, [head, *rows])) + "\n")


def sample(told: Told, name: str) -> float:
    """The one estimate of a sample, the same for both kinds of errors."""
    found = {line.estimate for line in told.lines if line.sample == name}
    assert len(found) == 1
    return found.pop()


def test_a_town_whose_borders_stay_has_none(tmp_path: Path) -> None:
    found, told, _ = asked(read_design(town(tmp_path)))
    assert found == ()
    assert not told.lines
    assert not told.refused


def test_an_area_that_opens_half_way_is_found_with_where_it_came_from(tmp_path: Path) -> None:
    design = read_design(town(tmp_path))
    truth = build(design)
    recorded(tmp_path, "F", "B", range(2011, 2014))  # B lies south of F and has a program
    (found,), told, panel = asked(design)
    assert (found.unit, found.opens, found.period) == ("F", True, "2014")
    assert (found.other, found.found_by, found.share) == ("B", "map", 1.0)
    assert found.p < 1e-6
    moved = truth.counts[panel.units.index("F"), :3].sum()
    assert moved / 1.5 < found.expected < moved * 1.5
    # Counting F with B throughout is what parts say in the design.
    joined = build(replace(design, parts={"F": "B"}))
    y = laid_out(joined)
    assert sample(told, FIXED) == poisson(y.outcome, terms(y)).coef[0]
    assert joined.counts.sum() == panel.counts.sum()
    apart = next(line.n for line in told.lines if line.sample == WITHOUT)
    assert apart == (len(panel.units) - 2) * 8
    assert {line.threat for line in told.lines} == {"boundaries"}


def test_two_that_are_joined_have_the_program_of_the_first_to_start(tmp_path: Path) -> None:
    """F opens out of K, which has a program from 2015: the two together have it too."""
    design = read_design(town(tmp_path))
    (tmp_path / "sites.csv").write_text("district,start,end\nK,2015-01,\nA,2016-01,\n")
    recorded(tmp_path, "F", "K", range(2011, 2014))
    (found,), told, _ = asked(design)
    assert (found.unit, found.other) == ("F", "K")
    y = laid_out(build(replace(design, parts={"F": "K"})))
    assert sample(told, FIXED) == poisson(y.outcome, terms(y)).coef[0]


def test_the_design_can_answer_it(tmp_path: Path) -> None:
    text = DESIGN.replace('field = "district"', 'field = "district"\nparts = { F = "B" }')
    design = read_design(town(tmp_path, design=text))
    recorded(tmp_path, "F", "B", range(2011, 2014))
    found, told, _ = asked(design)
    assert found == ()
    assert not told.lines


def test_an_area_that_closes_is_found_too(tmp_path: Path) -> None:
    design = read_design(town(tmp_path))
    recorded(tmp_path, "F", "B", range(2016, 2019))
    # By the last outlines there is no F any more: its ground is B's.
    shapes = json.loads((tmp_path / "areas.geojson").read_text())
    for each in shapes["features"]:
        each["properties"]["district"] = each["properties"]["district"].replace("F", "B")
    (tmp_path / "areas.geojson").write_text(json.dumps(shapes))
    (found,), told, _ = asked(design)
    assert (found.unit, found.opens, found.period, found.other) == ("F", False, "2016", "B")
    assert np.isfinite(sample(told, FIXED))


def test_without_points_the_step_next_door_tells(tmp_path: Path) -> None:
    design = read_design(town(tmp_path))
    recorded(tmp_path, "G", "H", range(2011, 2014))
    (found,), told, _ = asked(design, points=False)
    assert (found.unit, found.other, found.found_by) == ("G", "H", "step")
    assert np.isfinite(sample(told, FIXED))


def test_where_nobody_can_tell_the_area_is_only_left_out(tmp_path: Path) -> None:
    text = DESIGN.replace('outlines = "areas.geojson"\nfield = "district"\n', "")
    design = read_design(town(tmp_path, design=text))
    recorded(tmp_path, "G", "H", range(2011, 2014))
    (found,), told, panel = asked(design, points=False)
    assert (found.unit, found.other, found.found_by) == ("G", "", "")
    assert [no.sample for no in told.refused] == [FIXED]
    assert next(line.n for line in told.lines if line.sample == WITHOUT) == (
        (len(panel.units) - 1) * 8
    )


def test_dates_of_outlines_tell_without_a_silent_year(tmp_path: Path) -> None:
    """F is drawn out of B in the last year; before, B held the ground of both."""
    design = read_design(town(tmp_path))
    drawn_out(tmp_path)
    found, told, _ = asked(design)
    (one,) = found
    assert (one.unit, one.opens, one.period, one.other) == ("F", True, "2018", "B")
    assert one.found_by == "outlines"
    assert one.share == pytest.approx(1)
    assert np.isnan(one.p)
    assert np.isfinite(sample(told, FIXED))


def test_a_study_by_the_outlines_of_each_day_is_asked_with_the_last(tmp_path: Path) -> None:
    text = DESIGN.replace('"incidents"', '"incidents"\narea = "mapped"')
    text = text.replace('kind = "district"', 'kind = "district"\nas_of = "each day"')
    design = read_design(town(tmp_path, design=text))
    drawn_out(tmp_path)
    found, told, panel = asked(design, points=False)
    assert found == ()
    assert "F" not in panel.units  # missing in some periods, and not zero
    y = laid_out(build(replace(design, as_of="last day")))
    assert sample(told, FIXED) == poisson(y.outcome, terms(y)).coef[0]
    assert y.outcome.shape[0] == len(panel.units) + 1


def drawn_out(tmp_path: Path) -> None:
    """Outlines in which F is drawn out of B on 2018-07-01."""
    shapes = json.loads((tmp_path / "areas.geojson").read_text())
    own = {each["properties"]["district"]: each for each in shapes["features"]}
    both = [[[x, y] for x, y in own[code]["geometry"]["coordinates"][0]] for code in "BF"]
    before = {
        "type": "Feature",
        "properties": {"district": "B", "valid_from": None, "valid_to": "2018-07-01"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in both]},
    }
    for code in "BF":
        own[code]["properties"] |= {"valid_from": "2018-07-01", "valid_to": None}
    shapes["features"].append(before)
    (tmp_path / "areas.geojson").write_text(json.dumps(shapes))


def test_a_code_that_only_changed_is_joined_with_itself(tmp_path: Path) -> None:
    """F is called FF from 2015 on: one closes, the other opens, and both are one area."""
    text = DESIGN.replace('population = "population.csv"\n', "")
    design = read_design(town(tmp_path, design=text))
    recorded(tmp_path, "F", "FF", range(2015, 2019))
    shapes = json.loads((tmp_path / "areas.geojson").read_text())
    for each in shapes["features"]:
        if each["properties"]["district"] == "F":
            each["properties"]["district"] = "FF"
    (tmp_path / "areas.geojson").write_text(json.dumps(shapes))
    found, told, _ = asked(design)
    assert [(each.unit, each.opens, each.other) for each in found] == [
        ("F", False, "FF"), ("FF", True, "F")
    ]  # fmt: skip
    whole = build(replace(design, parts={"FF": "F"}))
    y = laid_out(whole)
    assert sample(told, FIXED) == pytest.approx(poisson(y.outcome, terms(y)).coef[0], abs=1e-12)


@pytest.mark.real_data
def test_new_york_opened_one_precinct_half_way(real_data: Path, tmp_path: Path) -> None:
    from tests.stories.test_evaluate_command import NEW_YORK

    (tmp_path / "STUDY.toml").write_text(NEW_YORK.format(folder=real_data))
    design = read_design(tmp_path / "STUDY.toml")
    (found,), told, _ = asked(design)
    assert (found.unit, found.period, found.other) == ("121", "2013", "120")
    # 99 of the 115 that the map puts into the 121st were recorded in the 120th before.
    assert found.share == pytest.approx(99 / 115)
    assert sample(told, FIXED) == pytest.approx(-0.0629, abs=5e-5)
    assert sample(told, WITHOUT) == pytest.approx(-0.0726, abs=5e-5)
    named, quiet, _ = asked(replace(design, parts={**design.parts, "121": "120"}))
    assert named == ()
    assert not quiet.lines
