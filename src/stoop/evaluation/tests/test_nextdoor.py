"""What is said of the areas next door: displacement, reach, or that it cannot be told."""

from dataclasses import replace
from pathlib import Path

import pytest

from stoop.evaluation.readers import read_design
from stoop.evaluation.studies import Study, make_study
from stoop.evaluation.tests.test_ground import RINGS, designed
from stoop.evaluation.views.nextdoor import next_door


def moved(study: Study, estimator: str, **to: float) -> Study:
    """The same study with other estimates and small errors."""
    lines = [
        replace(line, estimate=to[line.term], se=0.01, reach=2.0)
        if line.estimator == estimator and line.term in to
        else line
        for line in study.estimates
    ]
    return replace(study, estimates=tuple(lines))


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Study]:
    folder: Path = tmp_path_factory.mktemp("nextdoor")
    asked = ("seed = 3", 'seed = 3\nestimators = ["spillover"]')
    beside = make_study(read_design(designed(folder, asked)))
    return beside, make_study(read_design(designed(folder, asked, RINGS)))


@pytest.mark.parametrize(
    ("own", "near", "said"),
    [
        (-0.3, 0.2, "reads as displacement"),
        (-0.3, -0.2, "benefit that reached further"),
        (-0.3, 0.0, "cannot be told"),
        (0.0, 0.2, "nothing says that they moved"),
        (0.0, -0.2, "the program need not be why"),
    ],
)
def test_the_reading(studies: tuple[Study, Study], own: float, near: float, said: str) -> None:
    beside, ringed = studies
    numbers, reading = next_door(moved(beside, "poisson_spillover", on=own, onSO=near))
    assert said in reading
    assert numbers.startswith("Next door to a program there are ")
    assert ("fewer" if near < 0 else "more") in numbers
    more = {"direct": 1000 * own, "diffuse": 1000 * near, "net": 1000 * (own + near)}
    numbers, reading = next_door(moved(ringed, "poisson_rings", **more))
    assert said in reading
    assert numbers.startswith("Counted in rings: ")


def test_a_displacement_in_numbers(studies: tuple[Study, Study]) -> None:
    found = moved(studies[1], "poisson_rings", direct=-300, diffuse=120, net=-180)
    assert next_door(found)[0] == (
        "Counted in rings: 300 fewer (between 300 and 300 fewer) where a program works, 120 more "
        "(between 120 and 120 more) around it, and together 180 fewer (between 180 and 180 fewer)."
    )


@pytest.mark.parametrize(
    ("ringed", "estimator", "gone"),
    [(0, "poisson_spillover", "on"), (1, "poisson_rings", "diffuse")],
)
def test_nothing_where_a_number_is_missing(
    studies: tuple[Study, Study], ringed: int, estimator: str, gone: str
) -> None:
    # As with one program alone whose neighbors are left out: no ground lies around it.
    own = [line for line in studies[ringed].estimates if line.estimator == estimator]
    left = tuple(line for line in own if line.term != gone)
    assert next_door(replace(studies[ringed], estimates=tuple(own))) != []
    assert next_door(replace(studies[ringed], estimates=left)) == []


def test_nothing_without_neighbours(studies: tuple[Study, Study]) -> None:
    assert next_door(replace(studies[0], estimates=())) == []
