"""Runs that wait, that take long, and what they leave behind; and drafts that go again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.test import Client
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions, queries
from stoop.evaluation.models import STALE, Run, Study
from stoop.evaluation.tests import factories
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger
from stoop.places.tests.factories import make_area

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + STALE + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _ground(db: None, settings: Any, tmp_path: Path) -> None:
    settings.STOOP_HOME = tmp_path
    make_area("precinct", "1", shapely.box(-74, 40, -73, 41))


def _registered() -> Study:
    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    return study


def _start(study: Study, at: datetime) -> tuple[Run, list[str]]:
    keys: list[str] = []
    with clock.held(at):
        return actions.start_run(study=study, by=SYSTEM, enqueue=keys.append), keys


def test_a_run_whose_worker_was_killed_ends_by_itself_with_a_sentence(
    personas: SimpleNamespace, client: Client
) -> None:
    study = _registered()
    run, _keys = _start(study, NOW)
    Run.objects.update(started_at=NOW, seen_at=NOW)
    with clock.held(NOW + STALE):
        assert actions.end_lost_runs(by=SYSTEM) == 0, "it may still be at work"
    with clock.held(LATER):
        assert [actions.end_lost_runs(by=SYSTEM) for _ in range(2)] == [1, 0]
        client.force_login(personas.rita)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
    assert "was stopped before the end; run it again" in page
    study.refresh_from_db()
    run.refresh_from_db()
    assert (study.state, run.finished_at) == (Study.State.FAILED, LATER)
    assert ledger.timeline(f"study:{study.slug}").last().kind == "study.failed"
    assert _start(study, LATER)[0].pk != run.pk


def test_a_run_that_waits_for_a_worker_is_not_ended(personas: SimpleNamespace) -> None:
    _start(_registered(), NOW)
    with clock.held(LATER):
        assert actions.end_lost_runs(by=SYSTEM) == 0


def test_a_run_behind_a_long_one_waits_and_is_not_ended(
    personas: SimpleNamespace, client: Client
) -> None:
    study = _registered()
    run, (key,) = _start(study, NOW)
    with clock.held(LATER):
        client.force_login(personas.rita)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
    assert "It still waits for a worker" in page
    assert "its worker is gone" not in page
    same, again = _start(study, LATER)
    assert (same.pk, again) == (run.pk, [key])  # the same run, should its task be lost
    assert _start(study, LATER)[1] == []
    run.refresh_from_db()
    assert run.finished_at is None


def test_a_long_step_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def long_step(*, each: Any, progress: Any, **_more: Any) -> None:
        progress("dealing out the starts anew", 2, 4)
        for minutes in each(lambda number: 10 * number, [1, 2, 3]):
            run = Run.objects.get()
            now = NOW + timedelta(minutes=minutes)
            assert not run.is_stale(now), minutes
            held.enter(now)
        raise Refusal("Enough.")

    class Held:
        def enter(self, now: datetime) -> None:
            monkeypatch.setattr("stoop.evaluation.actions.runs.clock.now", lambda: now)

    held = Held()
    monkeypatch.setattr("stoop.evaluation.actions.runs.publish_study", long_step)
    study = _registered()
    run, (key,) = _start(study, NOW)
    held.enter(NOW)
    actions.work_on(key=key, by=SYSTEM, render=lambda made: "", says=lambda made: "")
    run.refresh_from_db()
    assert run.failure == "Enough."
    assert run.seen_at == NOW + timedelta(minutes=20)


def test_inputs_stay_of_what_is_published_and_of_the_newest_run() -> None:
    study, published = factories.finding()
    other = factories.draft("other")
    actions.register_study(study=other, by=SYSTEM)
    runs = [published]
    for minute, which in enumerate((study, study, other, other)):
        at = clock.now() + timedelta(minutes=minute)
        run, _keys = _start(which, at)
        failed = "It failed." if minute % 2 else ""
        Run.objects.filter(pk=run.pk).update(started_at=at, finished_at=at, failure=failed)
        runs.append(run)
    for run in runs:
        folder = queries.folder_of(run.registration.study.slug, run)
        for part in (queries.INPUTS, queries.MADE, ".stoop-killed"):
            (folder / part).mkdir(parents=True)
            (folder / part / "incidents.csv").write_text("incident,date\n")

    def holds(part: str) -> list[bool]:
        folders = [queries.folder_of(run.registration.study.slug, run) for run in runs]
        return [(folder / part).exists() for folder in folders]

    assert actions.forget_inputs(by=SYSTEM) == 4
    assert holds(queries.INPUTS) == [True, False, True, False, True]
    assert holds(".stoop-killed") == [True, False, True, False, True]
    assert all(holds(queries.MADE))
    assert actions.forget_inputs(by=SYSTEM) == 0
    (event,) = [e for e in ledger.timeline("studies") if e.kind == "study.inputs_removed"]
    assert event.data == {"n": 4}


def test_a_draft_can_be_deleted_and_a_registered_study_cannot(
    personas: SimpleNamespace, client: Client
) -> None:
    client.force_login(personas.rita)
    study = factories.draft()
    assert (
        "goes for good" in client.get(reverse("study-delete", args=[study.slug])).content.decode()
    )
    page = client.post(reverse("study-delete", args=[study.slug]), follow=True).content.decode()
    assert "Deleted." in page
    assert not Study.objects.exists()
    assert [e.kind for e in ledger.timeline(f"study:{study.slug}")][-1] == "study.deleted"
    actions.delete_draft(study=study, by=SYSTEM)  # gone already
    kept = _registered()
    with pytest.raises(Refusal, match="only a draft can be deleted"):
        actions.delete_draft(study=kept, by=SYSTEM)
    client.post(reverse("study-delete", args=[kept.slug]))
    assert Study.objects.filter(pk=kept.pk).exists()
