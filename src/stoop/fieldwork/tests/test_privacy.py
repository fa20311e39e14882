"""Who sees nothing, and that no field can hold a story."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver, reverse

from stoop.accounts.permissions import SYSTEM, Permission, actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.actions.words import checked_key
from stoop.fieldwork.tests.factories import NIGHT, response, shift
from stoop.fieldwork.urls import urlpatterns
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal

LATER = NIGHT + timedelta(minutes=20)

# Every field that holds text, and why no person's name or story gets into it.
TEXTS = {
    "Plan.code": "code; actions check it against a pattern",
    "Plan.title": "label of a plan, checked, written by the city's administrator",
    "Plan.sentence": "label of a plan, checked, written by the city's administrator",
    "Plan.clocks": "codes, labels and hours by a schema",
    "Plan.tasks": "codes, labels and hours by a schema",
    "Plan.counts": "codes, labels and choices by a schema",
    "Plan.made_by": "key of a person, or system",
    "Response.plan_code": "code of the plan",
    "Response.title": "the plan's title, copied",
    "Response.place": "block or building, checked, at most 60 letters",
    "Response.outcome": "choice",
    "Response.once": "random key of a form",
    "Response.notice": "choice",
    "Clock.code": "code of the plan",
    "Clock.label": "the plan's label, copied",
    "Clock.not_needed": "choice",
    "Task.code": "code of the plan",
    "Task.label": "the plan's label, copied",
    "Task.outcome": "choice",
    "Task.once": "random key of a form",
    "Count.what": "code of the plan",
    "Count.kind": "code of the plan",
    "Count.block": "block or building, checked, at most 60 letters",
    "Count.once": "random key of a form",
    "Calendar.token": "digest",
}
TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)


def test_every_field_that_holds_text_has_its_reason():
    found = {
        f"{model.__name__}.{field.name}": field
        for model in apps.get_app_config("fieldwork").get_models()
        for field in model._meta.local_fields
        if isinstance(field, TEXT)
    }
    assert set(found) == set(TEXTS)
    for name, reason in TEXTS.items():
        if reason == "choice":
            assert found[name].choices, name
        elif "letters" in reason:
            assert found[name].max_length <= 60, name
    assert not any(type(field) is models.TextField for field in found.values())


def test_the_key_of_a_form_is_no_place_for_a_story():
    """`once` is typed by nobody, but a request could send anything in it."""
    from stoop.fieldwork.forms.responses import CountForm

    line = {"label": "A", "part": "", "kinds": [], "where": "", "hour": False, "code": "a"}
    data = {"what": "a", "number": "1", "day": clock.now().date().isoformat()}
    assert not CountForm(line, [], {**data, "once": "Tyrone lives at 4"}).is_valid()
    assert CountForm(line, [], {**data, "once": str(ids.new())}).is_valid()
    with pytest.raises(Refusal):
        checked_key("Tyrone lives at 4")


@pytest.fixture
def night(personas):
    with clock.held(LATER):
        yield personas


def paths(night):
    """Every address of this module with things of Alice's site in it, and how it is asked."""
    made = response(night.site, incident=make_incident(block="Elm St & 3rd"))
    ann = actor_of(night.ann)
    counted = actions.count(response=made, what="materials", number=1, by=ann)
    held = shift(night.site, night.ann, NIGHT)
    task = made.tasks.first()
    args = {
        "response": [made.key],
        "response-step": [made.key],
        "clock-step": [made.key, "family"],
        "count-new": [made.key],
        "count-undo": [made.key, counted.key],
        "task-new": [made.key],
        "task-step": [made.key, task.key],
        "retaliation": [made.key],
        "shift": [held.key],
        "rota-site": ["riverside"],
        "shift-new": ["riverside"],
        "rest-give": ["riverside"],
        "week-sheet": ["riverside", "2026-11-16"],
        "week-csv": ["riverside", "2026-11-16"],
    }
    return made, {name: reverse(name, args=said) for name, said in args.items()}


POSTS = {
    "response-step": {"do": "take"},
    "clock-step": {"do": "done"},
    "count-new": {"what": "materials", "number": "1"},
    "count-undo": {},
    "task-new": {"code": "school"},
    "task-step": {"seen": "1", "outcome": "done"},
    "retaliation": {"level": "1", "hours": "24", "seen": "1"},
    "shift-new": {"person": "1"},
    "rest-give": {"person": "1", "hours": "8"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["bob", "dan", "eve", "rita", "nobody", "ada"])
def test_things_of_a_site_are_not_there_for_others(client, night, who):
    made, found = paths(night)
    client.force_login(getattr(night, who))
    for name, path in found.items():
        asked = client.post(path, POSTS[name]) if name in POSTS else client.get(path)
        assert asked.status_code == 404, name
    made.refresh_from_db()
    assert made.version == 1


@pytest.mark.django_db
def test_the_city_office_opens_no_response(client, night):
    _made, found = paths(night)
    for who in (night.carol, night.cass):
        client.force_login(who)
        for name, path in found.items():
            if name in ("rota-site", "shift"):
                continue
            asked = client.post(path, POSTS[name]) if name in POSTS else client.get(path)
            assert asked.status_code == 404, name


@pytest.mark.django_db
def test_the_city_board_holds_no_level_no_count_no_owner(client, night):
    made = response(night.site)
    ann = actor_of(night.ann)
    actions.set_retaliation(response=made, level=3, by=ann)
    actions.take_response(response=made, by=ann)
    actions.count(response=made, what="doors", number=4321, block="Oak Ave & 9th", hour=3, by=ann)
    client.force_login(night.carol)
    text = client.get(reverse("city-board")).content.decode()
    assert "Riverside" in text
    assert "Retaliation: assessed" in text
    assert "Taken" in text
    for secret in ("Expected within hours", "3 ·", "Ann", "4321", "Oak Ave"):
        assert secret not in text
    with clock.held(LATER + timedelta(days=4)):
        assert "Retaliation: not assessed" in client.get(reverse("city-board")).content.decode()


@pytest.mark.django_db
def test_the_area_role_sees_no_block_on_any_board(night):
    """An overseer without the permission to see blocks: no role today, so made here."""
    from dataclasses import replace

    response(night.site)
    carol = actor_of(night.carol)
    kept = frozenset(g for g in carol.grants if g[0] != Permission.INCIDENTS_BLOCK)
    board = queries.city_board(replace(carol, grants=kept))
    assert [line.incident.block for line in board.lines] == [""]
    assert board.lines[0].responses


@pytest.mark.django_db
def test_a_rest_is_seen_by_the_worker_and_the_supervisor_only(client, night):
    made = response(night.site)
    actions.note_presence(response=made, by=actor_of(night.ann))
    shift(night.site, night.ann, NIGHT)
    seen = {}
    for who in ("alice", "ann", "carol"):
        client.force_login(getattr(night, who))
        text = client.get(reverse("rota-site", args=["riverside"])).content.decode()
        seen[who] = "Who rests" in text
    assert seen == {"alice": True, "ann": False, "carol": False}
    client.force_login(night.ann)
    assert "You are called last" in client.get(reverse("board")).content.decode()
    client.force_login(night.alice)
    assert "You are called last" not in client.get(reverse("board")).content.decode()


@pytest.mark.django_db
def test_nobody_is_asked_to_sign_in(client, night):
    _made, found = paths(night)
    for name, path in found.items():
        asked = client.post(path, POSTS[name]) if name in POSTS else client.get(path)
        assert asked.status_code == 302, name
        assert "/sign-in?next=" in asked["Location"], name


def test_every_address_has_its_permission_or_is_the_calendar():
    assert get_resolver()
    for pattern in urlpatterns:
        assert getattr(pattern.callback, "permission", None) or pattern.name == "calendar"


@pytest.mark.django_db
def test_events_hold_codes_counts_and_keys_only(night):
    from stoop.ledger.queries import events_after

    made = response(night.site)
    ann = actor_of(night.ann)
    actions.count(response=made, what="doors", number=3, block="Oak Ave & 9th", hour=3, by=ann)
    actions.meet_clock(response=made, code="on_scene", by=ann)
    actions.open_response(
        site=night.site, plan="vigil", place="Building 4", by=SYSTEM, began_at=NIGHT
    )
    for event in events_after(0):
        said = f"{event.subject} {event.actor} {event.data}"
        for secret in ("Oak Ave", "Building 4", "Ann", "Elm St", "example.org"):
            assert secret not in said
