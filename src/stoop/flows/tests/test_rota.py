"""Who hears that a shift changed hands."""

import pytest

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.flows.tests import factories
from stoop.flows.tests.factories import NIGHT, drain
from stoop.kernel import clock
from stoop.notifications import queries as told

pytestmark = pytest.mark.django_db


def titles() -> dict[str, str]:
    alerts = told.visible_to(SYSTEM).filter(kind="rota")
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
