"""The doors that the story of a shooting goes through."""

from datetime import timedelta

import pytest

from stoop.accounts.permissions import SYSTEM
from stoop.fieldwork import actions, queries
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.kernel import clock

pytestmark = pytest.mark.django_db


def test_a_response_has_the_clocks_of_its_plan(personas):
    with clock.held(NIGHT):
        made = response(personas.site, plan="takedown", place="Building 4")
    assert {c.code: (c.due_at - NIGHT) // timedelta(days=1) for c in made.clocks.all()} == {
        "partner_call": 1,
        "doors": 3,
        "debrief": 4,
        "meeting": 7,
        "follow_up_30": 30,
        "follow_up_90": 90,
    }


def test_on_call_by_rank_then_supervisors(personas):
    shift(personas.site, personas.ann, NIGHT)
    assert queries.on_call(personas.site, NIGHT) == [[personas.ann.pk], [personas.alice.pk]]


def test_taking_it_stops_the_first_clock(personas):
    made = response(personas.site)
    with clock.held(NIGHT + timedelta(minutes=10)):
        actions.take_response(response=made, by=SYSTEM, person_id=personas.ann.pk)
    first = made.clocks.get(code="acknowledge")
    assert first.met_by == personas.ann
    assert first.met_at == NIGHT + timedelta(minutes=10)
