"""The worker: what an event obliges to is done once, tried again when it fails, and never lost."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as live
from django.db import OperationalError, transaction

from stoop.flows import feed, loops, worker
from stoop.kernel import clock
from stoop.ledger import actions as ledger
from stoop.ledger import queries as events

DONE: list[int] = []
BEHAVIOUR: dict[str, Any] = {}


def flow(events: Sequence[Any]) -> None:
    """What the tests' flow does: whatever BEHAVIOUR says, then it counts."""
    for event in events:
        act = BEHAVIOUR.get("act")
        if act:
            act(event)
        DONE.append(event.seq)


@pytest.fixture
def obliged(settings: Any, transactional_db: None) -> Any:
    """Write an event that obliges to the tests' flow."""
    DONE.clear()
    BEHAVIOUR.clear()
    settings.STOOP_FLOWS = {"tests": (f"{__name__}.flow", frozenset({"thing.happened"}))}
    return lambda: ledger.record(kind="thing.happened", subject="thing:1", by="system")


def test_what_follows_is_done_once(obliged: Any) -> None:
    first, second = obliged(), obliged()
    assert [worker.do_duties() for _ in range(3)] == [1, 1, 0]
    assert [first.seq, second.seq] == DONE
    assert not events.waiting_duties().exists()


def test_what_fails_is_tried_again_later(obliged: Any) -> None:
    def fail(_event: Any) -> None:
        raise ValueError("a name that no log may hold")

    BEHAVIOUR["act"] = fail
    obliged()
    assert worker.do_duties() == 1
    waiting = events.waiting_duties().get()
    assert (waiting.attempts, waiting.error) == (1, "ValueError")
    assert worker.do_duties() == 0, "not at once"
    BEHAVIOUR.clear()
    with clock.held(clock.now() + timedelta(minutes=1)):
        assert worker.do_duties() == 1
    assert len(DONE) == 1


def test_in_a_rush_people_come_before_papers(
    settings: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(worker, "monotonic", lambda: now)
    monkeypatch.setattr(worker, "_rush", worker.Rush())
    DONE.clear()
    BEHAVIOUR.clear()
    followed = (f"{__name__}.flow", frozenset({"thing.happened"}))
    settings.STOOP_FLOWS = {"alert": followed, "papers": followed}

    def happened() -> None:
        ledger.record(kind="thing.happened", subject="thing:1", by="system")

    happened()
    assert worker.do_others() == 0, "somebody is to be told"
    assert worker.do_alerts() == 1
    assert worker.do_others() == 1, "one shooting is no rush"
    for _shooting in range(2):
        now += 0.2
        happened()
        assert worker.do_alerts() == 1
    assert worker.do_others() == 0
    now += 0.6
    assert [worker.do_others() for _ in range(3)] == [1, 1, 0]
    assert len(DONE) == 6


def test_what_is_due_at_once_is_done_together_and_one_failure_holds_up_no_other(
    settings: Any, transactional_db: None
) -> None:
    DONE.clear()
    settings.STOOP_FLOWS = {"alert": (f"{__name__}.flow", frozenset({"thing.happened"}))}
    said = {"kind": "thing.happened", "subject": "thing:1", "by": "system"}
    first, wrong, last = (ledger.record(**said) for _ in range(3))

    def fail(event: Any) -> None:
        if event.seq == wrong.seq:
            raise ValueError
        ledger.record(kind="thing.begun", subject=f"other:{event.seq}", by="system")

    BEHAVIOUR["act"] = fail
    assert worker.do_alerts() == 3
    assert events.waiting_duties().get().event == wrong.seq
    for seq, done in ((first.seq, 1), (wrong.seq, 0), (last.seq, 1)):
        assert events.timeline(f"other:{seq}").count() == done


def test_a_flow_that_this_program_does_not_know_fails_and_holds_up_no_other(
    settings: Any, transactional_db: None
) -> None:
    DONE.clear()
    BEHAVIOUR.clear()
    known = (f"{__name__}.flow", frozenset({"thing.happened"}))
    settings.STOOP_FLOWS = {"before": known, "papers": known}
    ledger.record(kind="thing.happened", subject="thing:1", by="system")
    settings.STOOP_FLOWS = {"papers": known}
    assert [worker.do_duties() for _ in range(3)] == [1, 1, 0]
    assert len(DONE) == 1
    waiting = events.waiting_duties().get()
    assert (waiting.flow, waiting.attempts, waiting.error) == ("before", 1, "KeyError")


def test_no_rush_is_for_ever() -> None:
    rush = worker.Rush()
    for at in range(400):
        rush.told(at / 4)
    assert not rush.on(100.0)


def test_a_failure_leaves_nothing_half_done(obliged: Any) -> None:
    def half(_event: Any) -> None:
        ledger.record(kind="thing.begun", subject="thing:1", by="system")
        raise OperationalError

    BEHAVIOUR["act"] = half
    obliged()
    worker.do_duties()
    assert [each.kind for each in events.timeline("thing:1")] == ["thing.happened"]


def test_a_worker_that_was_too_slow_undoes_its_work(obliged: Any) -> None:
    """Its lease ran out and another has done it: what it wrote must not stand twice."""

    def slow(event: Any) -> None:
        ledger.record(kind="thing.begun", subject="thing:1", by="system")
        BEHAVIOUR.clear()
        with transaction.atomic(), clock.held(clock.now() + timedelta(hours=1)):
            (again,) = ledger.lease_duties(limit=1, for_s=60)
            ledger.finish(again)

    BEHAVIOUR["act"] = slow
    obliged()
    (duty,) = ledger.lease_duties(limit=1, for_s=60)
    worker.do([duty])
    assert [each.kind for each in events.timeline("thing:1")] == ["thing.happened"]


def test_a_round_that_fails_ends_no_loop() -> None:
    stop, seen, told = threading.Event(), [], []

    def round_() -> int:
        seen.append(len(seen))
        if len(seen) == 1:
            raise RuntimeError
        if len(seen) == 4:
            stop.set()
        return 1

    loops.run([loops.Loop("tests", round_, 0.01)], stop, lambda *what: told.append(what))
    assert len(seen) == 4
    assert told[0] == ("tests", 0, True)
    assert told[1:] == [("tests", 1, False)] * 3


def test_what_is_in_hand_is_finished() -> None:
    stop, begun, finished = threading.Event(), threading.Event(), []

    def round_() -> int:
        begun.set()
        stop.wait(5)
        finished.append(True)
        return 0

    thread = threading.Thread(target=loops.run, args=([loops.Loop("tests", round_, 9)], stop))
    thread.start()
    assert begun.wait(5)
    stop.set()
    thread.join(5)
    assert finished == [True]
    assert not thread.is_alive()


def test_what_has_run_out_is_tidied_away(transactional_db: None) -> None:
    store = import_module(live.SESSION_ENGINE).SessionStore()
    store.set_expiry(-1)
    store.create()
    assert store.exists(store.session_key)
    feed.tidy()
    assert not store.exists(store.session_key)
