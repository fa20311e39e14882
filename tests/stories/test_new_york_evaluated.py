"""The designs of docs/examples/new-york on the public files give what the guide says of them."""

import json
import shutil
from math import exp
from pathlib import Path
from typing import Any

import pytest

from tests.stories.running import stoop

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def made(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """study.json and claims.json of New York, made by the two commands of the guide."""
    folder = tmp_path_factory.mktemp("new-york")
    for path in (DOCS / "examples" / "new-york").iterdir():
        shutil.copy(path, folder)
    for path in real_data.iterdir():
        (folder / path.name).symlink_to(path)
    for words in (("evaluate", "STUDY.toml"), ("claims", "CLAIMS.toml")):
        done = stoop(*words, "--out", "made" + words[0], cwd=folder)
        assert done.returncode == 0, done.stderr
    study: dict[str, Any] = json.loads((folder / "madeevaluate" / "study.json").read_text())
    claims: dict[str, Any] = json.loads((folder / "madeclaims" / "claims.json").read_text())
    return study | claims


@pytest.mark.real_data
def test_the_guide_says_what_comes_of_it(made: dict[str, Any]) -> None:
    answer, guide = made["answer"], (DOCS / "how-to" / "evaluate-new-york.md").read_text()
    assert answer["verdict"] == "open"
    told = [f"{-answer[name]:.1f} %" for name in ("percent", "low", "high")]
    told.append(f"{1000 * answer['permutation_p']:.0f} of 1,000 draws")
    line = _line(made, "poisson_binary", "all", "CR1")
    told.append(f"{line['estimate']:.3f} with {line['se']:.3f}".replace("-", "−"))
    fixed = _line(made, "poisson_binary", "fixed boundaries", "CR1")
    told.append(f"{-100 * (exp(fixed['estimate']) - 1):.1f} % fewer")
    fall, steeper, _covers, _held = made["claims"]
    number = fall["readings"][0]["number"]
    told += [f"{number['value']:.1f} % fewer", f"{number['beside']:.1f} % fewer"]
    assert [each for each in told if each not in guide] == []
    assert abs(fixed["estimate"]) < 1.96 * fixed["se"]
    assert steeper["only_if"] == {"against": ["other"], "scale": ["count"]}


@pytest.mark.real_data
def test_the_published_study_stands_beside_ours(made: dict[str, Any]) -> None:
    published = [(each["estimate"], each["se"]) for each in made["published"]]
    assert published == [(-0.151, 0.033), (-0.142, 0.042)]
    ours = _line(made, "poisson_binary", "all", "HC1")
    assert ours["estimate"] == pytest.approx(-0.0979076, abs=1e-6)
    assert ours["se"] == pytest.approx(0.035793, abs=1e-5)


def _line(made: dict[str, Any], estimator: str, sample: str, kind: str) -> dict[str, Any]:
    return next(
        each
        for each in made["estimates"]
        if (each["estimator"], each["sample"], each["term"], each["se_type"])
        == (estimator, sample, "on", kind)
    )
