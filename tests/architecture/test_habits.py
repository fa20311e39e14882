"""Magic, scores of persons, hidden chance, noise: kept out of the tree, and caught when broken."""

from pathlib import Path

import pytest

from tests.architecture import habits
from tests.architecture.tree import SRC, plant

RULES = [habits.magic, habits.persons, habits.chance, habits.silence, habits.frozen]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_habits(rule) -> None:
    complaints = rule(SRC)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models.py", "from django.db.models.signals import post_save"),
        ("apps.py", "from django.dispatch import receiver"),
        ("models.py", "from django.contrib.contenttypes.fields import GenericForeignKey"),
        ("models.py", "class Area:\n    def save(self): ..."),
        ("models/areas.py", "class Area:\n    def delete(self): ..."),
        ("views.py", "from django.views.generic import ListView"),
        ("views.py", "class Areas(base.ListView): ..."),
        ("urls.py", "path('', Areas.as_view())"),
    ],
)
def test_magic_is_seen(tmp_path: Path, file: str, text: str) -> None:
    assert len(habits.magic(plant(tmp_path, {f"stoop/places/{file}": text}))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "person_score = 1",
        "def client_risk(): ...",
        "class ParticipantRiskScore: ...",
        "def f(youth_rank): ...",
        "row['Individual Risk Level']",
        "f(score_of_person=1)",
        "x.offender_threat",
        "rank_people()",
        "clientRiskRating = 1",
    ],
)
def test_a_score_of_a_person_is_seen(tmp_path: Path, text: str) -> None:
    assert habits.persons(plant(tmp_path, {"stoop/places/queries.py": text}))


def test_a_score_of_a_person_is_seen_in_a_page(tmp_path: Path) -> None:
    page = "<td>{{ row.participant_score }}</td>"
    plant(tmp_path, {"stoop/places/templates/places/area.html": page})
    assert len(habits.persons(tmp_path)) == 1


@pytest.mark.parametrize(
    "name",
    ["area_rank", "rank_low", "risk_ratio", "victims", "people_shot", "cell_score", "risk_by_hour"],
)
def test_places_may_be_ranked(name: str) -> None:
    assert not habits.scores_a_person(name)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nnp.random.seed(1)",
        "import numpy\nnumpy.random.rand(3)",
        "from numpy.random import shuffle",
        "from random import choice",
        "import random\nrandom.seed(1)",
        "from numpy.random import default_rng\nrng = default_rng()",
        "import numpy as np\nrng = np.random.default_rng()",
    ],
)
def test_hidden_chance_is_seen(tmp_path: Path, text: str) -> None:
    assert len(habits.chance(plant(tmp_path, {"stoopstat/knox.py": text}))) == 1


def test_a_seeded_generator_passes(tmp_path: Path) -> None:
    text = "import numpy as np\ndef f(rng: np.random.Generator): ...\nf(np.random.default_rng(7))"
    assert habits.chance(plant(tmp_path, {"stoopstat/knox.py": text})) == []


@pytest.mark.parametrize(
    "text", ["print(1)", "import sys\nsys.stdout.write('1')", "from rich.progress import track"]
)
def test_noise_in_the_numbers_is_seen(tmp_path: Path, text: str) -> None:
    plant(tmp_path, {"stoopstat/knox.py": text, "stoopstat/tests/test_knox.py": "print(1)"})
    assert len(habits.silence(tmp_path)) == 1


@pytest.mark.parametrize(
    ("how", "complaints"),
    [
        ("dataclass", 1),
        ("dataclasses.dataclass(slots=True)", 1),
        ("dataclass(frozen=False)", 1),
        ("dataclass(frozen=True, slots=True)", 0),
    ],
)
def test_a_result_that_can_be_changed_is_seen(tmp_path: Path, how: str, complaints: int) -> None:
    text = f"@{how}\nclass Knox:\n    ratio: float"
    plant(tmp_path, {"stoopstat/knox.py": text, "stoopstat/tests/test_knox.py": text})
    assert len(habits.frozen(tmp_path)) == complaints
