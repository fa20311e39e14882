"""STUDY.toml: what is wrong is said in one sentence that tells how to mend it."""

from pathlib import Path

import pytest

from stoop.evaluation.readers import ESTIMATORS, read_design, read_sites
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.kernel.errors import Refusal

WRONG = {
    "no TOML": ("seed = 3", "seed = = 3", "is not TOML"),
    "no question": ('question = "Did', 'questions = "Did', "does not give question"),
    "an unknown key": ("seed = 3", "sed = 3", "unknown key sed; write seed"),
    "an unknown key inside": ("first = 2011", "first = 2011\ncity = 1", r"city in \[period\]"),
    "a wrong type": ("seed = 3", 'seed = "3"', "seed must be a whole number"),
    "a truth for a number": ("seed = 3", "seed = true", "seed must be a whole number"),
    "too few draws": ("permutations = 199", "permutations = 9", "from 99"),
    "a wrong list": ('["shootings.csv"]', '"shootings.csv"', "files in .* must be a list"),
    "another measure": ('"incidents"', '"arrests"', "one of rows, incidents, victims, fatal"),
    "a missing file": ('"shootings.csv"', '"gone.csv"', "gone.csv that is not there"),
    "missing outlines": ('"areas.geojson"', '"gone.geojson"', "gone.geojson that is not there"),
    "no period": ("first = 2011", 'first = "2011-01"', "is no year; write it as 2006"),
    "backwards": ("last = 2018", "last = 2011", "fewer than three years"),
    "no reason": ('reason = "', 'why = "', r"does not give reason in \[\[exclude\]\]"),
    "a table that is none": ("[period]\nfirst = 2011\nlast = 2018", "", "does not give period"),
    "mapped without a map": (
        'measure = "incidents"\n\n[unit]\nkind = "district"\noutlines = "areas.geojson"',
        'area = "mapped"\n\n[unit]\nkind = "district"',
        "needs outlines",
    ),
    "lists without end": ("seed = 3", "seed = " + "[" * 5000, "too deep in each other"),
    "a number without end": ("seed = 3", "seed = " + "9" * 5000, "a number too long"),
    "a code without end": ('unit = "L"', "unit = 0x" + "f" * 5000, "a text or a whole number"),
    "too many datings": (
        'start = "start"',
        'start = "start"\nstart_also = {' + ", ".join(f'a{n} = "start"' for n in range(11)) + "}",
        "start_also in .* must be a table of at most 10 names",
    ),
    "too many files": (
        '["shootings.csv"]',
        "[" + ", ".join(['"shootings.csv"'] * 51) + "]",
        "files in .outcome. must be a list of at most 50",
    ),
    "too many files of a release": (
        "[[exclude]]",
        "[vintage]\nfiles = [" + ", ".join(['"shootings.csv"'] * 51) + "]\n\n[[exclude]]",
        "files in .vintage. must be a list of at most 50",
    ),
    "no estimator": ("seed = 3", 'seed = 3\nestimators = ["magic"]', "no known estimator"),
    "a sample beyond": (
        "[[exclude]]",
        '[[sample]]\nname = "x"\nlast = 2030\n\n[[exclude]]',
        "sample x ends outside",
    ),
    "a sample called the whole": (
        "[[exclude]]",
        '[[sample]]\nname = "All"\nlast = 2017\n\n[[exclude]]',
        "no sample can be called All",
    ),
    "a sample called an end": (
        "[[exclude]]",
        '[[sample]]\nname = "to 2017"\nlast = 2017\n\n[[exclude]]',
        "no sample can be called to 2017",
    ),
    "two samples of a name": (
        "[[exclude]]",
        '[[sample]]\nname = "x"\nlast = 2016\n' * 2 + "\n[[exclude]]",
        "two samples called x",
    ),
    "too many samples": (
        "[[exclude]]",
        "".join(f'[[sample]]\nname = "s{n}"\nlast = 2016\n' for n in range(21)) + "[[exclude]]",
        "more than 20 samples",
    ),
    "left out twice": (
        "[[exclude]]",
        '[[exclude]]\nunit = "L"\nreason = "closed"\n\n[[exclude]]',
        "excludes L twice",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_design_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in DESIGN
    path = town(tmp_path, design=DESIGN.replace(old, new, 1))
    with pytest.raises(Refusal, match=said) as refused:
        read_design(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_design_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        read_design(tmp_path / "gone.toml")


def test_a_design_as_it_stands(tmp_path: Path) -> None:
    design = read_design(town(tmp_path))
    assert design.estimators == ESTIMATORS
    assert design.calendar.labels[::7] == ("2011", "2018")
    assert (design.area, design.comparison, design.exclusions[0].unit) == ("recorded", None, "L")


def test_what_the_answer_needs_is_never_left_out(tmp_path: Path) -> None:
    text = DESIGN.replace("seed = 3", 'seed = 3\nestimators = ["matched"]')
    design = read_design(town(tmp_path, design=text))
    assert design.estimators == ("poisson", "event_study", "matched")


def test_quarters(tmp_path: Path) -> None:
    text = DESIGN.replace("first = 2011\nlast = 2018", 'length = "quarter"\nfirst = "2011-Q2"\n'
                          'last = "2012-Q1"')  # fmt: skip
    calendar = read_design(town(tmp_path, design=text)).calendar
    assert calendar.labels == ("2011-Q2", "2011-Q3", "2011-Q4", "2012-Q1")
    assert calendar.edges.astype(str).tolist()[::4] == ["2011-04-01", "2012-04-01"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area,begin\nA,2014\n", "no column 'start'"),
        ("area,start\n,2014\n", "Line 2 .* names no area"),
        ("area,start\nA,May 2014\n", "gives 'May 2014' as a date"),
        ("area,start\nA,2014-13\n", "gives '2014-13' as a date"),
        ("area,start,end\nA,2014,2013\n", "before it starts"),
        ("area,start\nA,\n", "no program with a start"),
    ],
)
def test_a_wrong_list_of_sites_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(text)
    with pytest.raises(Refusal, match=said):
        read_sites(path, area="area", start="start", end="end" if "end" in text else None)
