"""`stoop evaluate` as an evaluator types it: the same bytes again, and the known answers."""

import json
import math
from pathlib import Path

import pytest

from stoop.evaluation.tests.factories import town
from stoop.sample.actions import build
from tests.stories.running import stoop

NEW_YORK = """\
question = "Did shootings fall where the Crisis Management System worked?"
[outcome]
files = ["{folder}/shootings_2006_2019.csv", "{folder}/shootings_2020.csv"]
measure = "rows"
[unit]
kind = "precinct"
outlines = "{folder}/precincts.geojson"
field = "precinct"
parts = {{ 116 = "105" }}
population = "{folder}/precinct_population_2010.csv"
[period]
first = 2006
last = 2020
[treatment]
sites = "{folder}/treatment_years.csv"
area = "precinct"
start = "start_year"
[[exclude]]
unit = 22
reason = "Central Park, where almost nobody lives"
[small_cells]
publish = "the city publishes every row"
[[sample]]
name = "late"
starts_from = 2019
"""


def test_the_same_study_byte_for_byte(tmp_path: Path) -> None:
    town(tmp_path)
    made = []
    for number, seed in enumerate(("1", "2")):
        out = tmp_path / f"study{number}"
        done = stoop("evaluate", "STUDY.toml", "--out", out, cwd=tmp_path, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        made.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert list(made[0]) == ["panel.csv", "run.json", "study.html", "study.json"]
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in b"".join(made[0].values())
    assert len(made[0]["panel.csv"].splitlines()) == 1 + 11 * 8
    run = json.loads(made[0]["run.json"])
    assert [each["name"] for each in run["inputs"]] == [
        "shootings.csv", "areas.geojson", "population.csv", "sites.csv"
    ]  # fmt: skip


def test_a_wrong_design_is_one_sentence(tmp_path: Path) -> None:
    path = town(tmp_path)
    path.write_text(path.read_text().replace("seed", "sed"))
    done = stoop("evaluate", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "stoop: STUDY.toml has an unknown key sed; write seed."
    assert not (tmp_path / "study").exists()


def test_a_brief_is_not_overwritten(tmp_path: Path) -> None:
    town(tmp_path)
    (tmp_path / "brief").mkdir()
    (tmp_path / "brief" / "run.json").write_text("{}")
    done = stoop("evaluate", "STUDY.toml", "--out", "brief", cwd=tmp_path)
    assert done.returncode == 2
    assert [path.name for path in (tmp_path / "brief").iterdir()] == ["run.json"]


def test_the_example_of_the_guide_works_on_sample_city(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/evaluate-a-program.md").read_text()
    build(tmp_path)
    (tmp_path / "STUDY.toml").write_text(guide.split("```toml\n")[1].split("```")[0])
    done = stoop("evaluate", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    study = json.loads((tmp_path / "study" / "study.json").read_text())
    assert study["panel"]["treated"] == 6
    assert {each["sample"] for each in study["estimates"]} >= {"all", "early starts"}


@pytest.mark.real_data
def test_new_york_has_its_known_answers(real_data: Path, tmp_path: Path) -> None:
    (tmp_path / "STUDY.toml").write_text(NEW_YORK.format(folder=real_data))
    done = stoop("evaluate", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    study = json.loads((tmp_path / "study" / "study.json").read_text())
    known = json.loads((real_data / "expected_evaluation_2006_2020.json").read_text())
    got = {(e["estimator"], e["sample"], e["term"], e["se_type"]): e for e in study["estimates"]}

    def pair(*key: str) -> tuple[float, float, int]:
        return got[key]["estimate"], got[key]["se"], got[key]["n"]

    assert pair("poisson_binary", "all", "on", "HC1") == pytest.approx((-0.0979, 0.0358, 1140),
                                                                       abs=5e-5)  # fmt: skip
    for kind, answer in known["samples"]["main"].items():
        for term, wanted in answer.get("terms", {}).items() if kind in SPECIFICATIONS else ():
            for se_type, se in (("HC1", "se"), ("CR1", "se_cluster_precinct")):
                asked = pair(SPECIFICATIONS[kind], "all", term, se_type)
                assert asked == pytest.approx((wanted["coef"], wanted[se], wanted["n"]), abs=1e-6)
    callaway = pair("callaway_santanna", "all", "simple overall", "clustered influence")
    assert callaway[:2] == pytest.approx((-13.7624, 3.8153), abs=5e-5)
    assert pair("imputation_linear", "all", "overall", "clustered conservative")[0] == (
        pytest.approx(-15.86258, abs=5e-6)
    )
    (no,) = [each for each in study["refused"] if each["sample"] == "late"]
    assert (no["estimator"], no["term"]) == ("poisson_quadratic", "yrs2")
    assert "rank deficient" in no["why"]
    late = {key[0] for key in got if key[1] == "late"}
    assert "poisson_linear" in late
    assert "poisson_quadratic" not in late
    assert study["answer"]["verdict"] == "open"
    assert study["level_gap"]["unsuitable"] is True
    assert study["leave_one_out"]["without_lowest"] == "83"
    (border,) = study["boundaries"]
    assert (border["unit"], border["period"], border["other"]) == ("121", "2013", "120")
    assert study["footing"]["effective"] == pytest.approx(14.94, abs=0.01)
    dropped = pair("poisson_binary", "without the year of the start", "on", "HC1")
    assert dropped == pytest.approx((-0.0922, 0.0396, 1119), abs=5e-5)
    assert study["panel"]["excluded"][0]["reason"] == "Central Park, where almost nobody lives"


@pytest.mark.real_data
def test_new_york_before_and_after_is_what_everybody_quotes(
    real_data: Path, tmp_path: Path
) -> None:
    text = NEW_YORK.format(folder=real_data).replace("treatment_years.csv", "cms_sites.csv")
    text = text.replace('"start_year"', '"start_month"').replace("last = 2020", "last = 2019")
    (tmp_path / "STUDY.toml").write_text(text)
    done = stoop("evaluate", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    study = json.loads((tmp_path / "study" / "study.json").read_text())
    told = {
        each["term"]: (round(100 * math.expm1(each["estimate"]), 1), each["n"])
        for each in study["estimates"]
        if each["estimator"] == "before_after"
    }
    # 17 precincts whose 24 months after the launch were over; half of the fall is everybody's.
    assert told["treated"] == (-27.6, 17 * 48)
    assert told["beside"][0] == -14.2
    assert study["panel"]["said"][1].startswith("Lines of cms_sites.csv without a start")


# How the reference calls them, and how the study does.
SPECIFICATIONS = {
    "binary": "poisson_binary",
    "linear": "poisson_linear",
    "quadratic": "poisson_quadratic",
    "es": "event_study",
    "es_2021_as_control": "event_study_later_as_comparison",
}
