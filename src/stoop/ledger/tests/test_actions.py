"""Recording, and the life of a duty: leased, finished, failed, dead, revived."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from stoop.kernel import clock
from stoop.ledger import actions, queries
from stoop.ledger.actions import duties
from stoop.ledger.models import Duty, Event
from stoop.ledger.tests import factories

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 7, 23, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _flows(settings) -> None:
    settings.STOOP_FLOWS = {
        "one": ("nobody.calls.this", frozenset({"thing.happened"})),
        "two": ("nobody.calls.this", frozenset({"thing.happened", "thing.ended"})),
    }


def test_an_event_says_what_was_said_and_follows_the_last() -> None:
    first, second = factories.events(2, subject="thing:9")
    assert (first.seq, second.seq) == (1, 2)
    assert second.previous == first.digest
    kept = Event.objects.get(seq=2)
    assert (kept.subject, kept.actor, kept.data) == ("thing:9", "system", {"number": 2})
    assert kept.computed() == kept.digest == second.digest


def test_several_events_stand_in_their_order_and_the_chain_is_held_once(
    django_assert_max_num_queries,
) -> None:
    factories.events(1)
    said = [actions.Happened("thing.happened", f"thing:{n}", "system") for n in range(3)]
    with django_assert_max_num_queries(6):
        made = actions.record_all(said)
    assert [(event.seq, event.subject) for event in made] == [
        (2, "thing:0"),
        (3, "thing:1"),
        (4, "thing:2"),
    ]
    assert actions.record_all([]) == []
    assert queries.verify().ok
    assert queries.waiting_duties().count() == 8


def test_a_duty_for_each_flow_that_waits_for_the_kind() -> None:
    actions.record(kind="thing.ended", subject="thing:1", by="system")
    actions.record(kind="thing.forgotten", subject="thing:1", by="system")
    factories.events(1)
    found = [(duty.event, duty.flow) for duty in queries.waiting_duties()]
    assert found == [(1, "two"), (3, "one"), (3, "two")]


def test_what_is_rolled_back_leaves_no_event_no_duty_and_no_gap() -> None:
    factories.events(1)
    with transaction.atomic():
        factories.events(3)
        transaction.set_rollback(True)
    factories.events(1)
    assert [event.seq for event in Event.objects.order_by("seq")] == [1, 2]
    assert queries.waiting_duties().count() == 4
    assert queries.verify().ok


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "something happened"},
        {"kind": "happened"},
        {"subject": "thing 1"},
        {"subject": "ann@example.org"},
        {"by": "Ann Smith"},
        {"site": "the site"},
        {"kind": "a." + "b" * 60},
        {"subject": "thing:" + "b" * 80},
        {"data": {"to": "ann@example.org"}},
        {"data": {"ann@example.org": 1}},
        {"data": {"said": "first line\nsecond line"}},
        {"data": {"said": ["word " * 20]}},
        {"data": {"metres": float("nan")}},
        {"data": {"metres": 1e300}},
        {"data": {"nul": "\0"}},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_no_persons_words_come_in(odd: dict[str, object]) -> None:
    said = {"kind": "thing.happened", "subject": "thing:1", "by": "system"} | odd
    with pytest.raises(ValueError, match="an event's"):
        actions.record(**said)
    assert queries.latest_seq() == 0


@pytest.mark.parametrize("value", [NIGHT, b"1", {1, 2}, object()])
def test_no_value_that_a_database_would_change(value: object) -> None:
    with pytest.raises(TypeError):
        actions.record(
            kind="thing.happened", subject="thing:1", by="system", data={"many": [value]}
        )


@pytest.mark.parametrize("value", [1.0, -0.0, 0.1, 1e-7, 123456789.125, 1e14, True, None, 2**60])
def test_numbers_come_back_as_they_were_sealed(value: object) -> None:
    actions.record(kind="thing.happened", subject="thing:1", by="system", data={"value": value})
    assert queries.verify().ok


def test_a_moment_of_another_time_zone_is_the_same_moment() -> None:
    there = NIGHT.astimezone(tz=None).astimezone(UTC).astimezone()
    with clock.held(there):
        factories.events(1)
    assert Event.objects.get().at == NIGHT
    assert queries.verify().ok


def test_duties_are_leased_once_oldest_first() -> None:
    factories.events(2)
    with clock.held(NIGHT := clock.now()):
        mine = actions.lease_duties(limit=3, for_s=60)
        yours = actions.lease_duties(limit=3, for_s=60)
        assert [(duty.event, duty.flow) for duty in mine] == [(1, "one"), (1, "two"), (2, "one")]
        assert [(duty.event, duty.flow) for duty in yours] == [(2, "two")]
        assert actions.lease_duties(limit=3, for_s=60) == []
    with clock.held(NIGHT + timedelta(seconds=60)):
        assert len(actions.lease_duties(limit=9, for_s=60)) == 4


def test_a_clock_that_was_put_back_keeps_no_duty_waiting() -> None:
    """The machine began with a clock a year ahead, and a worker was killed before it was mended."""
    with clock.held(NIGHT.replace(year=2027)):
        factories.events(1)
        actions.lease_duties(limit=1, for_s=60)
    with clock.held(NIGHT):
        assert queries.flows_due(clock.now()) == ["one", "two"]
        taken = actions.lease_duties(limit=9, for_s=60)
        assert [duty.flow for duty in taken] == ["one", "two"]
        assert actions.lease_duties(limit=9, for_s=60) == []


def test_finished_is_gone() -> None:
    factories.events(1)
    for duty in actions.lease_duties(limit=9, for_s=60):
        assert actions.finish(duty)
        assert not actions.finish(duty)
    assert not queries.waiting_duties().exists()


def test_a_lost_lease_changes_nothing() -> None:
    factories.events(1)
    moment = clock.now()
    with clock.held(moment):
        (mine, _) = actions.lease_duties(limit=2, for_s=60)
    with clock.held(moment + timedelta(seconds=61)):
        (yours, _) = actions.lease_duties(limit=2, for_s=60)
        assert mine.pk == yours.pk
        assert not actions.finish(mine)
        assert not actions.fail(mine, RuntimeError("late"))
        assert Duty.objects.get(pk=yours.pk).attempts == 0
        assert actions.finish(yours)


def test_a_failure_waits_longer_each_time_then_is_dead_then_revived() -> None:
    actions.record(kind="thing.ended", subject="thing:1", by="system")
    moment, waits = clock.now(), []
    for _ in range(duties.MOST_FAILURES):
        with clock.held(moment):
            (duty,) = actions.lease_duties(limit=1, for_s=60)
            assert actions.fail(duty, ConnectionError("ann@example.org said so"))
            assert actions.lease_duties(limit=1, for_s=60) == []
        duty.refresh_from_db()
        assert duty.error == "ConnectionError"
        waits.append((duty.not_before - moment).total_seconds())
        moment = duty.not_before
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == queries.LONGEST_WAIT.total_seconds()
    with clock.held(moment + timedelta(days=9)):
        assert actions.lease_duties(limit=1, for_s=60) == []
        assert list(queries.dead_duties()) == [duty]
        assert actions.revive(duty, by="system")
        assert not actions.revive(duty, by="system")
        assert not queries.dead_duties().exists()
        (again,) = actions.lease_duties(limit=1, for_s=60)
        assert again.attempts == 0


def test_a_worker_that_dies_is_not_the_dutys_fault() -> None:
    actions.record(kind="thing.ended", subject="thing:1", by="system")
    moment = clock.now()
    for number in range(duties.MOST_FAILURES * 3):
        with clock.held(moment + timedelta(seconds=10 * number)):
            (duty,) = actions.lease_duties(limit=1, for_s=10)
            assert duty.attempts == 0


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (KeyError("Ann"), "KeyError"),
        ("OperationalError", "OperationalError"),
        ("Ann was there", "Error"),
    ],
)
def test_only_the_kind_of_an_error_is_kept(error: BaseException | str, kept: str) -> None:
    actions.record(kind="thing.ended", subject="thing:1", by="system")
    (duty,) = actions.lease_duties(limit=1, for_s=60)
    actions.fail(duty, error)
    assert Duty.objects.get().error == kept
