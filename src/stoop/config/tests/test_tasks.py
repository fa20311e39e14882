"""A background task whose process was killed is begun anew or given up, and never stands still."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django_tasks_db.models import DBTaskResult

from stoop.config.actions import beats, doctor, tasks
from stoop.config.cli import serve
from stoop.config.models import Beat
from stoop.flows import feed
from stoop.kernel import clock
from stoop.precision.actions.watch import seek_in_background

KILLED = "feed elsewhere 7"  # a process that beats no more


@pytest.fixture
def left(db: None) -> DBTaskResult:
    """A task as a process leaves it that is killed in the middle of it."""
    seek_in_background.enqueue()
    row = DBTaskResult.objects.get()
    row.claim(KILLED)
    return row


def now(row: DBTaskResult) -> tuple[str, int]:
    row.refresh_from_db()
    return row.status, len(row.worker_ids)


def metrics() -> str:
    with override_settings(STOOP_METRICS_TOKEN="a token"):
        return (
            Client().get("/metrics", headers={"Authorization": "Bearer a token"}).content.decode()
        )


def findings() -> list[tuple[str, str]]:
    return [(each.state, each.said) for each in doctor.background()]


@pytest.mark.django_db(transaction=True)  # a task is done over a connection of its own
def test_what_a_killed_process_left_is_said_and_begun_anew(left: DBTaskResult) -> None:
    told = metrics()
    assert 'stoop_tasks{state="lost"} 1.0' in told
    assert 'stoop_tasks{state="running"} 0.0' in told
    [(state, said)] = findings()
    assert state == doctor.ODD
    assert said.startswith("seek_in_background: the process that had it was killed")
    assert (tasks.take_up_lost(), tasks.take_up_lost()) == (1, 0)
    assert now(left) == ("READY", 1)
    assert feed._Tasks("default", "feed here 8").do_one() == 1
    assert now(left) == ("SUCCESSFUL", 2)
    assert left.worker_ids == [KILLED, "feed here 8"]
    assert findings() == [(doctor.GOOD, "No background task stands still.")]


def test_a_process_that_beats_keeps_its_task(left: DBTaskResult) -> None:
    left.worker_ids = [beats.name_of("feed")]
    left.save()
    beats.beat("feed", left.started_at - timedelta(seconds=1))
    assert tasks.take_up_lost() == 0
    assert now(left) == ("RUNNING", 1)
    with clock.held(clock.now() + timedelta(seconds=31)):
        assert tasks.take_up_lost() == 1, "it beats no more"


def test_another_process_of_the_same_name_does_not_have_it(left: DBTaskResult) -> None:
    """In a container each has the number of the one before it."""
    Beat.objects.create(name=KILLED, part="feed", version="1", began_at=clock.now(), at=clock.now())
    assert tasks.take_up_lost() == 1


def test_what_gets_its_process_killed_again_and_again_is_given_up(left: DBTaskResult) -> None:
    for _ in range(tasks.ATTEMPTS - 1):
        tasks.take_up_lost()
        left.refresh_from_db()
        left.claim(KILLED)
    assert tasks.take_up_lost() == 1
    assert now(left) == ("FAILED", tasks.ATTEMPTS)
    assert "was killed 3 times" in left.task_result.errors[0].traceback
    [(state, said)] = findings()
    assert (state, "given up" in said) == (doctor.ODD, True)
    assert tasks.take_up_lost() == 0


@pytest.mark.django_db(transaction=True)
def test_a_feed_finds_by_itself_what_another_left(
    left: DBTaskResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, stop = threading.Event(), threading.Event()
    monkeypatch.setattr("stoop.precision.actions.watch.seek", lambda **_more: done.set())
    monkeypatch.setattr(feed, "tidy", lambda: None)

    def tell(*_said: Any) -> None:
        pass

    running = threading.Thread(target=serve._feed, args=(stop, tell))
    running.start()
    try:
        assert done.wait(30)
    finally:
        stop.set()
        running.join(60)
    assert now(left) == ("SUCCESSFUL", 2)
    assert left.worker_ids == [KILLED, beats.name_of("feed")]
