"""The weekly sheet adds up to what was counted."""

import copy
from datetime import date

import pytest
from django.urls import reverse

from stoop.accounts.permissions import actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.models.shipped import SHOOTING
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)


@pytest.fixture
def night(personas):
    with clock.held(NIGHT):
        yield personas


def test_what_a_newer_plan_does_not_ask_any_more_is_on_the_sheet_all_the_same(night):
    ann = actor_of(night.ann)
    old = response(night.site)
    actions.count(response=old, what="doors", number=8, part=2, block="Elm & 3rd", by=ann)
    actions.count(response=old, what="services", kind="work", number=3, by=ann)
    plan = copy.deepcopy(SHOOTING)
    plan["counts"] = [line for line in plan["counts"] if line["code"] != "doors"]
    services = next(line for line in plan["counts"] if line["code"] == "services")
    services["kinds"] = [kind for kind in services["kinds"] if kind["code"] != "work"]
    actions.change_plan(code="shooting", wanted=plan, seen=1, by=actor_of(night.ada))
    new = response(night.site, incident=make_incident(block="Oak St & 3rd"))
    actions.count(response=new, what="services", kind="legal", number=1, by=ann)
    actions.count(response=new, what="materials", number=5, by=ann)
    actions.count(response=old, what="materials", number=2, by=ann)
    week = queries.week(actor_of(night.alice), night.site, MONDAY)
    assert {(each.code, each.kind): each.number for each in week.said} == {
        ("doors", ""): 8,
        ("services", "Work and benefits"): 3,
        ("services", "Legal help"): 1,
        ("materials", ""): 7,
    }
    assert week.doors == 8


def test_a_part_is_set_beside_the_doors_of_which_somebody_said_it(night, client):
    made, ann = response(night.site), actor_of(night.ann)
    actions.count(response=made, what="doors", number=10, part=3, block="Elm & 3rd", by=ann)
    actions.count(response=made, what="doors", number=20, block="Elm & 3rd", by=ann)
    client.force_login(night.alice)
    rows = client.get(reverse("week-csv", args=["riverside", "2026-11-16"])).getvalue().decode()
    assert "Doors knocked,Elm & 3rd,,30,," in rows
    assert "Doors knocked,Elm & 3rd,opened,3,10," in rows
    sheet = reverse("week-sheet", args=["riverside", "2026-11-16"])
    for page, said in (
        (sheet, "opened 3 of 10"),
        (reverse("response", args=[made.key]), "(3 of 10)"),
    ):
        text = " ".join(client.get(page).content.decode().split())
        assert text.count(said) == 2, page
