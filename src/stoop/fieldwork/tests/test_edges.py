"""The edges of who may, when something changed under one's hands: each is told plainly."""

from datetime import timedelta

import pytest
from django.urls import reverse

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.accounts.tests.factories import Membership
from stoop.fieldwork import actions
from stoop.fieldwork.models import Count
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.incidents import actions as incidents
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock, ids

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)


@pytest.fixture
def night(personas):
    with clock.held(LATER):
        yield personas


def page(client, person, made):
    client.force_login(person)
    answer = client.get(reverse("response", args=[made.key]))
    return answer.status_code, " ".join(answer.content.decode().split())


def do(client, name, *args, **data):
    answer = client.post(reverse(name, args=args), data)
    return answer.status_code, answer.content.decode()


def test_a_worker_of_another_site_is_told_that_there_is_no_such_page(client, night):
    made = response(night.site)
    assert page(client, night.bob, made)[0] == 404
    for name, args, said in (
        ("response-step", [made.key], {"do": "take"}),
        ("clock-step", [made.key, "hospital"], {"do": "done"}),
        ("count-new", [made.key], {"what": "materials", "number": "3"}),
        ("task-step", [made.key, made.tasks.first().key], {"outcome": "done", "seen": "1"}),
        ("retaliation", [made.key], {"level": "3", "hours": "24", "seen": "1"}),
    ):
        assert do(client, name, *args, **said)[0] == 404, name
    made.refresh_from_db()
    assert made.lead is None
    assert made.clocks.filter(met_at=None).count() == made.clocks.count()


def test_a_supervisor_whose_role_ended_is_let_go_and_the_site_is_told(client, night):
    made = response(night.site)
    actions.take_response(response=made, by=actor_of(night.alice))
    held = Membership.objects.get(person=night.alice)
    accounts.end_membership(membership=held, by=actor_of(night.ada))
    assert page(client, night.alice, made)[0] == 404
    assert do(client, "clock-step", made.key, "hospital", do="done")[0] == 404
    assert "no role today" in client.get("/").content.decode()
    status, text = page(client, night.ann, made)
    assert status == 200
    assert "not of this site any more" in text
    assert do(client, "response-step", made.key, do="take")[0] == 302
    assert "not of this site any more" not in page(client, night.ann, made)[1]


def test_two_who_take_a_task_at_once_the_second_is_told_and_loses_nothing(client, night):
    made = response(night.site)
    task = made.tasks.get(code="partners")
    seen = {"seen": "1", "was_owner": "", "was_outcome": "", "outcome": ""}
    client.force_login(night.ann)
    assert do(client, "task-step", made.key, task.key, owner=night.ann.pk, **seen)[0] == 302
    client.force_login(night.alice)
    status, text = do(client, "task-step", made.key, task.key, owner=night.alice.pk, **seen)
    assert status == 422
    assert "Somebody changed this task" in text
    task.refresh_from_db()
    assert task.owner == night.ann
    again = {**seen, "seen": str(task.version), "was_owner": str(night.ann.pk)}
    assert do(client, "task-step", made.key, task.key, owner=night.alice.pk, **again)[0] == 302
    task.refresh_from_db()
    assert task.owner == night.alice, "after a look at it she may still want to"


def test_closed_while_another_writes_each_is_told(client, night):
    made = response(night.site)
    alice = actor_of(night.alice)
    actions.take_response(response=made, by=alice)
    client.force_login(night.ann)
    actions.waive_clock(response=made, code="debrief", reason="waived", by=alice)
    actions.close_response(response=made, by=alice)
    day = LATER.date().isoformat()
    counted = {"what": "materials", "number": "37", "day": day, "once": str(ids.new())}
    task = made.tasks.first()
    changed = {"seen": str(task.version), "was_outcome": "", "outcome": "done"}
    for name, args, said in (
        ("count-new", [made.key], counted),
        ("clock-step", [made.key, "hospital"], {"do": "done"}),
        ("task-step", [made.key, task.key], changed),
        ("retaliation", [made.key], {"level": "2", "hours": "24", "seen": "1"}),
    ):
        status, text = do(client, name, *args, **said)
        assert status == 422, name
        assert "This response is closed; open it again first." in text, name
        assert name != "count-new" or 'value="37"' in text, "what was typed is still there"
    assert not Count.objects.exists()


def test_a_stale_end_is_told(client, night):
    made = response(night.site)
    actions.waive_clock(response=made, code="debrief", reason="waived", by=actor_of(night.alice))
    actions.take_response(response=made, by=actor_of(night.ann))
    client.force_login(night.alice)
    status, text = do(client, "response-step", made.key, do="close", seen="1", outcome="done")
    assert status == 422
    assert "Somebody changed this response since you opened the page" in text


def test_joined_with_another_each_site_is_led_to_its_own(client, night):
    """One shooting was told twice: two sites answered the first, one of them the second too."""
    first, second = make_incident(block="Elm St & 3rd"), make_incident(block="Elm St & 4th")
    here, there = response(night.site, incident=first), response(night.other, incident=first)
    mine = response(night.site, incident=second)
    carol = actor_of(night.carol)
    incidents.merge(incident=first, into=second, by=carol, why="The same", version=first.version)
    for each in (here, there):
        actions.stand_down(response=each, by=SYSTEM)
    _status, text = page(client, night.alice, here)
    assert "It is the same shooting as another one." in text
    assert reverse("response", args=[mine.key]) in text
    _status, text = page(client, night.bob, there)
    assert "asks nothing of your site" in text
    assert str(mine.key) not in text
    status, text = do(client, "clock-step", there.key, "hospital", do="done")
    assert (status, "This response is closed" in text) == (422, True)
    assert "same shooting" not in page(client, night.alice, mine)[1]


def test_an_assessment_that_ended_by_itself_says_so(client, night):
    made = response(night.site)
    actions.set_retaliation(response=made, level=2, hours=24, by=actor_of(night.ann))
    text = page(client, night.ann, made)[1]
    assert "2 · Threats, people getting ready" in text
    assert "It ends then by itself." in text
    with clock.held(LATER + timedelta(hours=25)):
        text = page(client, night.ann, made)[1]
    assert "The last assessment ended by itself" in text
    assert "<strong>2 · Threats" not in text
