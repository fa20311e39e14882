"""`stoop claims` as a reporter types it: the same bytes again, and New York's claims."""

import json
from pathlib import Path

import pytest

from stoop.evaluation.tests.factories import DESIGN, town
from stoop.sample.actions import build
from tests.stories.running import stoop

SAID = """
[[claim]]
says = "Shootings fell by at least 40 % across all sites in the first 12 months"
[[claim]]
kind = "covers"
top = 3
"""
NEW_YORK = """\
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
last = 2019
[treatment]
sites = "{folder}/cms_sites.csv"
area = "precinct"
start = "start_month"
end = "end_month"
[[exclude]]
unit = 22
reason = "Central Park, where almost nobody lives"
[[claim]]
says = "Victimizations fell by 28 % across all sites in the first 24 months"
[[claim]]
says = "three times steeper than matched sites"
[[claim]]
says = "the program covers the 20 precincts with the highest rates"
[[claim]]
says = "17 communities hold half of the shootings"
"""


def test_the_same_claims_byte_for_byte(tmp_path: Path) -> None:
    town(tmp_path, design=DESIGN + SAID)
    made, said = [], []
    for seed in ("1", "2"):
        out = tmp_path / f"claims{seed}"
        done = stoop("claims", "STUDY.toml", "--out", out, cwd=tmp_path, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        made.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert list(made[0]) == ["claims.html", "claims.json"]
    assert made[0] == made[1]
    assert said[0] == said[1]
    assert str(tmp_path).encode() not in b"".join(made[0].values())
    assert "It holds in all" in said[0]


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    town(tmp_path, design=DESIGN + SAID)
    before = sorted(tmp_path.iterdir())
    done = stoop("claims", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Does not hold" in done.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_a_sentence_that_is_not_understood_is_one_line(tmp_path: Path) -> None:
    town(tmp_path, design=DESIGN + '[[claim]]\nsays = "It works"\n')
    done = stoop("claims", "STUDY.toml", cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("stoop: “It works” is no claim that can be read; write it like one of")


@pytest.mark.real_data
def test_what_was_said_of_new_york(real_data: Path, tmp_path: Path) -> None:
    (tmp_path / "CLAIMS.toml").write_text(NEW_YORK.format(folder=real_data))
    done = stoop("claims", "CLAIMS.toml", "--out", "claims", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "claims" / "claims.json").read_text())["claims"]
    fall, steeper, covers, held = told

    # 17 precincts whose 24 months were over by 2019-12; half of the fall is everybody's.
    plainest = fall["readings"][0]
    assert (round(plainest["number"]["value"], 1), plainest["holds"]) == (27.6, True)
    assert (plainest["number"]["units"], round(plainest["number"]["beside"], 1)) == (17, 14.2)
    assert fall["verdict"] == "only_if"
    assert fall["only_if"]["window"] == ["months"]
    all_sites = [each for each in fall["readings"] if each["choices"]["sites"] == "open"]
    assert round(all_sites[0]["number"]["value"], 1) == 26.8

    # Three times as steep only beside areas that start far lower, and only in counts.
    assert steeper["only_if"] == {"against": ["other"], "scale": ["count"]}
    assert steeper["enough"] is True
    matched = [r["number"]["value"] for r in steeper["readings"]
               if r["choices"]["against"] != "other"]  # fmt: skip
    assert 0.7 < min(matched) < max(matched) < 2.4

    assert covers["readings"][0]["number"]["value"] == 16
    assert covers["readings"][0]["number"]["named"] == ["81", "41", "28", "71"]
    assert covers["only_if"]["by"] == ["count"]
    assert held["verdict"] == "not"
    assert {each["number"]["fewest"] for each in held["readings"]} == {13, 14, 15}


def test_the_example_of_the_guide_works_on_sample_city(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/check-a-claim.md").read_text()
    build(tmp_path)
    (tmp_path / "CLAIMS.toml").write_text(guide.split("```toml\n")[1].split("```")[0])
    done = stoop("claims", "CLAIMS.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for claim in ("28 % across all sites", "the 5 areas with the highest rates", "10 districts"):
        assert claim in done.stdout
