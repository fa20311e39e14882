"""Every address x every persona: who may, who learns nothing, who is asked to sign in.

The addresses are found by walking the resolver, and what each persona should get is worked out from
the permission that the view declares and from the roles; nothing of it is written down twice. Which
thing an address is about stands in tests/doors.py, the few answers that are different below.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, Actor, Permission, actor_of, visible, within
from stoop.kernel import clock
from tests.doors import (
    ABOUT,
    BY_KEY,
    DOORS,
    GUARDED,
    NOW,
    SENT,
    SIDES,
    Door,
    World,
    may,
    one_of_each,
)

P = Permission
PERSONAS = ["alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody"]

# What comes back, in one word.
SIGN_IN, HIDDEN, OTHERWISE, OPEN, NO_KEY = "sign-in", "hidden", "other method", "open", "no key"


# Where those who may get something else, each with its reason.
DIFFERENT: dict[str, tuple[set[str], str]] = {
    "brief": ({OPEN, HIDDEN}, "there is no brief until somebody made one"),
    "brief-file": ({OPEN, HIDDEN}, "there is no brief until somebody made one"),
    "study-file": ({OPEN, HIDDEN}, "nothing is left of a run that was never worked out"),
    "study-bundle": ({OPEN, HIDDEN}, "the same"),
    "mfa_view_recovery_codes": ({OPEN, HIDDEN}, "the library: there are none until they are made"),
    "mfa_download_recovery_codes": ({OPEN, HIDDEN}, "the library: there are none as yet"),
    "mfa_deactivate_totp": ({OPEN, HIDDEN}, "the library: not there without such a factor"),
    "account_reauthenticate": ({OPEN, "403!"}, "the library: without password and factor, no way"),
    "mfa_reauthenticate": ({OPEN, "403!"}, "the library: without password and factor, no way"),
    "mfa_reauthenticate_webauthn": ({OPEN, "403!", SIGN_IN}, "the library: the same"),
}


def test_every_address_with_arguments_says_what_it_is_about() -> None:
    silent = [
        f"/{door.route} ({door.name}) takes {', '.join(sorted(door.arguments))}: say in ABOUT of "
        "tests/doors.py what it is about"
        for door in GUARDED
        if door.arguments and door.name not in ABOUT
    ]
    gone = [f"ABOUT names {name}, no address" for name in ABOUT if name not in _names()]
    gone += [f"DIFFERENT names {name}, no address" for name in DIFFERENT if name not in _names()]
    assert not silent + gone, "\n".join(silent + gone)


def _names() -> set[str]:
    return {door.name for door in DOORS}


def test_every_permission_guards_some_address() -> None:
    """A permission that no address asks for promises something that is not there."""
    asked = {door.permission for door in DOORS}
    asked |= {each for door in DOORS for each in getattr(door.view, "permissions", {}).values()}
    asked |= {each for about in ABOUT.values() for each in about.by}
    assert set(Permission) - asked <= NO_ADDRESS.keys(), set(Permission) - asked


# Permissions that no address asks for, each with where it is asked instead.
NO_ADDRESS: dict[Permission, str] = {
    P.INCIDENTS_IMPORT: "stoop load",
}


@pytest.fixture
def world(personas: SimpleNamespace, as_program: None) -> Iterator[World]:
    """One of each thing at either site; PostgreSQL's walls stand meanwhile."""
    with clock.held(NOW):
        with within(SYSTEM):
            made = one_of_each(personas)
        yield made


def _answer(response: Any) -> str:
    code = response.status_code
    if code in (301, 302, 303) and response["Location"].startswith("/sign-in"):
        return SIGN_IN
    if code == 401:
        return NO_KEY
    if code == 404:
        return HIDDEN
    if code == 405:
        return OTHERWISE
    return OPEN if code < 400 or code in (400, 409, 422) else f"{code}!"


def _asked(client: Client, door: Door, world: World, side: str) -> Iterator[tuple[str, str]]:
    """(method, answer) of the address about the thing on this side; what it did is taken back."""
    about = ABOUT.get(door.name)
    address = reverse(door.name, kwargs=about.takes(world, side) if about else {})
    sent = SENT.get(door.name, lambda *_: {})(world, side)
    for method in ("GET", "POST", "PATCH"):
        if method == "PATCH" and not door.is_api:
            continue
        if door.is_api and method not in getattr(door.view, "permissions", {method: 1}):
            continue
        with transaction.atomic():
            if method == "GET":
                response = client.get(address)
            elif door.is_api:
                ask = client.patch if method == "PATCH" else client.post
                response = ask(address, sent, content_type="application/json")
            else:
                response = client.post(address, sent)
            transaction.set_rollback(True)
        yield method, _answer(response)


def _expected(may: bool, door: Door) -> set[str]:
    if may:
        return DIFFERENT.get(door.name, ({OPEN}, ""))[0]
    return {NO_KEY} if door.name in BY_KEY else {HIDDEN}


def _sides(door: Door, actor: Actor) -> tuple[str, ...]:
    """Both, where they can be told apart: by the thing, and by somebody who is of one of them."""
    about = ABOUT.get(door.name)
    tells = about is not None and about.of != "city"
    is_of_one = any(site is not None for _, site in actor.grants)
    return SIDES if tells and is_of_one else SIDES[:1]


@pytest.mark.parametrize("who", PERSONAS)
def test_every_address_answers_this_persona_as_its_role_says(
    who: str, world: World, personas: SimpleNamespace, client: Client
) -> None:
    person = getattr(personas, who)
    actor = actor_of(person)
    client.raise_request_exception = False
    client.force_login(person)
    _is_sure(client, person)
    wrong = []
    for door in DOORS:
        for side in _sides(door, actor):
            answers = dict(_asked(client, door, world, side))
            for method, answer in answers.items():
                expected = _expected(may(actor, door, method, side, world), door)
                if answer not in expected and answer != OTHERWISE:
                    wrong.append(_line(who, door, side, method, expected, answer))
            if set(answers.values()) == {OTHERWISE}:
                wrong.append(_line(who, door, side, "GET, POST", {OPEN, HIDDEN}, OTHERWISE))
    assert not wrong, "\n" + "\n".join(wrong)


def _is_sure(client: Client, person: Any) -> None:
    """Past the library's question, before it touches a passkey, whether it is really you."""
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, person, method="password", reauthenticated=True)
    request.session.save()


def _line(who: str, door: Door, side: str, method: str, expected: set[str], got: str) -> str:
    wanted = " or ".join(sorted(expected))
    return f"{who:8} {method:4} {door.name:28} at {side:5}: {wanted}, but got {got}"


def test_every_address_asks_a_stranger_to_sign_in(world: World, client: Client) -> None:
    client.raise_request_exception = False
    wrong = []
    for door in DOORS:
        expected = {NO_KEY} if door.is_api else {SIGN_IN}
        answers = set(dict(_asked(client, door, world, "site")).values())
        if answers - expected - {OTHERWISE} or not answers & expected:
            wrong.append(_line("stranger", door, "site", "any", expected, str(answers)))
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", ["response", "shift"])
def test_when_the_first_wall_is_gone_the_second_holds(
    name: str, world: World, personas: SimpleNamespace, client: Client, monkeypatch: Any
) -> None:
    """Every query forgets to ask who may see what: SQLite shows Bob hers, PostgreSQL does not."""

    def forgetful(actor, permission, queryset):
        return queryset

    client.force_login(personas.bob)
    (door,) = (each for each in DOORS if each.name == name)
    assert dict(_asked(client, door, world, "site"))["GET"] == HIDDEN
    monkeypatch.setattr(visible, "__code__", forgetful.__code__)
    holds = connection.vendor == "postgresql"
    assert dict(_asked(client, door, world, "site"))["GET"] == (HIDDEN if holds else OPEN)
    assert dict(_asked(client, door, world, "other"))["GET"] == OPEN
