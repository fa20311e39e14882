"""Two at the same moment: one write, and the other is told or changes nothing. No error."""

import threading
from collections.abc import Callable
from datetime import date, time
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.fieldwork import actions
from stoop.fieldwork.models import Plan, Rest, Shift
from stoop.fieldwork.models.shipped import SHOOTING
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed gave, or why not; all begin at one moment, each with its own connection."""
    begin = threading.Barrier(len(deeds))
    given: list[Any] = [None] * len(deeds)

    def run(number: int) -> None:
        try:
            with within(SYSTEM):
                connection.ensure_connection()
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


def test_of_two_who_change_a_plan_the_second_is_told(personas) -> None:
    actions.install_plans(by=SYSTEM)
    ada = actor_of(personas.ada)
    for seen in range(1, 6):
        deeds = [
            partial(
                actions.change_plan,
                code="shooting",
                wanted={**SHOOTING, "title": f"{who} {seen}"},
                seen=seen,
                by=ada,
            )
            for who in ("Hers", "His")
        ]
        given = together(*deeds)
        assert {type(each) for each in given} == {Plan, Refusal}, given


def test_the_same_new_plan_twice_is_told(personas) -> None:
    ada = actor_of(personas.ada)
    for n in range(5):
        deed = partial(actions.change_plan, code=f"walk_{n}", wanted=SHOOTING, seen=0, by=ada)
        given = together(deed, deed)
        assert {type(each) for each in given} <= {Plan, Refusal}, given
        assert Plan.objects.filter(code=f"walk_{n}").count() == 1


def test_a_pattern_that_is_sent_twice_at_once_is_entered_once(personas) -> None:
    with clock.held(NIGHT):
        for n in range(5):
            deed = partial(
                actions.set_pattern,
                site=personas.site,
                person=personas.ann,
                weekdays=[n],
                begins=time(20),
                ends=time(8),
                first=date(2026, 11, 23),
                by=actor_of(personas.alice),
            )
            given = together(deed, deed)
            assert sorted(len(each) for each in given) == [0, 1], given
    assert Shift.objects.count() == 5


def test_i_was_there_twice_at_once_is_one_rest(personas) -> None:
    for _ in range(5):
        made = response(personas.site)
        deed = partial(actions.note_presence, response=made, by=actor_of(personas.ann))
        together(deed, deed)
        assert Rest.objects.filter(response=made).count() == 1
