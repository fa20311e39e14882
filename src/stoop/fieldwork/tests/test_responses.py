"""A response from its opening to its end, through its actions."""

from datetime import timedelta

import pytest
from django.http import Http404

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.models import Response, Rest
from stoop.fieldwork.queries.clocks import State, is_assessed, standings, state
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.queries import timeline
from stoop.notifications import actions as notifications

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)
FORM = "0190e3a1-0000-7000-8000-000000000001"


@pytest.fixture
def night(personas):
    with clock.held(LATER):
        yield personas


def kinds(made):
    return [event.kind for event in timeline(f"response:{made.key}")]


def states(made, now):
    return {each.clock.code: each.state for each in standings(made, now)}


def test_opening_twice_is_once(night):
    incident = make_incident()
    one = response(night.site, incident=incident)
    other = response(night.site, incident=incident)
    assert one.pk == other.pk
    assert kinds(one) == ["response.opened"]
    assert one.clocks.count() == len(one.plan.clocks)


def test_two_sites_answer_one_incident(night):
    incident = make_incident()
    assert response(night.site, incident=incident) != response(night.other, incident=incident)
    assert len(queries.responses_to(SYSTEM, incident)) == 2
    assert len(queries.responses_to(SYSTEM, incident, site_id=night.other.pk)) == 1


def test_a_new_version_of_the_plan_opens_no_second_response(night):
    incident = make_incident()
    one = response(night.site, incident=incident)
    wanted = {name: getattr(one.plan, name) for name in ("title", "clocks", "tasks", "counts")}
    ada = actor_of(night.ada)
    actions.change_plan(code="shooting", wanted={**wanted, "sentence": "Another."}, seen=1, by=ada)
    assert response(night.site, incident=incident) == one
    assert one.plan.version == 1
    assert response(night.other, incident=incident).plan.version == 2


def test_clocks_count_from_when_it_was_known(night):
    made = response(night.site)
    due = {each.code: each.due_at - NIGHT for each in made.clocks.all()}
    assert due["acknowledge"] == timedelta(minutes=30)
    assert due["canvass"] == timedelta(hours=24)
    assert due["public"] == timedelta(hours=72)
    assert due["follow_up_30"] == timedelta(days=30)


def test_how_a_clock_stands(night):
    made = response(night.site)
    one = made.clocks.get(code="acknowledge")
    due = one.due_at
    assert state(one, None, due) == State.DUE
    assert state(one, None, due + timedelta(seconds=1)) == State.LATE
    assert state(one, None, due - timedelta(days=2)) == State.LATER
    assert state(one, due, due) == State.LEFT
    one.met_at = due
    assert state(one, None, due) == State.MET
    one.met_at = due + timedelta(seconds=1)
    assert state(one, None, due) == State.MET_LATE


def test_the_first_who_meets_a_clock_counts(night):
    made = response(night.site)
    first = actions.meet_clock(response=made, code="hospital", by=actor_of(night.ann))
    with clock.held(LATER + timedelta(hours=1)):
        again = actions.meet_clock(response=made, code="hospital", by=actor_of(night.alice))
    assert (again.met_at, again.met_by) == (first.met_at, night.ann)
    assert kinds(made).count("clock.met") == 1


def test_a_clock_can_be_taken_back_and_not_needed(night):
    made, ann = response(night.site), actor_of(night.ann)
    actions.meet_clock(response=made, code="hospital", by=ann)
    actions.unmeet_clock(response=made, code="hospital", by=ann)
    actions.waive_clock(response=made, code="hospital", reason="nobody_hurt", by=ann)
    assert states(made, LATER)["hospital"] == State.NOT_NEEDED
    actions.unmeet_clock(response=made, code="hospital", by=ann)
    assert states(made, LATER)["hospital"] == State.DUE
    with pytest.raises(Refusal):
        actions.waive_clock(response=made, code="hospital", reason="because I say", by=ann)


def test_a_clock_belongs_to_the_lead_until_somebody_else_has_it(night):
    made, alice = response(night.site), actor_of(night.alice)
    actions.take_response(response=made, by=alice)
    made.refresh_from_db()
    assert {each.owner for each in standings(made, LATER)} == {night.alice}
    actions.give_clock(response=made, code="family", person=night.ann, by=alice)
    assert {e.owner for e in standings(made, LATER) if e.clock.code == "family"} == {night.ann}
    with pytest.raises(Refusal):
        actions.give_clock(response=made, code="family", person=night.bob, by=alice)


@pytest.mark.parametrize("tap", ["I take it", "Take it: done now"])
def test_who_takes_the_response_has_its_alert_and_nobody_else_is_woken(night, tap):
    incident = make_incident()
    made = response(night.site, incident=incident)
    told = {"kind": "shooting", "subject": f"incident:{incident.key}", "path": "/", "text": ""}
    steps = [[night.alice.pk], [night.ann.pk]]
    alert = notifications.tell(once="a", site=night.site, title="Shooting", steps=steps, **told)
    elsewhere = notifications.tell(once="b", site=night.other, title="Too", steps=steps, **told)
    if tap == "I take it":
        actions.take_response(response=made, by=actor_of(night.alice))
    else:
        actions.meet_clock(response=made, code="acknowledge", by=actor_of(night.alice))
    alert.refresh_from_db()
    elsewhere.refresh_from_db()
    made.refresh_from_db()
    assert (alert.taken_by, made.lead, elsewhere.taken_by) == (night.alice, night.alice, None)
    with clock.held(LATER + timedelta(hours=1)):
        assert notifications.escalate_due() == 1  # the other site's alone


def test_it_cannot_be_closed_without_the_debrief(night):
    made, alice = response(night.site), actor_of(night.alice)
    with pytest.raises(Refusal, match="debrief"):
        actions.close_response(response=made, by=alice)
    with pytest.raises(Http404):
        actions.waive_clock(response=made, code="debrief", reason="waived", by=actor_of(night.ann))
    actions.waive_clock(response=made, code="debrief", reason="waived", by=alice)
    closed = actions.close_response(response=made, by=alice)
    assert closed.outcome == "done"
    assert states(closed, LATER)["family"] == State.LEFT
    with pytest.raises(Refusal, match="open it again"):
        actions.meet_clock(response=closed, code="family", by=alice)
    back = actions.reopen_response(response=closed, by=alice)
    assert states(back, LATER)["family"] == State.DUE


def test_a_worker_may_not_close(night):
    made = response(night.site)
    with pytest.raises(Http404):
        actions.close_response(response=made, by=actor_of(night.ann))


def test_somebody_of_another_site_may_do_nothing(night):
    made, bob = response(night.site), actor_of(night.bob)
    for act in (
        lambda: actions.meet_clock(response=made, code="family", by=bob),
        lambda: actions.take_response(response=made, by=bob),
        lambda: actions.count(response=made, what="materials", number=1, by=bob),
        lambda: actions.add_task(response=made, code="school", by=bob),
        lambda: actions.set_retaliation(response=made, level=1, by=bob),
        lambda: actions.close_response(response=made, by=bob),
        lambda: actions.note_presence(response=made, by=bob),
    ):
        with pytest.raises(Http404):
            act()
    with pytest.raises(Http404):
        queries.response(bob, made.key)
    assert kinds(made) == ["response.opened"]


def test_a_withdrawn_report_stands_it_down_but_not_the_debrief(night):
    made = response(night.site)
    actions.meet_clock(response=made, code="on_scene", by=actor_of(night.ann))
    down = actions.stand_down(response=made, by=SYSTEM)
    assert (down.outcome, down.notice) == ("stood_down", "retracted")
    now = states(down, LATER)
    assert now["on_scene"] == State.MET
    assert now["family"] == State.NOT_NEEDED
    assert now["debrief"] == State.LEFT
    met = actions.meet_clock(response=down, code="debrief", by=actor_of(night.ann))
    assert met.met_at is not None
    assert actions.stand_down(response=down, by=SYSTEM).version == down.version


def test_confirmed_after_all_it_goes_on(night):
    incident = make_incident()
    made = response(night.site, incident=incident)
    actions.stand_down(response=made, by=SYSTEM)
    again = response(night.site, incident=incident)
    assert again.pk == made.pk
    assert again.closed_at is None
    assert states(again, LATER)["family"] == State.DUE


def test_what_the_team_had_ended_says_that_the_report_stands_after_all(night):
    incident = make_incident()
    made = response(night.site, incident=incident)
    actions.meet_clock(response=made, code="debrief", by=actor_of(night.ann))
    actions.close_response(response=made, by=actor_of(night.alice))
    actions.stand_down(response=made, by=SYSTEM)
    again = response(night.site, incident=incident)
    assert (again.notice, again.outcome) == ("corrected", "done")
    assert response(night.site, incident=incident).version == again.version


def test_a_correction_is_told_until_it_is_read(night):
    made, ann = response(night.site), actor_of(night.ann)
    told = actions.note_correction(response=made, version=2, by=SYSTEM)
    assert told.notice == "corrected"
    assert actions.note_correction(response=made, version=2, by=SYSTEM).version == told.version
    actions.note_correction(response=made, version=3, by=SYSTEM)
    with pytest.raises(Refusal):  # read version 2, and 3 came meanwhile
        actions.see_notice(response=made, seen=told.version, by=ann)
    now = Response.objects.get(pk=made.pk)
    assert actions.see_notice(response=now, seen=now.version, by=ann).notice == ""


def test_retaliation_ends_by_itself(night):
    made, ann = response(night.site), actor_of(night.ann)
    assert not is_assessed(made, LATER)
    said = actions.set_retaliation(response=made, level=2, by=ann)
    assert said.retaliation_until == LATER + timedelta(hours=72)
    assert is_assessed(said, LATER + timedelta(hours=71))
    assert not is_assessed(said, LATER + timedelta(hours=72))
    event = timeline(f"response:{made.key}").last()
    assert event.data == {"level": 2, "until": "2026-11-24T00:00:00+00:00"}


@pytest.mark.parametrize("bad", [{"level": 4}, {"level": -1}, {"level": 1, "hours": 169}])
def test_retaliation_is_0_to_3_for_7_days_at_most(night, bad):
    with pytest.raises(Refusal):
        actions.set_retaliation(response=response(night.site), by=actor_of(night.ann), **bad)


def test_a_stale_reading_of_the_situation_is_told(night):
    made, ann = response(night.site), actor_of(night.ann)
    actions.set_retaliation(response=made, level=3, seen=made.version, by=ann)
    with pytest.raises(Refusal, match="changed"):
        actions.set_retaliation(response=made, level=0, seen=made.version, by=ann)
    assert Response.objects.get(pk=made.pk).retaliation == 3


def test_tasks_come_from_the_plan_and_are_added_once(night):
    made, alice = response(night.site), actor_of(night.alice)
    assert "school" not in made.tasks.values_list("code", flat=True)
    one = actions.add_task(response=made, code="school", owner=night.ann, once=FORM, by=alice)
    assert actions.add_task(response=made, code="school", once=FORM, by=alice) == one
    with pytest.raises(Refusal):
        actions.add_task(response=made, code="call_tyrones_mother", by=alice)


def test_two_who_change_a_task_in_different_fields_are_merged(night):
    made, alice = response(night.site), actor_of(night.alice)
    task = made.tasks.get(code="partners")
    actions.change_task(task=task, seen=1, owner=night.ann, by=alice)
    merged = actions.change_task(task=task, seen=1, outcome="done", by=actor_of(night.ann))
    assert (merged.owner, merged.outcome, merged.version) == (night.ann, "done", 3)


def test_two_who_change_a_task_against_each_other_are_told(night):
    made, alice = response(night.site), actor_of(night.alice)
    task = made.tasks.get(code="partners")
    actions.change_task(task=task, seen=1, outcome="done", by=alice)
    with pytest.raises(Refusal, match="changed"):
        actions.change_task(task=task, seen=1, outcome="not_done", by=alice)
    same = actions.change_task(task=task, seen=1, outcome="done", by=alice)
    assert same.version == 2


def test_whoever_was_there_rests(night):
    made = response(night.site)
    shift(night.site, night.ann, NIGHT - timedelta(hours=2))
    before = queries.on_call(night.site, LATER)
    assert before == [[night.ann.pk], [night.alice.pk]]
    actions.meet_clock(response=made, code="on_scene", by=actor_of(night.ann))
    assert queries.on_call(night.site, LATER) == [[night.alice.pk], [night.ann.pk]]
    assert queries.on_call(night.site, LATER + timedelta(hours=12)) == [[night.alice.pk]]
    actions.end_rests(by=actor_of(night.ann))
    assert queries.on_call(night.site, LATER) == before


def test_whoever_takes_it_by_night_rests_and_by_day_does_not(night):
    actions.take_response(response=response(night.site), by=actor_of(night.ann))
    assert Rest.objects.get().person == night.ann
    with clock.held(NIGHT + timedelta(hours=13)):
        actions.take_response(response=response(night.site), by=actor_of(night.alice))
    assert Rest.objects.count() == 1


def test_a_rest_names_nobody_in_the_ledger(night):
    made = response(night.site)
    actions.note_presence(response=made, by=actor_of(night.ann))
    actions.end_rests(by=actor_of(night.ann))
    for event in timeline("site:riverside"):
        assert str(night.ann.key) not in f"{event.actor}{event.subject}{event.data}"


def test_a_rest_is_forgotten_a_week_after(night):
    made = response(night.site)
    actions.note_presence(response=made, by=actor_of(night.ann))
    with clock.held(LATER + timedelta(days=8)):
        actions.give_rest(site=night.site, person=night.alice, hours=8, by=actor_of(night.alice))
    assert [rest.person for rest in Rest.objects.all()] == [night.alice]


def test_opened_by_hand_once_for_each_form(night):
    actions.install_plans(by=SYSTEM)
    alice = actor_of(night.alice)
    said = {"site": night.site, "plan": "takedown", "by": alice, "once": FORM}
    one = actions.open_response(**said, place="Building 4")
    assert actions.open_response(**said, place="Building 4") == one
    assert one.lead == night.alice
    with pytest.raises(Refusal, match="by hand"):
        actions.open_response(site=night.site, plan="shooting", by=alice, place="Building 4")
    with pytest.raises(Refusal):
        actions.open_response(site=night.site, plan="vigil", by=alice, place="Tyrone Jones")
    with pytest.raises(Http404):
        actions.open_response(site=night.other, plan="vigil", by=alice, place="Building 4")
