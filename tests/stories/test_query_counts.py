"""How many questions each address asks of the database: a stated number, for one row as for many.

A page that asks once more for each line of its list is quick on the day it is written and slow in
a city. So every address is asked when there is one of each thing, and again when there are many; it
may ask no more the second time. The numbers hold on both engines; each counts the session, the
person and what she may do, which are three.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.fieldwork import actions as fieldwork
from stoop.incidents import actions as incidents
from stoop.kernel import clock, ids
from tests import doors

# Who asks: between them they may open every address.
WHO = ("alice", "carol", "ada", "cass")
MORE = 5

# ---------------------------------------------------------------------------------------------
# A NEW ADDRESS? Add a line: its name, and how many questions a GET may ask.
# ---------------------------------------------------------------------------------------------
MOST = {
    "me": 5,
    "sessions": 4,
    "account_change_password": 3,
    "account_set_password": 3,
    "account_reauthenticate": 6,
    "mfa_reauthenticate": 9,
    "mfa_reauthenticate_webauthn": 13,
    "mfa_index": 5,
    "mfa_activate_totp": 9,
    "mfa_deactivate_totp": 11,
    "mfa_view_recovery_codes": 4,
    "mfa_generate_recovery_codes": 9,
    "mfa_download_recovery_codes": 4,
    "mfa_list_webauthn": 4,
    "mfa_add_webauthn": 9,
    "mfa_edit_webauthn": 9,
    "mfa_remove_webauthn": 9,
    "people": 8,
    "invite": 5,
    "person": 8,
    "sites": 6,
    "site": 7,
    "alerts": 5,
    "alerts-all": 5,
    "alerts-unsent": 5,
    "alert": 5,
    "alert-short": 3,
    "channels": 5,
    "channel-code": 3,
    "map": 9,
    "map-incidents": 4,
    "map-areas": 6,
    "map-here": 4,
    "stream": 3,
    "incident-report": 3,
    "incidents": 8,
    "incidents-csv": 5,
    "incident": 9,
    "map-zones": 5,
    "brief": 3,
    "brief-file": 3,
    "studies": 4,
    "study-new": 5,
    "study": 7,
    "study-edit": 4,
    "study-delete": 4,
    "study-register": 4,
    "study-amend": 4,
    "study-publish": 6,
    "study-withdraw": 4,
    "study-file": 5,
    "study-bundle": 5,
    "home": 12,
    "board": 12,
    "responses": 6,
    "response-new": 5,
    "response": 14,
    "incident-responses": 4,
    "map-responses": 5,
    "rota": 10,
    "shift": 5,
    "rota-site": 9,
    "week": 4,
    "week-sheet": 13,
    "week-csv": 13,
    "api-incidents": 4,
    "api-incident": 4,
    "incidents-waiting": 9,
    "incident-correct": 5,
    "incident-merge": 6,
    "incident-retract": 5,
    "incident-restore": 5,
    "city-board": 7,
    "map-city-responses": 5,
    "undone": 4,
    "site-add": 4,
    "organizations": 4,
    "site-edit": 9,
    "program-add": 8,
    "sources": 4,
    "source-add": 3,
    "source": 4,
    "plans": 4,
    "plan-new": 3,
    "plan": 4,
    "plan-change": 4,
    "matches": 5,
}
# What must stand behind an address that answers nothing without it.
QUERY = {"map-here": "?west=-74&south=40&east=-73&north=41"}


@pytest.fixture
def world(personas: SimpleNamespace) -> Iterator[doors.World]:
    with clock.held(doors.NOW):
        with within(SYSTEM):
            made = doors.one_of_each(personas)
        made.personas = personas
        yield made


def _fill(world: doors.World) -> None:
    """Many of everything that a page lists, beside the things of the world and within them."""
    people = world.personas
    here, ann = people.site.organization, actor_of(people.ann)
    response, shot = world.responses["site"], world.incidents["site"]
    for n in range(1, MORE + 1):
        with clock.held(doors.NOW + timedelta(minutes=n)):
            doors.one_of_each(people)
            fieldwork.count(
                response=response, what="doors", number=3, part=1, block=f"Oak & {n}", hour=n,
                by=ann,
            )  # fmt: skip
            doors.responses.shift(people.site, people.ann, clock.now() + timedelta(days=n), hours=6)
            shot.refresh_from_db()
            incidents.correct(
                incident=shot, by=SYSTEM, version=shot.version, hurt=n + 1, why="test"
            )
        accounts.add_site(name=f"Site {n}", organization=here, neighborhood="", by=SYSTEM)
        accounts.add_person(
            email=f"worker{n}@example.org", name=f"Worker {n}", role="outreach_worker",
            site=people.site, organization=here, by=SYSTEM,
        )  # fmt: skip


def _gets(world: doors.World) -> dict[tuple[str, str], int]:
    """(name of the address, who asked) -> number of questions."""
    found = {}
    for who in WHO:
        person = getattr(world.personas, who)
        actor, client = actor_of(person), Client()
        client.force_login(person)
        client.get(reverse("map"))  # catches up with what happened since it was last asked
        for door in doors.DOORS:
            if not doors.may(actor, door, "GET", "site", world):
                continue
            about = doors.ABOUT.get(door.name)
            path = reverse(door.name, kwargs=about.takes(world, "site") if about else {})
            asked = _counted(client.get, path + QUERY.get(door.name, ""))
            if asked.status != 405:
                found[door.name, who] = asked.number
    return found


def _counted(ask: Callable[..., Any], *about: Any) -> SimpleNamespace:
    with CaptureQueriesContext(connection) as asked:
        answer = ask(*about)
        if answer.streaming and not answer.is_async:
            b"".join(answer.streaming_content)
    return SimpleNamespace(status=answer.status_code, number=len(asked))


def test_every_page_asks_as_much_for_many_as_for_one(world: doors.World) -> None:
    few = _gets(world)
    with within(SYSTEM):
        _fill(world)
    many = _gets(world)
    wrong = [
        f"{name} of {who} asks {few[name, who]} times for one and {many[name, who]} for many"
        for name, who in few
        if many[name, who] > few[name, who]
    ]
    most = {name: max(few[n, who] for n, who in few if n == name) for name, _who in few}
    wrong += [
        f"{name} asks {number} times, MOST says {MOST.get(name, 'nothing')}"
        for name, number in most.items()
        if number > MOST.get(name, 0)
    ]
    wrong += [f"MOST names {name}, which nobody may open" for name in MOST.keys() - most.keys()]
    assert not wrong, "\n".join(wrong)


def _version(name: str, **more: Any) -> Callable[[doors.World], dict[str, Any]]:
    """With the version of the thing, as its form carries it."""
    return lambda w: {"version": getattr(w, name)["site"].version, **_said(**more)(w)}


def _said(**given: Any) -> Callable[[doors.World], dict[str, Any]]:
    return lambda w: {k: v(w) if callable(v) else v for k, v in given.items()}


_REPORT = {"form_key": ids.new(), "kind": "shooting", "ago": "0", "where": "Elm & Oak", "hurt": "1"}
# What people do: who does it, how often it may ask, what is sent. PostgreSQL needs the last
# question of each, where the ledger waits for its turn.
DEEDS: dict[str, tuple[str, int, Callable[[doors.World], dict[str, Any]]]] = {
    "alert-take": ("alice", 13, _said()),
    "response-step": ("alice", 20, _said(do="take")),
    "clock-step": ("alice", 25, _said(do="done")),  # of taking it: leads, takes the alert
    "count-new": (
        "alice",
        17,
        _said(what="materials", number="1", day="2026-11-20", once=ids.new()),
    ),
    "task-new": ("alice", 15, _said(code="school", once=ids.new(), hours="24")),
    "task-step": ("alice", 14, _said(seen=1, outcome="done", was_outcome="")),
    "retaliation": ("alice", 11, _said(level="1", hours="24", seen=1)),
    "shift-new": (
        "alice",
        17,
        _said(
            person=lambda w: w.personas.ann.pk,
            rank="1",
            weekdays=["0", "2"],
            begins="20:00",
            ends="23:00",
            first="2026-11-23",
            weeks="2",
        ),
    ),
    "shift": ("alice", 16, _said(do="remove")),  # three keep in the session what can be undone
    "rest-give": ("alice", 13, _said(person=lambda w: w.personas.ann.pk, hours="8")),
    "incident-report": ("carol", 30, _said(**_REPORT, place="as-written", why="police")),
    "incident-confirm": ("carol", 15, _version("waiting", why="police")),
    "incident-tell": ("carol", 15, _version("incidents")),
    "incident-retract": ("carol", 15, _version("incidents", why="Not a shooting at all")),
    "incident-restore": ("carol", 16, _version("retracted", why="It was one after all")),
    "incident-merge": (
        "carol",
        17,
        _version("incidents", why="The same twice", into=lambda w: str(w.incidents["other"].key)),
    ),
    "match-decide": ("cass", 15, _said(same="no")),
    "source-switch": ("ada", 10, _said(active="no")),
    "source-key": ("ada", 10, _said()),
    "person-role-end": ("ada", 19, _said(membership=lambda w: w.memberships["site"].pk)),
    "me": ("alice", 10, _said(name="Alice", phone="+12125550100", language="en")),
    "channels-quiet": ("alice", 14, _said(begins="23:00", ends="07:00")),
    "channels-wishes": ("alice", 14, _said(email="on")),
    "organizations": ("ada", 12, _said(name="Mill Lane Temple", kind="school")),
    "site-add": (
        "ada",
        12,
        _said(name="New site", organization=lambda w: w.personas.site.organization_id),
    ),
}


def _deeds(world: doors.World) -> dict[str, int]:
    """Name of the address -> number of questions of the deed, which is taken back."""
    found = {}
    for name, (who, _most, data) in DEEDS.items():
        client = Client()
        client.force_login(getattr(world.personas, who))
        about = doors.ABOUT.get(name)
        path = reverse(name, kwargs=about.takes(world, "site") if about else {})
        with transaction.atomic():
            asked = _counted(client.post, path, data(world))
            transaction.set_rollback(True)
        assert asked.status in (200, 302), f"{name} was refused: {asked.status}"
        found[name] = asked.number
    return found


def test_what_people_do_asks_as_much_among_many_as_alone(world: doors.World) -> None:
    few = _deeds(world)
    with within(SYSTEM):
        _fill(world)
    for each in (world.incidents, world.waiting, world.retracted):
        each["site"].refresh_from_db()
    many = _deeds(world)
    wrong = [
        f"{name} asks {few[name]} times alone and {many[name]} among many"
        for name in few
        if many[name] > few[name]
    ]
    wrong += [
        f"{name} asks {few[name]} times, not {most}"
        for name, (_who, most, _data) in DEEDS.items()
        if few[name] > most
    ]
    assert not wrong, "\n".join(wrong)
