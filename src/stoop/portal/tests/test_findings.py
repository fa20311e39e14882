"""What a stranger sees of studies: findings, their files, and that one was withdrawn."""

import json
from typing import Any

import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions, queries
from stoop.evaluation.tests import factories
from stoop.places.tests.factories import make_area


@pytest.fixture(autouse=True)
def _ground(db: None, settings: Any, tmp_path: Any) -> None:
    settings.STOOP_HOME = tmp_path
    make_area("precinct", "1", shapely.box(-74, 40, -73, 41))


@pytest.fixture
def stranger() -> Client:
    return Client()


def published() -> Any:
    """A finding with the files of its run; among them one that nobody made."""
    study, run = factories.finding()
    folder = queries.folder_of(study.slug, run)
    for part, name in (("study", "study.html"), ("study", "study.json"), ("study", "panel.csv"),
                       ("inputs", "STUDY.toml"), ("inputs", "incidents.csv"),
                       ("study", "notes.html")):  # fmt: skip
        (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / part / name).write_text(json.dumps(name), encoding="utf-8")
    return study


def test_before_anything_is_published_the_list_says_what_will_be_here(stranger: Client) -> None:
    factories.draft()
    page = stranger.get("/findings/")
    assert page.status_code == 200
    assert "No study has been published here yet" in page.content.decode()


def test_a_finding_is_read_without_signing_in(stranger: Client) -> None:
    study = published()
    page = stranger.get("/findings/").content.decode()
    assert study.title in page
    assert "They fell." in page
    one = stranger.get(f"/findings/{study.slug}/")
    assert one.status_code == 200
    text = one.content.decode()
    assert "They fell." in text
    assert "before outcomes were read" in text
    for name in ("study.html", "study.json", "panel.csv", "STUDY.toml"):
        assert f"/findings/{study.slug}/{name}" in text
        file = stranger.get(f"/findings/{study.slug}/{name}")
        assert file.content == json.dumps(name).encode()
        assert file["X-Content-Type-Options"] == "nosniff"
        assert "script" not in file["Content-Security-Policy"]
    assert not one.cookies


def test_nothing_else_of_a_run_is_public(stranger: Client) -> None:
    study = published()
    for name in ("incidents.csv", "notes.html", "..%2Finputs%2Fincidents.csv", "STUDY"):
        assert stranger.get(f"/findings/{study.slug}/{name}").status_code == 404, name


def test_what_is_not_published_is_not_there(stranger: Client) -> None:
    study = factories.draft()
    for address in (f"/findings/{study.slug}/", f"/findings/{study.slug}/study.html"):
        assert stranger.get(address).status_code == 404
    assert stranger.get("/findings/never/").status_code == 404


def test_a_withdrawn_finding_says_so_and_gives_no_file(stranger: Client) -> None:
    study = published()
    actions.withdraw_finding(study=study, why="A file was read twice.", by=SYSTEM)
    page = stranger.get(f"/findings/{study.slug}/")
    assert page.status_code == 410
    assert "A file was read twice." in page.content.decode()
    assert "They fell." not in page.content.decode()
    assert stranger.get(f"/findings/{study.slug}/study.html").status_code == 404
    assert study.title not in stranger.get("/findings/").content.decode()


def test_an_amendment_after_it_was_published_shows(stranger: Client) -> None:
    study = published()
    changed = study.text.replace("2025", "2024")
    actions.amend_study(study=study, text=changed, reason="The last year is not whole.", by=SYSTEM)
    text = stranger.get(f"/findings/{study.slug}/").content.decode()
    assert "The last year is not whole." in text
    assert text.index("this study") < text.index("The last year is not whole.")


def test_a_page_asks_as_much_for_many_as_for_one(
    stranger: Client, django_assert_num_queries: Any
) -> None:
    study, _run = factories.finding()
    with CaptureQueriesContext(connection) as few:
        stranger.get("/findings/")
        stranger.get(f"/findings/{study.slug}/")
    assert len(few) <= 12
    for number in range(4):
        factories.finding(f"another {number}")
    with django_assert_num_queries(len(few)):
        assert stranger.get("/findings/").content.decode().count("They fell.") == 5
        stranger.get(f"/findings/{study.slug}/")
