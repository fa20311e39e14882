"""What stood in public stays told: each version in its own words, each finding with its end."""

import json
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.apps import apps
from django.test import Client
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions, public, queries
from stoop.evaluation.models import Publication, Run, Study
from stoop.evaluation.readers.registration import read_registration
from stoop.evaluation.tests import factories
from stoop.evaluation.views.registered import registered
from stoop.kernel import clock
from stoop.places.tests.factories import make_area


@pytest.fixture(autouse=True)
def _ground(db: None, settings: Any, tmp_path: Any) -> None:
    settings.STOOP_HOME = tmp_path
    make_area("precinct", "1", shapely.box(-74, 40, -73, 41))


def ran(study: Study, answer: str) -> Run:
    """Another run of it, ended well."""
    run = actions.start_run(study=study, by=SYSTEM, enqueue=lambda key: None)
    now = clock.now()
    Run.objects.filter(pk=run.pk).update(started_at=now, finished_at=now, answer=answer)
    Study.objects.filter(pk=study.pk).update(state=Study.State.FINISHED)
    return run


def amended(study: Study) -> None:
    study.refresh_from_db()
    text = study.text.replace("Did shootings fall", "Did arrests rise")
    actions.amend_study(study=study, text=text, reason="Another question", by=SYSTEM)


def test_an_amendment_sets_no_other_question_over_the_answer() -> None:
    study, _run = factories.finding()
    amended(study)
    found = public.finding(study.slug)
    assert isinstance(found, public.Finding)
    assert found.question == found.title == "Did shootings fall where the program worked?"
    assert [each.title for each in public.findings()] == [found.title]
    study.refresh_from_db()
    assert study.question.startswith("Did arrests rise")
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    taken = public.finding(study.slug)
    assert isinstance(taken, public.Withdrawn)
    assert taken.title == found.title


def test_each_version_can_be_read_by_everybody() -> None:
    study, _run = factories.finding()
    first = study.text
    amended(study)
    study.refresh_from_db()
    for number, text in enumerate([first, study.text], 1):
        given = public.file(study.slug, f"STUDY-v{number}.toml")
        assert given is not None
        assert given.decode() == text
    assert public.file(study.slug, "STUDY-v3.toml") is None
    client = Client()
    page = client.get(reverse("finding", args=[study.slug])).content.decode()
    assert "+question = &quot;Did arrests rise" in page
    file = client.get(reverse("finding-file", args=[study.slug, "STUDY-v2.toml"]))
    assert file.content.decode() == study.text
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    assert public.file(study.slug, "STUDY-v1.toml") is None


def test_what_stood_before_stays_told(personas: SimpleNamespace) -> None:
    study, _run = factories.finding()
    ran(study, "They rose.")
    actions.publish_finding(study=study, by=SYSTEM)
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    ran(study, "Nobody can tell.")
    actions.publish_finding(study=study, by=SYSTEM)
    found = public.finding(study.slug)
    assert isinstance(found, public.Finding)
    told = [(each.answer, each.why) for each in found.before]
    assert told == [("", "A file was loaded twice"), ("They fell.", "")]
    page = Client().get(reverse("finding", args=[study.slug])).content.decode()
    assert "What stood here before" in page
    assert "They rose." not in page  # what is wrong is not told again
    actions.withdraw_finding(study=study, why="The map was wrong", by=SYSTEM)
    gone = Client().get(reverse("finding", args=[study.slug])).content.decode()
    assert "The map was wrong" in gone
    assert "A file was loaded twice" in gone
    desk = Client()
    desk.force_login(personas.rita)
    held = desk.get(reverse("study", args=[study.slug])).content.decode()
    for words in ("replaced by the next", "A file was loaded twice", "The map was wrong"):
        assert words in held


@pytest.mark.parametrize("taken", [False, True])
def test_what_stood_before_there_were_rows_is_carried_over(taken: bool) -> None:
    study, run = factories.finding()
    factories.draft("never published")
    if taken:
        actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    (kept,) = Publication.objects.values()
    Publication.objects.all().delete()
    carry_over = import_module("stoop.evaluation.migrations.0003_publications_before").carry_over
    for _twice in range(2):
        carry_over(apps, None)
    (row,) = Publication.objects.values()
    assert row == kept | {"id": row["id"]}
    assert row["run_id"] == run.pk


def test_nobody_publishes_a_run_that_they_have_not_read(
    personas: SimpleNamespace, client: Client
) -> None:
    study, first = factories.finding()
    client.force_login(personas.cass)
    second = ran(study, "They rose.")
    address = reverse("study-publish", args=[study.slug])
    assert f'name="run" value="{second.key}"' in client.get(address).content.decode()
    third = ran(study, "Nobody can tell.")
    for sent in ({"run": str(second.key)}, {"run": "x"}, {}):
        page = client.post(address, sent, follow=True).content.decode()
        assert "Another run has ended since" in page
        study.refresh_from_db()
        assert study.published_id == first.pk
    client.post(address, {"run": str(third.key)})
    study.refresh_from_db()
    assert study.published_id == third.pk


def test_nobody_freezes_a_text_that_they_have_not_read(
    personas: SimpleNamespace, client: Client
) -> None:
    study = factories.draft()
    client.force_login(personas.rita)
    address = reverse("study-register", args=[study.slug])
    seen = queries.digest_of(study.text)
    assert f'name="sha256" value="{seen}"' in client.get(address).content.decode()
    other = study.text.replace("2025", "2024")
    actions.draft_study(text=other, by=SYSTEM, study=study)
    for sent in ({"sha256": seen}, {}):
        page = client.post(address, sent, follow=True).content.decode()
        assert "The design was changed since" in page
        assert queries.registrations(study) == []
    for _twice in range(2):
        client.post(address, {"sha256": queries.digest_of(other)})
    (version,) = queries.registrations(study)
    assert version.text == other
    client.post(address, {"sha256": seen}, follow=True)
    assert queries.registrations(study) == [version]


def test_the_register_says_the_day_of_the_city_and_what_was_known(
    settings: Any, tmp_path: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    study = factories.draft()
    with clock.held(datetime(2026, 11, 23, 2, tzinfo=UTC)):  # 21:00 of the day before there
        version = actions.register_study(study=study, by=SYSTEM)
    told = queries.register_of(study.slug, [version])
    assert told["versions"][0]["registered_at"] == "2026-11-22T21:00:00-05:00"
    assert told["versions"][0]["period"] == "over"
    path = tmp_path / "registration.json"
    path.write_text(json.dumps(told))
    said = " ".join(registered(version.sha256, read_registration(path)).said)
    assert "By registration.json, registered on 22 November 2026 (2026-11-22)" in said
    assert "That was when its period was over: its outcome could be known." in said
    assert f"event {version.seq} of that platform's ledger" in said
    assert version.ledger[:12] in said
