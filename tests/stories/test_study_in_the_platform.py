"""A study of Sample City's programs, registered, run and published in the platform.

What the platform works out on its own record can be made again outside, to the last byte, with the
files that it hands over and `stoop evaluate`.
"""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.cli import app
from stoop.evaluation import queries
from stoop.flows.feed import _Tasks
from stoop.incidents import actions as incidents
from stoop.places import actions as places
from stoop.sample import actions as sample

CHOICES = {
    "question": "Did shootings fall in the districts where a program worked?",
    "measure": "incidents",
    "area": "recorded",
    "kind": "district",
    "length": "quarter",
    "first": "2018-Q1",
    "last": "2025-Q4",
    "comparison": "",
    "exclusions": "E8: its program closed in 2023",
    "samples": "early starts: to 2020-Q4",
    "estimators": ["poisson", "event_study"],
    "seed": "1",
    "permutations": "99",
}


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> sample.City:
    return sample.build(tmp_path_factory.mktemp("city"))


@pytest.fixture
def desk(
    personas: SimpleNamespace, city: sample.City, tmp_path: Path, settings: Any
) -> SimpleNamespace:
    """Sample City in the platform, and Cass, its analyst."""
    settings.STOOP_HOME = tmp_path / "home"
    settings.STOOP_AREA_KIND = "district"
    with within(SYSTEM):
        places.load_areas(files=[city.areas], kind="district", code_field="district", by=SYSTEM)
        accounts.load_sites(files=[city.sites], area_kind="district", by=SYSTEM)
        record = incidents.add_source(code="record", name="Record", official=True, by=SYSTEM)
        incidents.import_batch(files=list(city.shootings), source=record, by=SYSTEM)
    client = Client()
    client.force_login(personas.cass)
    return SimpleNamespace(client=client, tasks=_Tasks())


def test_what_the_platform_finds_can_be_made_again_outside(
    desk: SimpleNamespace, tmp_path: Path
) -> None:
    drafted = desk.client.post(reverse("study-new"), CHOICES, follow=True)
    slug = drafted.redirect_chain[-1][0].strip("/").split("/")[-1]
    desk.client.post(reverse("study-run", args=[slug]))
    assert desk.tasks.do_one() == 0  # a draft is not worked out
    desk.client.post(reverse("study-register", args=[slug]))
    desk.client.post(reverse("study-run", args=[slug]))
    assert desk.tasks.do_one() == 1
    page = desk.client.get(reverse("study", args=[slug])).content.decode()
    assert "95% interval" in page
    (study,) = queries.studies(SYSTEM)
    (run,) = queries.runs(study)
    assert (study.state, run.failure) == ("finished", "")
    handed = desk.client.get(reverse("study-bundle", args=[slug, run.key]))
    with zipfile.ZipFile(io.BytesIO(handed.content)) as whole:
        whole.extractall(tmp_path)
    outside = tmp_path / "outside"
    again = CliRunner().invoke(
        app, ["evaluate", str(tmp_path / slug / "STUDY.toml"), "--out", str(outside)]
    )
    assert again.exit_code == 0, again.output
    made = queries.folder_of(slug, run) / queries.MADE
    names = sorted(each.name for each in made.iterdir())
    assert {each.name for each in outside.iterdir()} == set(names)
    for name in names:
        assert (made / name).read_bytes() == (outside / name).read_bytes(), name
