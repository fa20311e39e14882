"""Every form x every kind of bad input. A form that is new stands in FORMS, or a test here fails.

The addresses that take a POST are found by asking. FORMS says for each who may send it and what a
person would send; the tests then spoil one field after the other. Whatever comes, the platform
answers with a page, what is not fit to be kept is not written, and what a person typed is kept or
shown again. Bad input of the API stands in stoop/api/tests, and is fuzzed there.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from stoop.accounts.permissions import SYSTEM, within
from stoop.evaluation.tests.factories import REGISTERED
from stoop.kernel import clock
from stoop.places.tests.factories import make_area
from tests.doors import ABOUT, DOORS, NOW, Door, World, one_of_each

Body = dict[str, Any]


class Text(str):
    """What a person types in words of her own; the other fields are chosen, or numbers."""


@dataclass(frozen=True)
class Form:
    """Who sends it and what. `again` says why sending it twice adds more than sending it once;
    `asks` what is needed besides, without which it is not taken."""

    who: str
    good: Callable[[World], Body] = lambda _: {}
    again: str = ""
    asks: str = ""


def _today(days: int = 0) -> str:
    return str(timezone.localdate(NOW + timedelta(days=days)))


def _said(**given: Any) -> Callable[[World], Body]:
    """A body; functions in it are asked with the world."""
    return lambda world: {k: v(world) if callable(v) else v for k, v in given.items()}


def _version(world: World) -> int:
    return int(world.incidents["site"].version)


def _person(world: World) -> str:
    return str(world.people["site"].pk)


def _provider(world: World) -> str:
    return str(world.sites["site"].organization.pk)


def _task(world: World) -> str:
    return str(world.responses["site"].plan.tasks[0]["code"])


WHY = Text("Called again: no shooting")
NEW_KEY = "01890a5d-ac96-774b-bcce-b302099a8057"
REPORT = {"form_key": NEW_KEY, "kind": "shooting", "ago": "at", "day": _today(-1), "hour": "20:05",
          "where": Text("Elm St & 9 Av"), "place": "as-written", "hurt": "1", "killed": "0",
          "lon": "-73.95", "lat": "40.68", "anyway": "1"}  # fmt: skip
CORRECT = {"version": _version, "kind": "shooting", "day": _today(-1), "hour": "20:05",
           "block": Text("Elm St & 9 Av"), "lon": "-73.95", "lat": "40.68", "hurt": "2",
           "killed": "0", "why": WHY}  # fmt: skip
PLAN = {"seen": "0", "title": Text("Night walk"), "do": "save",
        "sentence": Text("A walk is prepared."),
        **{f"{part}-{name}": str(many) for part, many in
           (("clocks", 1), ("tasks", 0), ("counts", 0))
           for name, many in (("TOTAL_FORMS", 1), ("INITIAL_FORMS", many))},
        "clocks-0-code": "debrief", "clocks-0-label": Text("Staff debrief"),
        "clocks-0-length": "48", "clocks-0-unit": "h",
        "tasks-0-code": "", "tasks-0-label": Text("Ask the clergy"), "tasks-0-length": "4",
        "tasks-0-unit": "h", "counts-0-code": "", "counts-0-label": Text("Candles"),
        "counts-0-part": Text("lit"), "counts-0-where": "block",
        "counts-0-kinds": Text("wax, paper")}  # fmt: skip

DESIGN = {"question": Text("Did shootings fall where a program worked?"), "measure": "victims",
          "area": "recorded", "kind": "precinct", "length": "year", "first": "2018", "last": "2025",
          "comparison": "", "exclusions": "12: it was closed", "samples": "early: to 2020",
          "at_work": "operational", "rings": "250, 500", "known_on": "2023-06-30",
          "currency": Text("USD"), "per": "year", "program": Text("6, 8, 12: the budget"),
          "outcome": Text("4, 7, 12: a review"), "share": Text("0.5, 1, 1: nobody knows"),
          "discount": Text("0, 0.03, 0.07: the city"),
          "estimators": ["poisson"], "seed": "1", "permutations": "99"}  # fmt: skip


def _design_file(world: World) -> SimpleUploadedFile:
    return SimpleUploadedFile("STUDY.toml", REGISTERED.format(mark="x", kind="precinct").encode())


# ---------------------------------------------------------------------------------------------
# A NEW FORM OR BUTTON? Add a line: its address, who may send it, and what a person would send.
# Where an address takes several, the others stand after a colon.
# ---------------------------------------------------------------------------------------------
FORMS: dict[str, Form] = {
    # accounts
    "me": Form("ann", _said(name=Text("Ann"), phone=Text("+1 212 555 0100"), language="en")),
    "sessions": Form("ann", _said(session="others")),
    "invite": Form(
        "ada",
        _said(
            name=Text("Nia"),
            email="nia@example.org",
            role="outreach_worker",
            site=lambda w: str(w.sites["site"].pk),
            language="en",
        ),
    ),
    "person-role": Form("ada", _said(role="analyst", organization=_provider)),
    "person-role-end": Form("ada", _said(membership=lambda w: str(w.memberships["site"].pk))),
    "person-invite": Form("ada", again="a new link each time: the one before is dead"),
    "person-close": Form("ada"),
    "person-open": Form("ada"),
    "person-factor": Form("ada"),
    "organizations": Form("ada", _said(name=Text("Mill Lane Temple"), kind="congregation")),
    "site-add": Form(
        "ada",
        _said(name=Text("Elm Park"), organization=_provider, neighborhood=Text("East of the rail")),
    ),
    "site-edit": Form(
        "ada",
        _said(
            name=Text("Elm Park"),
            organization=_provider,
            neighborhood=Text("East"),
            covered_by="",
            version=lambda w: str(w.sites["site"].version),
        ),
    ),
    "program-add": Form(
        "ada",
        _said(
            area_kind="precinct",
            area_code="1",
            status="operational",
            starts="2024-01-01",
            planned_start="",
            ends="",
        ),
    ),
    "program-close": Form("ada", _said(ends="2026-10-31")),
    # notifications
    "alert-again": Form("carol"),
    "alert-take": Form("ann"),
    "alert-give-back": Form("ann"),
    "channel-phone": Form("ann", _said(number=Text("+1 212 555 0199")), again="another code"),
    "channel-code": Form("ann", _said(digits=Text("123456")), asks="the code that came"),
    "channel-push": Form("ann", asks="the keys of a browser: tests/browser/test_push.py"),
    "channel-push-off": Form("ann", _said(endpoint="https://push.example/1")),
    "channel-remove": Form("alice"),
    "channels-quiet": Form("ann", _said(begins="22:00", ends="07:00")),
    "channels-wishes": Form("ann", _said(short_text="on", email="on")),
    "channels-test": Form("ann"),
    # incidents
    "incident-report": Form("carol", _said(**REPORT)),
    "incident-places": Form("carol", _said(**REPORT)),
    "incident-confirm": Form("carol", _said(version="1")),
    "incident-tell": Form("carol", _said(version=_version)),
    "incident-correct": Form("carol", _said(**CORRECT)),
    "incident-merge": Form(
        "carol",
        _said(version=_version, into=lambda w: str(w.incidents["other"].key), why=WHY),
    ),
    "incident-retract": Form("carol", _said(version=_version, why=WHY)),
    "incident-restore": Form("carol", _said(version="1", why=WHY)),
    "matches-look": Form("cass"),
    "match-decide": Form("cass", _said(same="no")),
    "source-add": Form("ada", _said(name=Text("City feed"), code="city-feed", confirms="on")),
    "source": Form(
        "ada",
        _said(
            url="http://127.0.0.1:9/rows.json",
            minutes="15",
            cursor_column=":updated_at",
            columns=Text("date=occurred_on"),
            timezone="America/New_York",
        ),
    ),
    "source-key": Form("ada", again="a new key each time: the one before is dead"),
    "source-limit": Form("ada", _said(most_an_hour="30")),
    "source-switch": Form("ada", _said(active="no")),
    # fieldwork
    "response-new": Form(
        "alice",
        _said(
            once=NEW_KEY,
            site=lambda w: w.sites["site"].code,
            plan="takedown",
            place=Text("Elm St, 3rd to 4th"),
            began_at=f"{_today()}T20:00",
        ),
    ),
    "response-step": Form("ann", _said(do="take")),
    "response-step: close": Form(
        "alice", _said(do="close", seen="1", outcome="done"), asks="that nothing of it is open"
    ),
    "clock-step": Form("ann", _said(do="give", owner=_person)),
    "clock-step: waive": Form("ann", _said(do="not_needed", reason="another")),
    "count-new": Form(
        "ann",
        _said(
            once=NEW_KEY,
            what="doors",
            block=Text("Elm St, 3rd to 4th"),
            number="12",
            part="3",
            day=_today(),
            hour="20",
        ),
    ),
    "count-undo": Form("ann"),
    "task-new": Form("ann", _said(once=NEW_KEY, code=_task, owner="", hours="24")),
    "task-step": Form(
        "ann", _said(seen="1", owner=_person, outcome="", was_owner="", was_outcome="")
    ),
    "retaliation": Form("alice", _said(seen="1", level="1", hours="24")),
    "shift": Form("alice", _said(do="remove")),
    "shift: cover": Form(
        "alice",
        _said(do="cover", person=_person, starts=f"{_today()}T02:00", ends=f"{_today()}T04:00"),
    ),
    "shift: hand over": Form("alice", _said(do="hand", person=_person)),
    "shift-new": Form(
        "alice",
        _said(
            person=_person,
            rank="2",
            weekdays=["0", "4"],
            begins="20:00",
            ends="04:00",
            first=_today(7),
            weeks="2",
        ),
    ),
    "rest-give": Form("alice", _said(person=_person, hours="8"), again="two rests at once are one"),
    "rest-end": Form("ann"),
    "calendar-reset": Form("ann", _said(site=""), again="a new address: the old one is dead"),
    "calendar-end": Form("ann", _said(site="")),
    "plans-install": Form("ada"),
    "plan-new": Form("ada", _said(**PLAN)),
    "plan-change": Form("ada", _said(**{**PLAN, "seen": "1"})),
    "plan-retire": Form("ada"),
    # evaluation
    "study-new": Form("cass", _said(**DESIGN)),
    "study-upload": Form("cass", _said(file=_design_file)),
    "study-edit": Form("rita", _said(text=lambda w: w.drafts["site"].text.replace("2025", "2024"))),
    "study-delete": Form("rita"),
    "study-register": Form(
        "rita",
        _said(sha256=lambda w: hashlib.sha256(w.drafts["site"].text.encode()).hexdigest()),
    ),
    "study-amend": Form(
        "rita",
        _said(
            reason=Text("The last year was not over yet"),
            text=lambda w: w.studies["site"].text.replace("2025", "2024"),
        ),
    ),
    "study-run": Form("cass"),
    "study-publish": Form("cass", _said(run=lambda w: str(w.runs["site"].key))),
    "study-withdraw": Form("cass", _said(why=Text("A file of the record was loaded twice"))),
    # config
    "undone-again": Form("ada", _said(duty="all")),
}
# Forms of the library for signing in, which has tests of its own; their tokens are asked for here.
LIBRARY = re.compile(r"account_|mfa_|socialaccount_|openid_")


ENDLESS = "zzzz" * 5_000
HEADER = "Nia\r\nBcc: thief@evil.example\x00"
# Right to left, an emoji beyond the first plane, a sign with a second one on it.
SPOKEN = "شارع إلم 🕯️ Ё"
OF_TEXT = {"endless": ENDLESS, "a header": HEADER, "spoken": SPOKEN}
OF_OTHERS = {
    "endless": ENDLESS,
    "a header": HEADER,
    "digits that are none": "²٣",
    "nothing": "",
    "two": ["9" * 400, "NaN"],
}
# Fields that hold a day or a moment, and those that must not be years away.
DAYS = {
    "incident-report": "day",
    "incident-correct": "day",
    "response-new": "began_at",
    "count-new": "day",
    "shift-new": "first",
    "shift: cover": "starts",
    "program-add": "starts",
    "program-close": "ends",
}
WRITES = re.compile(r'\s*(INSERT INTO|UPDATE)\s+"(\w+)"', re.IGNORECASE)


class Kept:
    """What is written while it listens: rows added by table, and every text."""

    def __init__(self) -> None:
        self.added: Counter[str] = Counter()
        self.texts: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITES.match(sql)
        if found and found[2] != "django_session":
            self.added[found[2]] += found[1].upper() == "INSERT INTO"
            self.texts += _texts(params)
        return execute(sql, params, many, context)

    def holds(self, text: str) -> bool:
        as_json = json.dumps(text)[1:-1]
        return any(text in each or as_json in each for each in self.texts)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    held = getattr(value, "obj", value)
    return [json.dumps(held) if isinstance(held, dict) else str(held)]


@contextmanager
def listening() -> Iterator[Kept]:
    """What is written within the block, which is then taken back."""
    kept = Kept()
    with transaction.atomic():
        with connection.execute_wrapper(kept):
            yield kept
        transaction.set_rollback(True)


@pytest.fixture
def world(personas: SimpleNamespace, settings: Any) -> Iterator[World]:
    settings.STOOP_SMS_URL = "console:"
    with clock.held(NOW):
        with within(SYSTEM):
            made = one_of_each(personas)
        made.personas = personas
        yield made


def client_of(world: World, who: str, **choices: Any) -> Client:
    client = Client(raise_request_exception=False, **choices)
    client.force_login(getattr(world.personas, who))
    return client


def address(door: Door, world: World) -> str:
    about = ABOUT.get(door.name)
    return reverse(door.name, kwargs=about.takes(world, "site") if about else {})


def posted(world: World) -> list[Door]:
    """Doors that take a POST from a person."""
    stranger = Client()
    asked = [door for door in DOORS if not door.is_api]
    return [door for door in asked if stranger.post(address(door, world)).status_code != 405]


def forms(world: World) -> Iterator[tuple[str, Client, str, Body]]:
    """Each form of the table: its name, a client who may send it, its address, a good body."""
    doors = {door.name: door for door in DOORS}
    for name, form in FORMS.items():
        door = doors[name.partition(":")[0]]
        yield name, client_of(world, form.who), address(door, world), form.good(world)


def test_every_form_stands_in_the_table(world: World) -> None:
    takes = {door.name for door in posted(world) if not LIBRARY.match(door.name)}
    # A page that is only looked at answers a POST as it answers a GET, and reads nothing of it.
    looked_at = {door.name for door in DOORS if not _reads_what_is_sent(door)}
    assert sorted(takes - FORMS.keys() - looked_at) == [], "say in FORMS what a person would send"
    assert sorted({name.partition(":")[0] for name in FORMS} - takes) == []


def _reads_what_is_sent(door: Door) -> bool:
    """Whether the code of the view mentions it."""
    view = door.view
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return bool({"POST", "body", "method"} & {*view.__code__.co_names})


def test_what_is_right_is_taken_and_twice_is_once(world: World) -> None:
    wrong = []
    for name, client, path, body in forms(world):
        form = FORMS[name]
        with transaction.atomic():
            with listening():
                first = client.post(path, body).status_code
            client.post(path, body)
            with listening() as second:
                again = client.post(path, body).status_code
            transaction.set_rollback(True)
        if first not in (200, 302) and not form.asks:
            wrong.append(f"{name}: {first} for what is right")
        if again not in (200, 302, 400, 404, 409, 422):
            wrong.append(f"{name}: {again} when it is sent again")
        more = {table for table in +second.added if not table.startswith("ledger_")}
        if more and not form.again:
            wrong.append(f"{name}: sent twice it adds to {', '.join(sorted(more))}")
    assert wrong == []


def test_whatever_is_sent_it_is_answered_and_what_is_unfit_is_not_kept(world: World) -> None:
    wrong = []
    for name, client, path, body in forms(world):
        for label, value in body.items():
            is_text = isinstance(value, Text)
            for kind, odd in (OF_TEXT if is_text else OF_OTHERS).items():
                mail.outbox.clear()
                with listening() as kept:
                    answer = client.post(path, {**body, label: odd})
                found = _complaint(kept, answer, kind, is_text and name not in FRAGMENTS)
                if found:
                    wrong.append(f"{name}, {label}, {kind}: {found}")
    assert wrong == []


# Answers that are a part of a page, in which the field itself does not stand.
FRAGMENTS = {"incident-places", "channel-push-off"}


def _complaint(kept: Kept, answer: Any, kind: str, is_text: bool) -> str:
    """What is wrong with how a spoilt field was taken; nothing if all is well."""
    if answer.status_code >= 500 or answer.status_code == 403:
        return f"answered {answer.status_code}"
    if any("evil.example" in text and not text.isprintable() for text in kept.texts):
        return "signs that cannot be seen were kept"
    if any("zzzz" in text and len(text) > 600 for text in kept.texts):
        return "an endless text was kept"
    if any("evil.example" in str(each.message().items()) for each in mail.outbox):
        return "a header was written into a mail"
    if kind == "spoken" and is_text:
        shown = escape(SPOKEN) in answer.content.decode(errors="replace")
        return "" if shown or kept.holds(SPOKEN) else "what was typed is lost"
    return ""


@pytest.mark.parametrize(
    "day", ["1900-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "20.11.2026", "-1"]
)
def test_a_day_that_cannot_be_is_told_and_changes_nothing(day: str, world: World) -> None:
    for name, client, path, body in forms(world):
        if name in DAYS:
            typed = f"{day}T20:00" if name in ("response-new", "shift: cover") else day
            with listening() as kept:
                answer = client.post(path, {**body, DAYS[name]: typed, "anyway": ""})
            assert not +kept.added, name
            # The last day of a program is asked for on its site's page, which says what is wrong.
            assert answer.status_code in (400, 422) or name == "program-close", name


def test_a_point_outside_the_city_is_told_and_stays_in_the_form(world: World) -> None:
    make_area("city", "1", shapely.box(-74.3, 40.4, -73.6, 41.0))
    for name, client, path, body in forms(world):
        for lon, lat, told in ((2.35, 48.85, "outside the city"), (40.68, -73.95, "exchanged")):
            if name in ("incident-report", "incident-correct"):
                with listening() as kept:
                    answer = client.post(path, {**body, "lon": str(lon), "lat": str(lat)})
                page = answer.content.decode()
                assert (answer.status_code, +kept.added) == (422, {}), name
                assert told in page
                assert f'value="{lon}"' in page


def test_without_its_token_no_form_does_anything(world: World) -> None:
    careful = {who: client_of(world, who, enforce_csrf_checks=True) for who in WHO}
    answered = {}
    for door in posted(world):
        who = FORMS[door.name].who if door.name in FORMS else "ann"
        with listening() as kept:
            answered[door.name] = careful[who].post(address(door, world)).status_code
        assert not kept.texts, door.name
    # Where one is to say first that it is really oneself the library leads there before it looks.
    assert {name for name, code in answered.items() if code != 403} <= {
        name for name in answered if name.startswith("mfa_")
    }


WHO = sorted({form.who for form in FORMS.values()})
