"""Two at the same moment."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.ledger.tests.factories import Event
from stoop.notifications import actions
from stoop.notifications.actions import deliveries
from stoop.notifications.models import Alert, Delivery
from stoop.notifications.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_disk(personas, tmp_path) -> Iterator[None]:
    """SQLite keeps its promises to several connections in a file alone: go there for the test."""
    if connection.vendor != "sqlite":
        yield
        return
    memory, place = connection.connection, connection.settings_dict["NAME"]
    with closing(sqlite3.connect(tmp_path / "stoop.sqlite3")) as file:
        memory.backup(file)
    connection.connection, connection.settings_dict["NAME"] = None, str(tmp_path / "stoop.sqlite3")
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = memory, place


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed gave; all begin at one moment, each with a connection of its own."""
    begin = threading.Barrier(len(deeds))
    given: list[Any] = [None] * len(deeds)

    def run(number: int) -> None:
        try:
            with within(SYSTEM):
                begin.wait(20)
                given[number] = deeds[number]()
        except Exception as error:
            given[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return given


def test_of_two_who_take_it_one_has_it(personas) -> None:
    for _ in range(5):
        alert = factories.alert(personas.site, [personas.alice, personas.ann])
        actors = [actor_of(personas.alice), actor_of(personas.ann)]
        taken = together(*[partial(actions.take, alert=alert, by=actor) for actor in actors])
        assert sorted(each.mine for each in taken) == [False, True]
        alert.refresh_from_db()
        winner = next(each for each in taken if each.mine)
        loser = next(each for each in taken if not each.mine)
        assert winner.sentence == "You have it."
        assert loser.sentence == f"{alert.taken_by.name} has it already."
    assert Event.objects.filter(kind="alert.taken").count() == 5


def test_what_is_told_twice_at_once_is_told_once(personas) -> None:
    tell = [lambda: factories.alert(personas.site, [personas.alice], once="shooting:1")] * 4
    told = together(*tell)
    assert len({each.pk for each in told}) == 1
    assert Delivery.objects.count() == 1
    assert Event.objects.filter(kind="alert.told").count() == 1


def test_two_workers_escalate_once(personas) -> None:
    for _ in range(6):
        factories.alert(personas.site, [personas.alice], [personas.ann], [personas.carol])
    Alert.objects.update(next_step_at="2020-01-01T00:00Z")
    assert sum(together(*[actions.escalate_due] * 3)) == 6
    assert Counter(Delivery.objects.values_list("step", flat=True)) == {0: 6, 1: 6}


def test_nothing_is_claimed_by_two(personas) -> None:
    for _ in range(12):
        factories.alert(personas.site, [personas.alice, personas.ann])
    claimed = together(*[lambda: deliveries._claimed("email", 10)] * 4)
    pks = [each.pk for batch in claimed for each in batch]
    assert len(pks) == len(set(pks)) == 24


def test_who_takes_it_while_it_goes_on_is_not_overtaken(personas) -> None:
    for _ in range(5):
        alert = factories.alert(personas.site, [personas.alice], [personas.ann])
        Alert.objects.update(next_step_at="2020-01-01T00:00Z")
        together(
            partial(actions.take, alert=alert, by=actor_of(personas.alice)),
            actions.escalate_due,
        )
        alert.refresh_from_db()
        assert alert.taken_by == personas.alice
        assert alert.next_step_at is None
