"""A study of Sample City's programs, registered, run and published in the platform.

What the platform works out on its own record can be made again outside, to the last byte, with the
files that it hands over and `stoop evaluate`.
"""

import csv
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, within
from stoop.evaluation import queries
from stoop.evaluation.actions.inputs import write_inputs
from stoop.evaluation.forms import DesignForm
from stoop.flows.feed import _Tasks
from stoop.incidents import actions as incidents
from stoop.incidents import queries as incidents_held
from stoop.ledger import queries as ledger
from stoop.places import actions as places
from stoop.sample import actions as sample
from tests.stories.running import stoop

# A worker opens connections of its own.
pytestmark = pytest.mark.django_db(transaction=True)
CHOICES = {
    "question": "Did shootings fall in the districts where a program worked?",
    "measure": "incidents",
    "area": "recorded",
    "kind": "district",
    "length": "quarter",
    "first": "2018-Q1",
    "last": "2025-Q4",
    "at_work": "operational",
    "comparison": "",
    "exclusions": "E8: its program closed in 2023",
    "samples": "early starts: to 2020-Q4",
    "estimators": ["poisson", "event_study"],
    "seed": "1",
    "permutations": "99",
}

# What stands folded in the form.
FOLDED = {
    "known_on": "2020-06-30",
    "currency": "USD",
    "per": "year",
    "program": "600000, 800000, 1200000: the budget",
    "outcome": "400000, 700000, 1200000: a review",
    "share": "0.5, 1, 1: nobody knows",
    "discount": "0, 0.03, 0.07: the city",
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
    drafted = desk.client.post(reverse("study-new"), {**CHOICES, **FOLDED}, follow=True)
    slug = drafted.redirect_chain[-1][0].strip("/").split("/")[-1]
    desk.client.post(reverse("study-run", args=[slug]))
    assert desk.tasks.do_one() == 0  # a draft is not worked out
    (study,) = queries.studies(SYSTEM)
    frozen = {"sha256": queries.digest_of(study.text)}
    desk.client.post(reverse("study-register", args=[slug]), frozen)
    desk.client.post(reverse("study-run", args=[slug]))
    assert desk.tasks.do_one() == 1
    study.refresh_from_db()
    (run,) = queries.runs(study)
    assert (study.state, run.failure) == ("finished", "")
    page = desk.client.get(reverse("study", args=[slug])).content.decode()
    assert run.answer
    assert escape(run.answer) in page
    handed = desk.client.get(reverse("study-bundle", args=[slug, run.key]))
    with zipfile.ZipFile(io.BytesIO(handed.content)) as whole:
        whole.extractall(tmp_path)
    assert (tmp_path / slug / "incidents-2020-06-30.csv").is_file()
    outside = tmp_path / "outside"
    inside = tmp_path / slug
    words = ("evaluate", "STUDY.toml", "--registration", "registration.json", "--out", outside)
    done = stoop(*words, cwd=inside)
    assert done.returncode == 0, done.stderr
    made = queries.folder_of(slug, run) / queries.MADE
    names = sorted(each.name for each in made.iterdir())
    assert {each.name for each in outside.iterdir()} == set(names)
    for name in names:
        assert (made / name).read_bytes() == (outside / name).read_bytes(), name


def test_the_files_hold_day_area_and_counts_and_no_more(
    desk: SimpleNamespace, tmp_path: Path
) -> None:
    text = DesignForm({**CHOICES, "estimators": ["poisson"]})
    assert text.is_valid(), text.errors
    write_inputs(tmp_path, text.text())
    with (tmp_path / "incidents.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["incident", "date", "area", "killed", "injured"]
    held = incidents_held.incidents(SYSTEM).filter(status="confirmed", kind="shooting")
    assert len(rows) == held.count()
    told = sum((each.killed or 0) + (each.hurt or 0) for each in held)
    assert sum(int(row["killed"] or 0) + int(row["injured"] or 0) for row in rows) == told
    assert [row["incident"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    mapped = text.text().replace('"recorded"', '"mapped"')
    write_inputs(tmp_path, mapped)
    head = (tmp_path / "incidents.csv").read_text().splitlines()[0]
    assert head == "incident,date,area,killed,injured,lon,lat"


def test_what_follows_is_on_the_page_and_in_the_ledger(desk: SimpleNamespace) -> None:
    quick = {**CHOICES, "estimators": ["poisson"], "samples": ""}
    desk.client.post(reverse("study-new"), quick)
    (study,) = queries.studies(SYSTEM)
    slug = study.slug

    def post(name: str, **said: str) -> str:
        return desk.client.post(reverse(name, args=[slug]), said, follow=True).content.decode()

    def publish() -> str:
        return post("study-publish", run=str(queries.runs(study)[0].key))

    post("study-register", sha256=queries.digest_of(study.text))
    post("study-run")
    desk.tasks.do_one()
    assert "Withdraw the finding" in publish()
    (shown,) = queries.published()
    assert (shown.folder / "study.html").is_file()
    later = study.text.replace("2025-Q4", "2024-Q4")
    page = post("study-amend", reason="The last year is not whole", text=later)
    assert "after outcomes were read" in page
    assert "-last = &quot;2025-Q4&quot;" in page
    assert "+last = &quot;2024-Q4&quot;" in page
    post("study-run")
    desk.tasks.do_one()
    (run, first) = queries.runs(study)
    assert (run.failure, run.registration.number, first.registration.number) == ("", 2, 1)
    assert "Published" in publish()
    assert "A file was loaded twice" in post("study-withdraw", why="A file was loaded twice")
    assert list(queries.published()) == []
    kinds = [each.kind for each in ledger.timeline(f"study:{slug}")]
    assert kinds == [
        "study.drafted",
        "study.registered",
        *("study.run", "study.finished"),
        "finding.published",
        "study.amended",
        *("study.run", "study.finished"),
        "finding.published",
        "finding.withdrawn",
    ]
    page = desk.client.get(reverse("study-file", args=[slug, run.key, "study.html"]))
    assert page["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in page.content.decode()
    for name in ("registration.json", "..%2Finputs%2Fincidents.csv", "study.html.bak"):
        path = reverse("study-file", args=[slug, run.key, "x"])[:-1] + name
        assert desk.client.get(path).status_code == 404, name
