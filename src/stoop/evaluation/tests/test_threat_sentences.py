"""Each threat that is found or asked has its sentence, and its line in the picture."""

from dataclasses import replace
from pathlib import Path

import pytest

from stoop.evaluation.readers import read_design
from stoop.evaluation.readers.design import is_reserved
from stoop.evaluation.studies import Study, make_study
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.tests.test_boundaries import recorded
from stoop.evaluation.tests.test_starts import funded
from stoop.evaluation.views.figures import curve
from stoop.evaluation.views.sentences import change
from stoop.evaluation.views.threats import cells, threats

WHOLE = (
    DESIGN.replace('end = "end"', 'end = "end"\nstart_also = { "first funded" = "funded" }')
    + '\n[vintage]\nfiles = ["other.csv"]\nlast = 2017\n'
    + '\n[small_cells]\npublish = "made up"\n'
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A town in which F was part of treated B until 2014, with another release that lacks rows."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "other.csv").touch()
    town(folder, design=WHOLE)
    funded(folder, {"A": "2013-07", "B": "2014-01", "C": "2014-01", "D": "2015-03"})
    recorded(folder, "F", "B", range(2011, 2014))
    head, *rows = (folder / "shootings.csv").read_text().splitlines()
    kept = [row for n, row in enumerate(rows) if ",J,2012" not in row and n % 50]
    (folder / "other.csv").write_text("\n".join([head, *kept]) + "\n")
    return make_study(read_design(folder / "STUDY.toml"))


def told(study: Study) -> str:
    table = threats(study)
    assert table is not None
    return "\n".join(f"{name}: {said}" for name, said in table.rows)


def test_the_sentences(found: Study) -> None:
    said = told(found)
    for part in (
        "Another release of the data (other.csv, to 2017) differs in ",
        "Border of F: F counts nothing before 2014",
        "100% of what lies in it was recorded in B until then. B has a program and the other has",
        'parts = { F = "B" }',
        "With the boundaries held fixed the change is: fixed boundaries −",
        "With the starts dated otherwise the change is: start: first funded −",
        "In the last year before its start",
        "Start 1 year earlier: −",
        "Had the panel ended earlier the change is: to 2015 −",
        "With the area taken from the other source the change is: mapped −",
        "4 areas with a program carry the answer",
        "few for errors clustered by area; the answer’s interval allows for that (p ",
        "neighboring periods of an area correlate by",
    ):
        assert part in said, part


def test_the_lines_are_in_the_picture(found: Study) -> None:
    picture = curve(found)
    assert picture is not None
    names = " ".join(row[0] for row in picture.rows)
    for sample in (
        "release",
        "this release to that end",
        "fixed boundaries",
        "without redrawn areas",
        "start: first funded",
        "without the year of the start",
        "without the year before",
        "2016",
    ):
        assert sample in names, sample
    # Dated too early on purpose: a test of the answer and no other way to it.
    assert "earlier" not in names


def test_the_numbers_are_in_the_file(found: Study) -> None:
    numbers = found.numbers
    assert numbers["footing"]["read"] == "permutation"
    assert numbers["boundaries"][0]["other"] == "B"
    assert numbers["vintage"]["files"] == ["other.csv"]
    kinds = {each["threat"] for each in numbers["estimates"]}
    assert kinds >= {"", "end", "area", "starts", "anticipation", "boundaries", "vintage"}
    assert found.run["inputs"][-1]["name"] == "other.csv"


@pytest.mark.parametrize(
    ("parts", "fades"),
    [((0.5, 0.3), True), ((0.5, 0.999), False), ((0.5, -5.0), False), ((1.2, 0.5), False)],
)
def test_a_change_fades_where_it_clearly_does(
    found: Study, parts: tuple[float, float], fades: bool
) -> None:
    (own,) = [e for e in found.estimates if e.estimator == "poisson_binary" and e.se_type == "CR2"]
    early = dict(zip(("start 1 year earlier", "start 2 years earlier"), parts, strict=True))
    lines = tuple(
        replace(e, estimate=early[e.sample] * own.estimate) if e.sample in early else e
        for e in found.estimates
    )
    said = told(replace(found, estimates=lines))
    assert ("the change fades" in said) is fades
    assert f"; against {change(own.estimate)}." in said


def test_the_threats_stand_beside_the_line_of_the_answer(found: Study) -> None:
    answer = [e for e in found.estimates if e.estimator == "poisson_binary" and e.se_type == "CR2"]
    lines = tuple(
        replace(e, estimate=9.0) if e.sample == "all" and e.se_type == "CR1" and e.term == "on"
        else e
        for e in found.estimates
    )  # fmt: skip
    said = told(replace(found, estimates=lines))
    assert said.count(f"against {change(answer[0].estimate)}.") > 4


def test_no_sample_of_a_design_can_take_the_name_of_a_studys_own(found: Study) -> None:
    own = {each.sample for each in found.estimates} | {no.sample for no in found.refused}
    assert len(own) > 10
    assert {name for name in own if not is_reserved(name)} == set()


def test_the_cells_that_differ_are_a_table(found: Study) -> None:
    table = cells(found)
    assert table is not None
    _unit, period, here, there = table.rows[0]
    assert period < "2018"
    assert int(here) > int(there)


def test_a_calm_study_has_no_alarm(tmp_path: Path) -> None:
    study = make_study(read_design(town(tmp_path)))
    said = told(study)
    assert "opened" not in said
    assert "release" not in said
    assert study.boundaries == ()
    assert study.vintage is None
