"""Another release of the same outcome: the cells that changed are found, and the answer's move."""

import csv
from pathlib import Path

import numpy as np
import pytest

from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import Told
from stoop.evaluation.studies.vintage import SAME_END, SAMPLE, Vintage, vintage
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.kernel.errors import Refusal

OTHER = DESIGN + '\n[vintage]\nfiles = ["other.csv"]\n'


def told_of(folder: Path) -> tuple[Vintage | None, Told]:
    design = read_design(folder / "STUDY.toml")
    panel = build(design)
    told = Told(panel)
    return vintage(panel, design, told), told


def lines(folder: Path) -> list[str]:
    return (folder / "shootings.csv").read_text().splitlines()


def other(folder: Path, rows: list[str]) -> None:
    (folder / "other.csv").write_text("\n".join(rows) + "\n")


def sample(told: Told, name: str) -> float:
    return next(line.estimate for line in told.lines if line.sample == name)


def written(folder: Path, text: str = OTHER) -> None:
    (folder / "other.csv").touch()
    town(folder, design=text)


def test_the_same_rows_in_another_order_change_nothing(tmp_path: Path) -> None:
    written(tmp_path)
    head, *rows = lines(tmp_path)
    other(tmp_path, [head, *reversed(rows)])
    found, told = told_of(tmp_path)
    assert found is not None
    assert (found.changed, found.cells, found.listed, found.lacking) == (0, 11 * 8, (), ())
    design = read_design(tmp_path / "STUDY.toml")
    assert found.here == found.there == int(build(design).counts.sum())
    assert {line.sample for line in told.lines} == {SAMPLE}


def test_changed_cells_are_named_the_largest_first(tmp_path: Path) -> None:
    written(tmp_path)
    head, *rows = lines(tmp_path)
    gone = [row for row in rows if ",A," in row and row.split(",")[1].startswith("2012")][:9]
    less = [row for row in rows if row not in gone]
    extra = [f"9000{n},2013-05-0{n + 1},B,41.005,-59.985" for n in range(3)]
    left_out = ["90009,2013-05-01,L,41.025,-59.965"]  # L is excluded by the design
    other(tmp_path, [head, *less, *extra, *left_out])
    found, told = told_of(tmp_path)
    assert found is not None
    assert found.changed == 2
    first, second = found.listed
    assert (first.unit, first.period, first.here - first.there) == ("A", "2012", 9)
    assert (second.unit, second.period, second.there - second.here) == ("B", "2013", 3)
    assert found.there == found.here - 9 + 3
    assert sample(told, SAMPLE) != pytest.approx(np.log(0.5), abs=1e-6)


def test_a_release_that_ends_earlier_is_compared_to_there(tmp_path: Path) -> None:
    written(tmp_path, OTHER + "last = 2016\n")
    head, *rows = lines(tmp_path)
    kept = [row for row in rows if row.split(",")[1] < "2017" and ",K," not in row]
    other(tmp_path, [head, *kept])
    found, told = told_of(tmp_path)
    assert found is not None
    assert (found.last, found.cells) == ("2016", 11 * 6)
    assert found.lacking == ("K",)
    assert {(each.unit, each.there) for each in found.listed} == {("K", 0)}
    assert found.inputs[0][0] == "other.csv"
    assert sample(told, SAMPLE) != sample(told, SAME_END)


def test_a_release_that_does_not_reach_is_said(tmp_path: Path) -> None:
    written(tmp_path)
    head, *rows = lines(tmp_path)
    other(tmp_path, [head, *(row for row in rows if row.split(",")[1] < "2017")])
    found, told = told_of(tmp_path)
    assert found is None
    (no,) = told.refused
    assert (no.sample, no.threat) == (SAMPLE, "vintage")
    assert "add the missing files or mend the period" in no.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n[vintage]\nlast = 2016\n", "does not give files in [vintage]"),
        (OTHER[len(DESIGN) :] + "last = 2030\n", "ends outside the panel"),
        (OTHER[len(DESIGN) :].replace("other", "none"), "none.csv that is not there"),
    ],
)
def test_a_slip_is_refused(tmp_path: Path, text: str, why: str) -> None:
    written(tmp_path, DESIGN + text)
    with pytest.raises(Refusal) as refused:
        read_design(tmp_path / "STUDY.toml")
    assert why in str(refused.value)


@pytest.mark.real_data
def test_new_york_with_rows_taken_out(real_data: Path, tmp_path: Path) -> None:
    """Every fortieth row of 2010 to 2012 away, as an older release might lack them."""
    from tests.stories.test_evaluate_command import NEW_YORK

    with (real_data / "shootings_2006_2019.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    year = head.index("OCCUR_DATE")
    taken = [n for n, row in enumerate(rows) if row[year][-4:] in ("2010", "2011", "2012")][::40]
    with (tmp_path / "older.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *(r for n, r in enumerate(rows) if n not in set(taken))])
    text = NEW_YORK.format(folder=real_data) + '\n[vintage]\nfiles = ["older.csv"]\nlast = 2019\n'
    (tmp_path / "STUDY.toml").write_text(text)
    found, told = told_of(tmp_path)
    assert found is not None
    assert found.here - found.there == len(taken)
    assert sum(each.here - each.there for each in found.listed) <= len(taken)
    assert found.cells == 76 * 14
    assert 0 < found.changed <= len(taken)
    assert {each.period for each in found.listed} <= {"2010", "2011", "2012"}
    assert sample(told, SAME_END) == pytest.approx(-0.1010, abs=5e-5)
    assert sample(told, SAMPLE) != sample(told, SAME_END)
