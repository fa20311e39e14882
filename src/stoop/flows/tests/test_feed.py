"""What a feed does beside asking the sources: background tasks, each queue by itself."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from stoop.flows import feed
from stoop.precision.actions.watch import seek_in_background

# Each loop of a feed opens a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_long_study_holds_up_no_other_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """A study is begun that does not end until another task, which came after it, is done."""
    begun, other, stop = threading.Event(), threading.Event(), threading.Event()

    def study(*, key: str, **_more: Any) -> None:
        begun.set()
        assert other.wait(30), "the other task waits for the study"

    def sought(**_more: Any) -> None:
        other.set()

    monkeypatch.setattr("stoop.evaluation.actions.work_on", study)
    monkeypatch.setattr("stoop.precision.actions.watch.seek", sought)
    monkeypatch.setattr(feed, "tidy", lambda: None)
    import_string("stoop.evaluation.views.background.work_on").enqueue("a key")
    running = threading.Thread(target=feed.feed, args=(stop,))
    running.start()
    try:
        assert begun.wait(30)
        seek_in_background.enqueue()
        assert other.wait(30)
    finally:
        stop.set()
        running.join(60)


def test_a_task_for_later_is_done_when_its_time_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the feed began before that time."""
    monkeypatch.setattr("stoop.precision.actions.watch.seek", lambda **_more: None)
    tasks = feed._Tasks("default")
    seek_in_background.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    assert tasks.do_one() == 0
    DBTaskResult.objects.update(run_after=timezone.now())
    assert tasks.do_one() == 1
