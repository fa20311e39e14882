"""Who hears that a shift changed hands."""

from datetime import timedelta

import pytest

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.flows import rota
from stoop.flows.tests import factories
from stoop.flows.tests.factories import NIGHT, drain
from stoop.kernel import clock
from stoop.ledger.queries import events_after
from stoop.notifications import queries as told_queries

pytestmark = pytest.mark.django_db


GONE, BACK = "You were taken off the rota", "You are on the rota again"


def titles() -> dict[str, str]:
    alerts = told_queries.visible_to(SYSTEM).filter(kind="rota")
    return {d.person.name: alert.title for alert in alerts for d in alert.deliveries.all()}


def hand_over(by: str) -> None:
    with clock.held(NIGHT):
        city = factories.city()
        mine = actor_of(city.ann)
        [shift] = [each for each in field.shifts(mine) if each.person_id == city.ann.pk]
        actor = actor_of(getattr(city, by))
        fieldwork.hand_over(shift=shift, person=city.alice, by=actor)
        drain()


def test_who_takes_over_hears_of_it() -> None:
    hand_over("ann")
    assert titles() == {"Alice": "You are on call now"}


def test_who_is_relieved_by_another_hears_of_it() -> None:
    hand_over("alice")
    assert titles() == {"Ann": "You are not on call any more"}


def take_away(*, told: bool, back: bool) -> list[str]:
    """What is said when Ann's shift is taken away and perhaps put back, before or after it went
    out that it was gone; all is followed twice."""
    with clock.held(NIGHT):
        city = factories.city()
        alice = actor_of(city.alice)
        [shift] = [each for each in field.shifts(alice) if each.person_id == city.ann.pk]
        taken = fieldwork.remove_shift(shift=shift, by=alice)
        assert taken is not None
        if told:
            drain()
        if back:
            fieldwork.put_back(site=shift.site, taken=taken, by=alice)
        drain()
        rota.follow([event for event in events_after(0) if event.kind.startswith("shift.")])
    held = told_queries.visible_to(SYSTEM).filter(kind="rota").order_by("pk")
    assert {d.person.name for alert in held for d in alert.deliveries.all()} <= {"Ann"}
    return [alert.title for alert in held]


def test_who_is_taken_off_hears_of_it_and_of_the_return() -> None:
    assert take_away(told=True, back=False) == [GONE]


def test_who_heard_that_it_is_gone_hears_that_it_is_back() -> None:
    assert take_away(told=True, back=True) == [GONE, BACK]


def test_what_is_undone_before_anybody_was_told_stays_quiet() -> None:
    assert take_away(told=False, back=True) == []


def test_of_a_shift_that_is_over_nobody_hears() -> None:
    with clock.held(NIGHT):
        city = factories.city()
        alice = actor_of(city.alice)
        [shift] = [each for each in field.shifts(alice) if each.person_id == city.ann.pk]
    with clock.held(shift.ends + timedelta(hours=1)):
        fieldwork.remove_shift(shift=shift, by=alice)
        drain()
    assert titles() == {}
