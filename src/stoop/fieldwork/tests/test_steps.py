"""The buttons of a response's page and of the rota, as a browser sends them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions
from stoop.fieldwork.models import Response, Shift
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.kernel import clock, ids

pytestmark = pytest.mark.django_db
LATER = NIGHT + timedelta(minutes=20)


@pytest.fixture
def night(personas, client):
    client.force_login(personas.alice)
    with clock.held(LATER):
        yield personas


def post(client, name, *args, follow=False, **data):
    return client.post(reverse(name, args=args), data, follow=follow)


def page(client, made):
    text = client.get(reverse("response", args=[made.key])).content.decode()
    assert "missing in template" not in text
    return text


def test_take_it_then_mark_and_take_back(client, night):
    made = response(night.site)
    answer = post(client, "response-step", made.key, do="take")
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.lead == night.alice
    post(client, "clock-step", made.key, "hospital", do="done")
    assert made.clocks.get(code="hospital").met_by == night.alice
    assert "Done: At the hospital." in page(client, made)
    assert "Done in time" in page(client, made)
    post(client, "clock-step", made.key, "hospital", do="undo")
    assert made.clocks.get(code="hospital").met_at is None


@pytest.mark.parametrize("where", ["board", "response"])
def test_of_two_who_saw_it_free_the_second_is_told_who_has_it(client, night, where):
    made = response(night.site)
    client.force_login(night.alice)
    seen = client.get(reverse(where, args=[made.key] if where == "response" else []))
    field = re.search(r'name="was_lead" value="(\d*)"', seen.content.decode())
    actions.take_response(response=made, by=actor_of(night.ann))
    said = {"do": "take", "was_lead": field.group(1)}
    answer = post(client, "response-step", made.key, **said)
    assert answer.status_code == 422
    assert "Ann leads it now" in answer.content.decode()
    made.refresh_from_db()
    assert made.lead == night.ann
    field = re.search(r'name="was_lead" value="(\d*)"', answer.content.decode())
    assert post(client, "response-step", made.key, do="take", was_lead=field.group(1))
    made.refresh_from_db()
    assert made.lead == night.alice, "who saw whose it is may take it over"


def test_not_needed_without_a_reason_is_told_beside_the_form(client, night):
    made = response(night.site)
    answer = post(client, "clock-step", made.key, "hospital", do="not_needed", reason="story")
    assert answer.status_code == 422
    assert "Choose from the list why it is not needed." in answer.content.decode()


def test_giving_a_clock_to_somebody_else(client, night):
    made = response(night.site)
    post(client, "clock-step", made.key, "family", do="give", owner=str(night.ann.pk))
    assert made.clocks.get(code="family").owner == night.ann
    for wrong in (str(night.bob.pk), "9" * 30, "x", "-1", "١٢"):
        answer = post(client, "clock-step", made.key, "family", do="give", owner=wrong)
        assert answer.status_code == 422
    post(client, "clock-step", made.key, "family", do="give", owner="")
    assert made.clocks.get(code="family").owner is None


def test_two_who_give_one_clock_to_two_people_are_told(client, night):
    made = response(night.site)
    page = client.get(reverse("response", args=[made.key])).content.decode()
    assert page.count('name="was_owner" value=""') > 1
    seen = {"do": "give", "was_owner": ""}
    post(client, "clock-step", made.key, "family", **seen, owner=str(night.ann.pk))
    same = post(client, "clock-step", made.key, "family", **seen, owner=str(night.ann.pk))
    assert same.status_code == 302
    told = post(client, "clock-step", made.key, "family", **seen, owner=str(night.alice.pk))
    assert told.status_code == 422
    assert "Somebody gave it to another person" in told.content.decode()
    assert made.clocks.get(code="family").owner == night.ann
    seen["was_owner"] = str(night.ann.pk)
    assert seen["was_owner"] in told.content.decode()
    post(client, "clock-step", made.key, "family", **seen, owner=str(night.alice.pk))
    assert made.clocks.get(code="family").owner == night.alice


def test_counting_with_one_tap_and_taking_back(client, night):
    made = response(night.site)
    once = re.search(r'name="once" value="([0-9a-f-]{36})"', page(client, made))[1]
    said = {"what": "materials", "number": "10", "day": "2026-11-20", "once": once}
    post(client, "count-new", made.key, **said)
    answer = client.post(reverse("count-new", args=[made.key]), said, follow=True)
    assert "That was counted already." in answer.content.decode()
    counted = made.counts.get()
    assert counted.number == 10
    history = " ".join(page(client, made).partition("history-title")[2].split())
    assert "Counted · Flyers, cards and sheets handed out" in history  # a task has its code too
    post(client, "count-undo", made.key, counted.key)
    counted.refresh_from_db()
    assert counted.undone_at is not None
    assert post(client, "count-undo", made.key, ids.new()).status_code == 404


def test_a_wrong_count_keeps_what_was_typed(client, night):
    made = response(night.site)
    said = {"what": "doors", "number": "12", "part": "3", "day": "2026-11-20", "hour": "23"}
    answer = post(client, "count-new", made.key, **said, block="Tyrone Jones", once=str(ids.new()))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "That may be a name; no name is kept here." in text
    assert 'value="Tyrone Jones"' in text
    assert 'value="12"' in text
    assert not made.counts.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"number": ""},
        {"number": "many"},
        {"number": "-1"},
        {"number": "99999999999999999999"},
        {"number": "1.5"},
        {"number": "1", "day": "yesterday"},
        {"number": "1", "day": "1900-01-01"},
        {"number": "1", "once": "no key"},
        {"number": "1", "what": "names"},
        {"number": "1", "what": "<script>"},
    ],
)
def test_bad_counts_are_refused(client, night, bad):
    made = response(night.site)
    said = {"what": "materials", "day": "2026-11-20", "once": str(ids.new()), **bad}
    assert post(client, "count-new", made.key, **said).status_code == 422
    assert not made.counts.exists()


def test_doors_of_the_last_evening_are_not_written_down_for_the_next(client, night, settings):
    settings.TIME_ZONE = "America/New_York"
    made = response(night.site)
    midnight = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)  # half past by the clock of the city
    with clock.held(midnight):
        client.force_login(night.alice)
        said = {"what": "doors", "once": str(ids.new()), "number": "3", "block": "Elm & 3rd"}
        today = {"day": "2026-11-21", "hour": "23"}
        answer = post(client, "count-new", made.key, **said, **today)
        assert answer.status_code == 422
        assert "still to come today" in answer.content.decode()
        evening = {"day": "2026-11-20", "hour": "23"}
        assert post(client, "count-new", made.key, **said, **evening).status_code == 302
    assert [(str(each.day), each.hour) for each in made.counts.all()] == [("2026-11-20", 23)]


def test_retaliation_is_saved_and_a_stale_one_told(client, night):
    made = response(night.site)
    said = {"level": "2", "hours": "72"}
    post(client, "retaliation", made.key, **said, seen=made.version)
    text = page(client, made)
    assert "2 · Threats, people getting ready" in text
    answer = post(client, "retaliation", made.key, level="0", hours="24", seen=made.version)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this response" in text
    assert re.search(r'value="0"[^>]*checked', text)
    made.refresh_from_db()
    assert made.retaliation == 2
    assert f'name="seen" value="{made.version}"' in text  # a second try goes through


@pytest.mark.parametrize(
    "bad", [{"level": "4"}, {"level": ""}, {"hours": "999"}, {"seen": "x"}, {"seen": ""}]
)
def test_bad_readings_are_refused(client, night, bad):
    made = response(night.site)
    said = {"level": "1", "hours": "24", "seen": "1", **bad}
    assert post(client, "retaliation", made.key, **said).status_code == 422


def test_a_stale_task_is_merged_or_told(client, night):
    made = response(night.site)
    task = made.tasks.get(code="partners")
    form = {"seen": "1", "was_owner": "", "was_outcome": ""}
    post(client, "task-step", made.key, task.key, **form, owner=str(night.ann.pk), outcome="")
    # A colleague with the old page marks it done: who does it stays Ann.
    post(client, "task-step", made.key, task.key, **form, owner="", outcome="done")
    task.refresh_from_db()
    assert (task.owner, task.outcome) == (night.ann, "done")
    answer = post(client, "task-step", made.key, task.key, **form, owner="", outcome="not_done")
    assert answer.status_code == 422
    assert "Somebody changed this task" in answer.content.decode()


def test_adding_a_task_twice_is_once(client, night):
    made = response(night.site)
    said = {"code": "school", "owner": "", "hours": "24", "once": str(ids.new())}
    for _n in range(2):
        assert post(client, "task-new", made.key, **said).status_code == 302
    assert made.tasks.filter(code="school").count() == 1
    assert post(client, "task-new", made.key, **{**said, "code": "x"}).status_code == 422


def test_closing_says_what_comes_first(client, night):
    made = response(night.site)
    said = {"do": "close", "outcome": "done"}
    answer = post(client, "response-step", made.key, **said, seen=made.version)
    assert answer.status_code == 422
    assert "The staff debrief is still open" in answer.content.decode()
    assert 'href="#clock-debrief">Go to the debrief' in answer.content.decode()
    assert "<details open><summary>Later" in answer.content.decode()
    post(client, "clock-step", made.key, "debrief", do="done")
    stale = post(client, "response-step", made.key, **said, seen=0)
    assert (stale.status_code, "#clock-debrief" in stale.content.decode()) == (422, False)
    post(client, "response-step", made.key, **said, seen=made.version)
    assert Response.objects.get(pk=made.pk).outcome == "done"
    assert "Open it again" in page(client, made)


def test_what_no_button_sends_is_not_found(client, night):
    made = response(night.site)
    assert post(client, "response-step", made.key, do="erase").status_code == 404
    assert post(client, "clock-step", made.key, "family", do="erase").status_code == 404
    assert post(client, "clock-step", made.key, "no-such", do="done").status_code == 422
    assert post(client, "task-step", made.key, ids.new()).status_code == 404
    assert client.get(reverse("count-new", args=[made.key])).status_code == 405


def test_banners_of_a_correction_and_a_retraction(client, night):
    made = response(night.site)
    actions.note_correction(response=made, version=1, by=SYSTEM)
    made.refresh_from_db()
    assert "What changed" in page(client, made)
    post(client, "response-step", made.key, do="seen", seen=made.version)
    assert "What changed" not in page(client, made)
    actions.stand_down(response=made, by=SYSTEM)
    assert "The report was withdrawn." in page(client, made)


def test_opening_by_hand_keeps_what_was_typed(client, night):
    actions.install_plans(by=SYSTEM)
    path = reverse("response-new")
    once = str(ids.new())
    said = {"site": "riverside", "plan": "takedown", "began_at": "2026-11-20T22:00", "once": once}
    answer = client.post(path, {**said, "place": "Tyrone Jones"})
    assert answer.status_code == 422
    assert "Tyrone Jones" in answer.content.decode()
    for _n in range(2):
        answer = client.post(path, {**said, "place": "Building 4"})
        assert answer.status_code == 302
    made = Response.objects.get()
    assert made.plan_code == "takedown"
    for wrong in ({"site": "hillside"}, {"plan": "shooting"}, {"began_at": "1900-01-01T00:00"}):
        bad = {**said, "place": "Building 4", "once": str(ids.new()), **wrong}
        assert client.post(path, bad).status_code == 422


def test_entering_shifts_and_a_clash_is_told(client, night):
    said = {
        "person": str(night.ann.pk),
        "rank": "1",
        "weekdays": ["0", "2"],
        "begins": "20:00",
        "ends": "08:00",
        "first": "2026-11-23",
        "weeks": "4",
    }
    assert post(client, "shift-new", "riverside", **said).status_code == 302
    assert Shift.objects.count() == 8
    answer = post(client, "shift-new", "riverside", **{**said, "begins": "21:00"})
    assert answer.status_code == 422
    assert "is on call already" in answer.content.decode()
    assert "missing in template" not in answer.content.decode()
    for bad in (
        {"person": ""},
        {"person": str(night.bob.pk)},
        {"weekdays": ["9"]},
        {"begins": "25:00"},
        {"first": "0001-01-01"},
        {"weeks": "1000"},
    ):
        assert post(client, "shift-new", "riverside", **{**said, **bad}).status_code == 422
    assert Shift.objects.count() == 8


def test_handing_over_covering_and_taking_away(client, night):
    held = shift(night.site, night.ann, NIGHT)
    answer = post(client, "shift", held.key, do="hand", person=str(night.alice.pk))
    assert answer.status_code == 302
    mine = Shift.objects.get(person=night.alice)
    assert mine.starts == LATER
    span = {"starts": "2026-11-21T02:00", "ends": "2026-11-21T04:00"}
    answer = post(client, "shift", mine.key, do="cover", person=str(night.ann.pk), **span)
    assert answer.status_code == 302
    assert Shift.objects.filter(person=night.ann, covers=night.alice).count() == 1
    late = {"starts": "2026-11-25T02:00", "ends": "2026-11-25T04:00"}
    left = Shift.objects.filter(person=night.alice).first()
    answer = post(client, "shift", left.key, do="cover", person=str(night.ann.pk), **late)
    assert answer.status_code == 422
    assert "outside the shift" in answer.content.decode()
    assert post(client, "shift", left.key, do="remove").status_code == 302
    assert not Shift.objects.filter(pk=left.pk).exists()
    assert post(client, "shift", left.key, do="remove").status_code == 404


def test_a_shift_that_was_taken_away_is_put_back_in_the_same_place(client, night):
    held = shift(night.site, night.ann, NIGHT)
    rota = post(client, "shift", held.key, do="remove", follow=True)
    page = rota.content.decode()
    assert "Taken off the rota" in page
    assert "Ann" in page
    [key] = re.findall(r'name="taken" value="([^"]+)"', page)
    other = post(client, "shift-back", "riverside", taken="another", follow=True)
    assert "cannot be put back any more" in other.content.decode()
    assert not Shift.objects.exists()
    back = post(client, "shift-back", "riverside", taken=key, follow=True).content.decode()
    assert "Back on the rota, as it was." in back
    assert "Taken off" not in back
    [now] = Shift.objects.all()
    assert (now.person, now.starts, now.ends) == (held.person, held.starts, held.ends)
    again = post(client, "shift-back", "riverside", taken=key, follow=True)
    assert "cannot be put back" in again.content.decode(), "and no second time"


def test_an_hour_later_the_page_no_longer_offers_it(client, night):
    held = shift(night.site, night.ann, NIGHT)
    post(client, "shift", held.key, do="remove")
    path = reverse("rota-site", args=["riverside"])
    assert "Undo: put it back" in client.get(path).content.decode()
    with clock.held(LATER + timedelta(minutes=61)):
        assert "Undo" not in client.get(path).content.decode()


def test_a_worker_cannot_take_shifts_away(client, night):
    held = shift(night.site, night.ann, NIGHT)
    client.force_login(night.ann)
    assert post(client, "shift", held.key, do="remove").status_code == 404
    assert Shift.objects.filter(pk=held.pk).exists()


def test_the_worker_ends_her_rest(client, night):
    actions.give_rest(site=night.site, person=night.ann, hours=8, by=actor_of(night.alice))
    client.force_login(night.ann)
    assert "You are called last" in client.get("/board/").content.decode()
    client.post(reverse("rest-end"))
    assert "You are called last" not in client.get("/board/").content.decode()


def test_i_was_there_says_what_it_does_and_is_undone_in_the_same_place(client, night):
    made = response(night.site)
    client.force_login(night.ann)
    before = page(client, made)
    assert "you are then called last until" in before
    assert "Whoever taps it is called last until" in before
    answer = post(client, "response-step", made.key, do="there")
    assert answer["Location"].endswith("#rest")
    place = page(client, made).partition('id="rest"')[2].partition("</form>")[0]
    assert "You are called last until" in place
    assert 'value="rested"' in place
    answer = post(client, "response-step", made.key, do="rested")
    assert answer["Location"].endswith("#rest")
    assert "You are called last" not in page(client, made)
    post(client, "response-step", made.key, do="there")
    assert "You are called last until" in page(client, made), "undone once, it can be said again"


def test_on_the_scene_leads_to_its_rest_and_taking_it_back_ends_it(client, night):
    made = response(night.site)
    client.force_login(night.ann)
    answer = post(client, "clock-step", made.key, "on_scene", do="done")
    assert answer["Location"].endswith("#rest")
    assert "You are called last until" in page(client, made)
    client.force_login(night.alice)
    assert "You are called last" not in page(client, made)
    post(client, "clock-step", made.key, "on_scene", do="undo")
    client.force_login(night.ann)
    assert "You are called last until" in page(client, made), "nobody else ends her rest"
    post(client, "response-step", made.key, do="rested")
    post(client, "clock-step", made.key, "on_scene", do="done")
    post(client, "clock-step", made.key, "on_scene", do="undo")
    assert "You are called last" not in page(client, made)


def test_a_plan_is_changed_by_its_form(client, night):
    actions.install_plans(by=SYSTEM)
    client.force_login(night.ada)
    path = reverse("plan-change", args=["vigil"])
    fields = dict(_fields(client.get(path).content.decode()))
    fields["clocks-0-length"], fields["clocks-0-unit"] = "90", "m"
    fields["tasks-3-label"] = "Bring chairs"
    answer = client.post(path, {**fields, "do": "preview"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Save as version 2" in text
    assert "1.5 hours" in text
    assert client.post(path, {**fields, "do": "save"}).status_code == 302
    from stoop.fieldwork.queries import active_plan

    plan = active_plan("vigil")
    assert plan.version == 2
    assert plan.clocks[0]["hours"] == 1.5
    assert plan.tasks[-1]["code"] == "bring_chairs"
    shown = dict(_fields(client.get(path).content.decode()))
    assert [shown[f"counts-{at}-label"] for at in range(len(plan.counts))] == [
        each["label"] for each in plan.counts
    ]
    stale = client.post(path, {**fields, "title": "Mine", "do": "save"})
    assert stale.status_code == 422
    assert "Somebody made version 2" in stale.content.decode()
    again = dict(_fields(stale.content.decode()))
    assert again["title"] == "Mine"
    assert client.post(path, {**again, "do": "save"}).status_code == 302
    assert active_plan("vigil").version == 3


def _fields(text):
    """What a browser would send of a form: (name, value) pairs."""
    import html

    for tag in re.findall(r"<input[^>]*>", text):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        box = said.get("type") == "checkbox"
        if box and "checked" not in tag:
            continue
        if "name" in said and said["name"] != "csrfmiddlewaretoken":
            yield said["name"], html.unescape(said.get("value", "on" if box else ""))
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        yield name, chosen[1] if chosen else ""
