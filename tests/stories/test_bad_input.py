"""Every form x every kind of bad input. A form that is new stands in forms.py, or a test fails.

The tests spoil one field after the other of what a person would send. Whatever comes, the platform
answers with a page, what is not fit to be kept is not written, and what a person typed is kept or
shown again. Bad input of the API stands in stoop/api/tests, and is fuzzed there.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from stoop.accounts.permissions import SYSTEM, within
from stoop.kernel import clock
from stoop.places.tests.factories import make_area
from tests.doors import ABOUT, DOORS, NOW, Door, World, one_of_each
from tests.stories.forms import FORMS, LIBRARY, Body, Text

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
