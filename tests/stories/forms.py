"""Every form of the platform, who may send it, and what a person would send.

The addresses that take a POST are found by asking; FORMS says the rest. Read by test_bad_input.py,
which spoils one field after the other.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from stoop.evaluation.tests.factories import REGISTERED
from tests.doors import NOW, World

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
          "lon": "-73.95", "lat": "40.68", "anyway": "1", "why": "police"}  # fmt: skip
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
    "incident-confirm": Form("carol", _said(version="1", why="police")),
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
            hour="0",
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
    "shift-back": Form("alice", _said(taken=NEW_KEY), asks="shifts that were just taken away"),
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
