"""Every address of the site, one thing of each kind that they are about, and who may see it.

The addresses are found by walking the resolver; only what the machine cannot know stands in the
tables below: which thing an address is about, and what must be sent to it. The permission matrix,
the counts of queries and the browser's walk over all screens read it here.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import shapely
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.urls import URLPattern
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from stoop.accounts.permissions import SYSTEM, Actor, Permission, can
from stoop.api.views import reports
from stoop.config import urls
from stoop.evaluation.tests import factories as evaluation
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork.tests import factories as responses
from stoop.incidents.tests import factories as incidents
from stoop.kernel import clock, ids
from stoop.ledger.tests import factories as ledger
from stoop.notifications.tests import factories as alerts
from tests.rows import row

P = Permission
SIDES = ("site", "other")  # Alice's and Ann's site; Bob's
NOW = responses.NIGHT + timedelta(hours=2)


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


def _study(of: str, **more: Any) -> About:
    """About one of the city's studies."""
    return _with(of="city", slug=lambda world, side: getattr(world, of)[side].slug, **more)


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
    "shift-back": _with(site=_code),
    "rest-give": _with(site=_code),
    "week-sheet": _with(site=_code, monday="2026-11-16"),
    "week-csv": _with(site=_code, monday="2026-11-16"),
    "plan": _with(of="city", code="shooting"),
    "plan-change": _with(of="city", code="shooting"),
    "plan-retire": _with(of="city", code="shooting"),
    # notifications
    "alert": _of("alerts", by=_ALERT),
    "alert-take": _of("alerts", by=(P.ALERTS_TAKE,)),
    "alert-give-back": _of("alerts", by=(P.ALERTS_TAKE,)),
    "alert-again": _of("letters"),
    "alert-short": _with(of="city", code=lambda w, side: _short(w.alerts[side].key)),  # leads on
    "channel-remove": _with(of="self", pk=_pk("channels")),
    # incidents
    "incident": _of("incidents", of="city"),
    "incident-confirm": _of("waiting", of="city"),
    "incident-tell": _of("incidents", of="city"),
    "incident-correct": _of("incidents", of="city"),
    "incident-merge": _of("incidents", of="city"),
    "incident-retract": _of("incidents", of="city"),
    "incident-restore": _of("retracted", of="city"),
    "map-areas": _with(of="city", kind="precinct"),
    "match-decide": _with(of="city", pk=_pk("matches")),
    "source": _with(of="city", code="police-feed"),
    "source-key": _with(of="city", code="police-feed"),
    "source-switch": _with(of="city", code="police-feed"),
    "source-limit": _with(of="city", code="police-feed"),
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
    # evaluation
    "study": _study("studies"),
    "study-edit": _study("drafts"),
    "study-delete": _study("drafts"),
    "study-register": _study("drafts"),
    "study-amend": _study("studies"),
    "study-run": _study("studies"),
    "study-publish": _study("studies"),
    "study-withdraw": _study("studies"),
    "study-file": _study("studies", key=lambda w, side: w.runs[side].key, name="study.html"),
    "study-bundle": _study("studies", key=lambda w, side: w.runs[side].key),
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
    "undone-again": lambda w, side: {"duty": "all"},
}

# What changing needs at the thing's site, where it needs more than looking.
TO_CHANGE: dict[str, Permission] = {"shift": P.ROTA_EDIT}

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


def doors(patterns: Any = urls.urlpatterns, prefix: str = "") -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            arguments = frozenset(pattern.pattern.regex.groupindex)
            yield Door(pattern.name or route, route, pattern.callback, arguments)
        else:
            yield from doors(pattern.url_patterns, route)


GUARDED = [door for door in doors() if door.name not in urls.PUBLIC]
# Without its line in ABOUT an address cannot be asked; the first test says so.
DOORS = [door for door in GUARDED if not door.arguments or door.name in ABOUT]


def one_of_each(p: SimpleNamespace) -> World:
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
    found = {side: evaluation.finding(f"{side} {ids.new()}") for side in SIDES}
    return World(
        drafts={side: evaluation.draft(f"{side} {ids.new()}") for side in SIDES},
        studies={side: study for side, (study, _run) in found.items()},
        runs={side: run for side, (_study, run) in found.items()},
        sites=sites,
        people=worker,
        responses=opened,
        clocks={side: opened[side].clocks.order_by("pk")[0] for side in SIDES},
        tasks={side: opened[side].tasks.order_by("pk")[0] for side in SIDES},
        counts=each("fieldwork", "Count", response=opened),
        shifts={side: responses.shift(sites[side], owner[side], clock.now()) for side in SIDES},
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


def may(actor: Actor, door: Door, method: str, side: str, world: World) -> bool:
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
