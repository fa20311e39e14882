"""Sources: who may report, with which key, and how a feed is asked."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.actions.facts import line
from stoop.incidents.models import Source
from stoop.incidents.queries.incidents import DESK
from stoop.incidents.queries.sources import hashed
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record

# More shootings than a large city has in its worst hour.
MOST_AN_HOUR = 20
MOST = 1_000_000


@transaction.atomic
def add_source(
    *,
    code: str,
    name: str,
    by: Actor,
    official: bool = False,
    confirms: bool = False,
    most_an_hour: int = MOST_AN_HOUR,
) -> Source:
    """A new source, without a key and without a feed."""
    require(by, Permission.SOURCES_EDIT)
    code, name = line(code, most=60, what="code"), line(name, most=200, what="name")
    try:
        validate_slug(code)
    except ValidationError as error:
        raise Refusal("A code has letters, digits, - and _ alone, such as police-feed.") from error
    if code == "add":
        raise Refusal("That code is the word of an address; choose another code.")
    if not name:
        raise Refusal("Give the source a name that people will know it by.")
    if Source.objects.filter(code=code).exists():
        raise Refusal("There is a source with that code; choose another code.")
    source = Source.objects.create(
        code=code,
        name=name,
        official=official,
        confirms=confirms,
        most_an_hour=_most(most_an_hour),
    )
    _note("source.added", source, by)
    return source


@transaction.atomic
def issue_key(*, source: Source, by: Actor) -> str:
    """A new key, shown this once; the one before it stops working at once."""
    require(by, Permission.SOURCES_EDIT)
    secret = secrets.token_urlsafe(32)
    source.key_hash = hashed(secret)
    source.save(update_fields=["key_hash"])
    _note("source.key_issued", source, by)
    return f"{source.code}.{secret}"


@transaction.atomic
def switch_source(*, source: Source, active: bool, by: Actor) -> Source:
    """Let a source report, or no longer. Its incidents stay."""
    require(by, Permission.SOURCES_EDIT)
    if source.active == active:
        return source
    source.active = active
    source.save(update_fields=["active"])
    _note("source.switched_on" if active else "source.switched_off", source, by)
    return source


@transaction.atomic
def set_limit(*, source: Source, most_an_hour: int, by: Actor, seen: int | None = None) -> Source:
    """How much of what it says may reach people in an hour with nobody's look; from now on.

    `seen` is the number that the writer looked at; Refusal tells of another one.
    """
    require(by, Permission.SOURCES_EDIT)
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)  # nobody else, until this ends
    source.refresh_from_db()
    if source.most_an_hour == _most(most_an_hour):
        return source
    if seen not in (None, source.most_an_hour):
        raise Refusal(
            f"Somebody else set it to {source.most_an_hour} after you opened it; yours is not "
            "saved yet. Save again if yours is right."
        )
    source.most_an_hour = most_an_hour
    source.save(update_fields=["most_an_hour"])
    _note("source.limit_set", source, by, most=most_an_hour)
    return source


@transaction.atomic
def desk() -> Source:
    """The source of all that people enter by hand."""
    return Source.objects.get_or_create(code=DESK, defaults={"name": "City office desk"})[0]


def _most(number: int) -> int:
    if not 1 <= number <= MOST:
        raise Refusal(f"Give a number from 1 to {MOST:,}; switch the source off to hear nothing.")
    return number


def _note(kind: str, source: Source, by: Actor, **data: Any) -> None:
    record(kind=kind, subject=f"source:{source.code}", by=by.ref, data=data)
