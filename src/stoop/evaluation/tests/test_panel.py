"""The panel: what is counted where, since when, and what is said of the rest."""

from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.models import Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.panel import build
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.kernel.errors import Refusal


def made(folder: Path, *changes: tuple[str, str]) -> Panel:
    text = DESIGN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return build(read_design(town(folder, design=text)))


def test_counts_starts_and_shares(tmp_path: Path) -> None:
    panel = made(tmp_path)
    assert panel.units == tuple("ABCDEFGHIJK")
    assert panel.onset[:5].tolist() == [3, 4, 4, 5, np.inf]
    # July to December of 2014; the whole of the next year; from March of 2016.
    assert panel.dose[0, 2:5] == pytest.approx([0, 184 / 365, 1])
    assert panel.dose[3, 5] == pytest.approx(306 / 366)
    assert panel.launch is not None
    assert panel.launch[:4].tolist() == [42, 48, 48, 62]
    assert panel.months.sum() == panel.counts.sum() == panel.total
    rows = (tmp_path / "shootings.csv").read_text().splitlines()[1:]
    assert panel.counts[1, 2] == sum(",2013-" in row and ",B," in row for row in rows)
    ((unit, reason, lost),) = panel.exclusions
    assert (unit, reason) == ("L", "the station was closed for two years")
    assert panel.total + lost == len(rows)


def test_a_panel_that_no_machine_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stoop.evaluation.studies.panel.MOST_CELLS", 12 * 96)
    made(tmp_path)  # twelve areas, eight years of months
    monkeypatch.setattr("stoop.evaluation.studies.panel.MOST_CELLS", 12 * 96 - 1)
    with pytest.raises(Refusal, match="12 units in 96 months, more than 1,151 cells"):
        made(tmp_path)


def test_a_unit_that_is_drawn_and_has_no_row_may_be_left_out(tmp_path: Path) -> None:
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    (tmp_path / "shootings.csv").write_text("\n".join(r for r in rows if ",L," not in r) + "\n")
    panel = build(read_design(path))
    assert panel.exclusions == (("L", "the station was closed for two years", 0),)
    assert panel.units == tuple("ABCDEFGHIJK")


def test_what_was_decided_is_said(tmp_path: Path) -> None:
    said = " ".join(made(tmp_path).said)
    assert "Lines of sites.csv without a start, and so planned only: 1." in said
    assert "Of sites.csv, no unit and so outside: Z." in said
    assert "Several programs: A." in said
    assert "A program closed and another went on: A." in said


def test_neighbours_touch(tmp_path: Path) -> None:
    panel = made(tmp_path)
    assert panel.adjacent is not None
    # Three rows of four squares: F touches its eight neighbours, corners too.
    beside = [panel.units[i] for i in np.flatnonzero(panel.adjacent[panel.units.index("F")])]
    assert beside == list("ABCEGIJK")


def test_mapped_is_recorded_where_every_point_lies_inside(tmp_path: Path) -> None:
    recorded = made(tmp_path)
    mapped = made(tmp_path, ('measure = "incidents"', 'measure = "incidents"\narea = "mapped"'))
    assert np.array_equal(recorded.counts, mapped.counts)


def test_parts_and_a_comparison_pool(tmp_path: Path) -> None:
    panel = made(
        tmp_path,
        ('kind = "district"', 'kind = "district"\nparts = { K = "J" }'),
        ("[[exclude]]", '[comparison]\nunits = ["E", "F", "J"]\n\n[[exclude]]'),
    )
    assert panel.units == tuple("ABCDEFJ")
    assert {code: why for code, why, _n in panel.exclusions}["G"].startswith("not in the")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "L"', 'unit = "Q"', "excludes Q, which is no unit"),
        ("first = 2011", "first = 2009", "reach back to 2011.*, not to 2009"),
        ("last = 2018", "last = 2020", "reach on to 2018.*, not to 2020"),
        ("last = 2018", "last = 2013", "No program of sites.csv starts"),
        ("[[exclude]]", '[comparison]\nunits = ["A"]\n\n[[exclude]]', "compares with A, which has"),
        ('measure = "incidents"', 'measure = "fatal"', "do not say who died"),
    ],
)
def test_an_empty_panel_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        made(tmp_path, (old, new))


def test_sites_elsewhere_are_refused(tmp_path: Path) -> None:
    path = town(tmp_path)
    (tmp_path / "sites.csv").write_text("district,start,end\n17,2014,\n")
    with pytest.raises(Refusal, match=r"No area of sites.csv \(17...\) is one of the 12 units"):
        build(read_design(path))


def test_residents_are_needed_for_each_unit(tmp_path: Path) -> None:
    path = town(tmp_path)
    people = (tmp_path / "population.csv").read_text().replace("D,9300\n", "")
    (tmp_path / "population.csv").write_text(people)
    with pytest.raises(Refusal, match="no residents for D"):
        build(read_design(path))


def test_a_year_that_is_cut_is_said(tmp_path: Path) -> None:
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    kept = [row for row in rows if not (row.split(",")[1] > "2018-09-30" and row[0] != "i")]
    (tmp_path / "shootings.csv").write_text("\n".join(kept) + "\n")
    assert any("may not be whole" in sentence for sentence in build(read_design(path)).said)


def test_an_incident_without_its_number_of_victims_is_said(tmp_path: Path) -> None:
    path = town(tmp_path, design=DESIGN.replace('"incidents"', '"victims"'))
    head, *rows = (tmp_path / "shootings.csv").read_text().splitlines()
    told = ["" if place < 7 else "2" for place in range(len(rows))]
    lines = [f"{head},victims", *(f"{row},{n}" for row, n in zip(rows, told, strict=True))]
    (tmp_path / "shootings.csv").write_text("\n".join(lines) + "\n")
    panel = build(read_design(path))
    assert any("without the number of persons hit: 7. Each counts" in each for each in panel.said)
    lost = sum(n for _code, _why, n in panel.exclusions)
    assert panel.total + lost == 7 + 2 * (len(rows) - 7)
    assert not any("number of persons hit" in each for each in made(tmp_path).said)
