"""Every address x every persona: who may, who learns nothing, who is asked to sign in.

The addresses are found by walking the resolver, and what each persona should get is worked out from
the permission that the view declares and from the roles; nothing of it is written down twice. Only
what the machine cannot know stands in the tables below: which thing an address is about, and the
few answers that are different for a reason.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import shapely
from allauth.account.internal.flows.login import record_authentication
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from stoop.accounts.permissions import SYSTEM, Actor, Permission, actor_of, can, visible, within
from stoop.api.views import reports
from stoop.config import urls
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork.tests import factories as responses
from stoop.incidents.tests import factories as incidents
from stoop.kernel import clock, ids
from stoop.ledger.tests import factories as ledger
from stoop.notifications.tests import factories as alerts
from tests.rows import row

P = Permission
PERSONAS = ["alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody"]
SIDES = ("site", "other")  # Alice's and Ann's site; Bob's
NOW = responses.NIGHT + timedelta(hours=2)

# What comes back, in one word.
SIGN_IN, HIDDEN, OTHERWISE, OPEN, NO_KEY = "sign-in", "hidden", "other method", "open", "no key"


class World(SimpleNamespace):
    """The things that addresses are about, one on either side."""


@dataclass(frozen=True)
class About:
    """What an address with arguments is about.

    `takes` makes the arguments for a side; `by` are the permissions of which one is needed at the
    thing's site, where the view's own is not what decides; `of` is "site" when the thing belongs
    to a site, "city" when to none, "self" when it is Alice's or Bob's own, "office" when only who
    holds the permission in the whole city may.
    """

    takes: Callable[[World, str], dict[str, Any]]
    of: str = "site"
    by: frozenset[Permission] = field(default_factory=frozenset)


def _of(name: str, of: str = "site", by: tuple[Permission, ...] = (), **more: Any) -> About:
    """About the thing of that name, by its key; `more` arguments besides."""

    def takes(world: World, side: str) -> dict[str, Any]:
        extra = {k: v(world, side) if callable(v) else v for k, v in more.items()}
        return {"key": getattr(world, name)[side].key} | extra

    return About(takes, of, frozenset(by))


def _with(of: str = "site", by: tuple[Permission, ...] = (), **given: Any) -> About:
    """About what these arguments say; a function is asked with the world and the side."""
    return About(
        lambda world, side: {k: v(world, side) if callable(v) else v for k, v in given.items()},
        of,
        frozenset(by),
    )


def _code(world: World, side: str) -> str:
    return world.sites[side].code


def _short(key: UUID) -> str:
    """As the link in a text message has it."""
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def _pk(name: str) -> Callable[[World, str], int]:
    return lambda world, side: getattr(world, name)[side].pk


# ---------------------------------------------------------------------------------------------
# A NEW ADDRESS WITH ARGUMENTS? Add a line: its name, and what it is about.
# ---------------------------------------------------------------------------------------------
_ALERT = (P.ALERTS_TAKE, P.ALERTS_AUDIT)
ABOUT: dict[str, About] = {
    # fieldwork
    "response": _of("responses", by=(P.RESPONSES_VIEW, P.RESPONSES_OVERSEE)),
    "response-step": _of("responses"),
    "incident-responses": _of("incidents", of="city"),  # leads on, to one's own or to the board
    "clock-step": _of("responses", code=lambda w, side: w.clocks[side].code),
    "count-new": _of("responses"),
    "count-undo": _of("responses", count=lambda w, side: w.counts[side].key),
    "task-new": _of("responses"),
    "task-step": _of("responses", task=lambda w, side: w.tasks[side].key),
    "retaliation": _of("responses"),
    "shift": _of("shifts"),
    "rota-site": _with(site=_code),
    "shift-new": _with(site=_code),
    "rest-give": _with(site=_code),
    "week-sheet": _with(site=_code, monday="2026-11-16"),
    "week-csv": _with(site=_code, monday="2026-11-16"),
    "plan": _with(of="city", code="shooting"),
    "plan-change": _with(of="city", code="shooting"),
    "plan-retire": _with(of="city", code="shooting"),
    # notifications
    "alert": _of("alerts", by=_ALERT),
    "alert-take": _of("alerts", by=_ALERT),
    "alert-give-back": _of("alerts", by=_ALERT),
    "alert-again": _of("letters"),
    "alert-short": _with(of="city", code=lambda w, side: _short(w.alerts[side].key)),  # leads on
    "channel-remove": _with(of="self", pk=_pk("channels")),
    # incidents
    "incident": _of("incidents", of="city"),
    "incident-confirm": _of("waiting", of="city"),
    "incident-correct": _of("incidents", of="city"),
    "incident-merge": _of("incidents", of="city"),
    "incident-retract": _of("incidents", of="city"),
    "incident-restore": _of("retracted", of="city"),
    "map-areas": _with(of="city", kind="precinct"),
    "match-decide": _with(of="city", pk=_pk("matches")),
    "source": _with(of="city", code="police-feed"),
    "source-key": _with(of="city", code="police-feed"),
    "source-switch": _with(of="city", code="police-feed"),
    # accounts
    "person": _of("people"),
    "person-role": _of("people"),
    "person-role-end": _of("people"),
    "person-invite": _of("people"),
    "person-close": _of("people", of="office"),
    "person-open": _of("people", of="office"),
    "person-factor": _of("people", of="office"),
    "site": _with(code=_code),
    "site-edit": _with(code=_code),
    "program-add": _with(code=_code),
    "program-close": _with(code=_code, pk=_pk("programs")),
    "mfa_edit_webauthn": _with(of="self", pk=_pk("passkeys")),
    "mfa_remove_webauthn": _with(of="self", pk=_pk("passkeys")),
    # precision
    "brief-file": _with(of="city", path="index.html"),
    # api
    "api-incident": _of("incidents", of="city"),
}

# What a POST must hold so that it is about something; otherwise it is sent empty.
SENT: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "person-role-end": lambda w, side: {"membership": w.memberships[side].pk},
    "match-decide": lambda w, side: {"same": "no"},
    "response-step": lambda w, side: {"do": "take"},
    "clock-step": lambda w, side: {"do": "done"},
    "shift": lambda w, side: {"do": "remove"},
}

# What changing needs at the thing's site, where it needs more than looking.
TO_CHANGE: dict[str, Permission] = {"shift": P.ROTA_EDIT}

# Where those who may get something else, each with its reason.
DIFFERENT: dict[str, tuple[set[str], str]] = {
    "brief": ({OPEN, HIDDEN}, "there is no brief until somebody made one"),
    "brief-file": ({OPEN, HIDDEN}, "there is no brief until somebody made one"),
    "mfa_view_recovery_codes": ({OPEN, HIDDEN}, "the library: there are none until they are made"),
    "mfa_download_recovery_codes": ({OPEN, HIDDEN}, "the library: there are none as yet"),
    "mfa_deactivate_totp": ({OPEN, HIDDEN}, "the library: not there without such a factor"),
    "account_reauthenticate": ({OPEN, "403!"}, "the library: without password and factor, no way"),
    "mfa_reauthenticate": ({OPEN, "403!"}, "the library: without password and factor, no way"),
    "mfa_reauthenticate_webauthn": ({OPEN, "403!", SIGN_IN}, "the library: the same"),
}

# Operations that a source calls with its key; no person's session opens them.
BY_KEY = {
    each.url_name for view in reports.router.path_operations.values() for each in view.operations
}


@dataclass(frozen=True)
class Door:
    """One address: its name, its route, what its view declares, its arguments."""

    name: str
    route: str
    view: Any
    arguments: frozenset[str]

    @property
    def permission(self) -> Permission:
        return self.view.permission

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")


def _doors(patterns: Any = urls.urlpatterns, prefix: str = "") -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            arguments = frozenset(pattern.pattern.regex.groupindex)
            yield Door(pattern.name or route, route, pattern.callback, arguments)
        else:
            yield from _doors(pattern.url_patterns, route)


GUARDED = [door for door in _doors() if door.name not in urls.PUBLIC]
# Without its line in ABOUT an address cannot be asked; the first test says so.
DOORS = [door for door in GUARDED if not door.arguments or door.name in ABOUT]


def test_every_address_with_arguments_says_what_it_is_about() -> None:
    silent = [
        f"/{door.route} ({door.name}) takes {', '.join(sorted(door.arguments))}: say in ABOUT of "
        "tests/stories/test_permission_matrix.py what it is about"
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
    P.LEDGER_READ: "stoop ledger",
}


@pytest.fixture
def world(
    personas: SimpleNamespace, as_program: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """One of each thing at either site; PostgreSQL's walls stand meanwhile."""
    # A stream gives its connection back while it waits; here it is the test's own.
    monkeypatch.setattr("stoop.incidents.views.stream.close_old_connections", lambda: None)
    with clock.held(NOW):
        with within(SYSTEM):
            made = _world(personas)
        yield made


def _world(p: SimpleNamespace) -> World:
    model = apps.get_model
    sites = dict(zip(SIDES, (p.site, p.other), strict=True))
    teams = {"site": [p.alice, p.ann], "other": [p.bob]}
    worker = {"site": p.ann, "other": p.bob}
    owner = {"site": p.alice, "other": p.bob}
    fieldwork.install_plans(by=SYSTEM)
    opened = {side: responses.response(site) for side, site in sites.items()}
    told = {side: alerts.alert(site, teams[side]) for side, site in sites.items()}
    shot = {side: incidents.make_incident() for side in SIDES}
    retracted = {side: incidents.make_incident() for side in SIDES}
    model("incidents", "Incident").objects.filter(
        pk__in=[each.pk for each in retracted.values()]
    ).update(status="retracted")
    letters = {}
    for side in SIDES:
        model("notifications", "Delivery").objects.filter(alert=told[side]).update(state="dead")
        letters[side] = model("notifications", "Delivery").objects.filter(alert=told[side])[0]

    def each(app: str, name: str, **given: Any) -> dict[str, Any]:
        return {
            side: row(model(app, name), **{k: v[side] for k, v in given.items()}) for side in SIDES
        }

    row(
        model("places", "Area"),
        kind="precinct",
        polygon=shapely.to_wkb(shapely.box(-74, 40, -73, 41)),
    )
    return World(
        sites=sites,
        people=worker,
        responses=opened,
        clocks={side: opened[side].clocks.order_by("pk")[0] for side in SIDES},
        tasks={side: opened[side].tasks.order_by("pk")[0] for side in SIDES},
        counts=each("fieldwork", "Count", response=opened),
        shifts={side: responses.shift(sites[side], owner[side], NOW) for side in SIDES},
        alerts=told,
        letters=letters,
        channels=each("notifications", "Channel", person=owner),
        incidents=shot,
        waiting={side: incidents.make_incident(confirmed=False) for side in SIDES},
        retracted=retracted,
        matches=each("incidents", "Match", live=shot, official=retracted),
        memberships={
            side: model("accounts", "Membership").objects.get(person=worker[side]) for side in SIDES
        },
        programs=each("accounts", "Program", site=sites),
        passkeys={side: _passkey(owner[side]) for side in SIDES},
        events=ledger.events(1),
        owner=owner,
    )


def _passkey(person: Any) -> Any:
    """A passkey of the person's, as if a browser had made it."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    made = AttestedCredentialData.create(
        Aaguid.NONE, ids.new().bytes, ES256.from_cryptography_key(key)
    )
    said = AuthenticatorData.create(bytes(32), 0x45, 0, made)
    about = {
        "type": "webauthn.create",
        "challenge": websafe_encode(bytes(16)),
        "origin": "https://stoop.example",
    }
    credential = {
        "type": "public-key",
        "id": websafe_encode(made.credential_id),
        "rawId": websafe_encode(made.credential_id),
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(about).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", said, {})),
        },
        "clientExtensionResults": {},
    }
    data = {"name": "Key", "credential": credential}
    return row(apps.get_model("mfa", "Authenticator"), user=person, type="webauthn", data=data)


def _may(actor: Actor, door: Door, method: str, side: str, world: World) -> bool:
    """What the roles say: may this persona do what the address does, to the thing on this side?"""
    if not can(actor, door.permission) or door.name in BY_KEY:
        return False
    about = ABOUT.get(door.name)
    if about is None or about.of == "city":
        return True
    if about.of == "self":
        return world.owner[side].ref == actor.ref
    if about.of == "office":
        return None in actor.sites(door.permission)
    by = about.by or {door.permission}
    if method == "POST" and door.name in TO_CHANGE:
        by = {TO_CHANGE[door.name]}
    return any(can(actor, each, world.sites[side].pk) for each in by)


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
                expected = _expected(_may(actor, door, method, side, world), door)
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
