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


@transaction.atomic
def add_source(
    *, code: str, name: str, by: Actor, official: bool = False, confirms: bool = False
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
    source = Source.objects.create(code=code, name=name, official=official, confirms=confirms)
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
def desk() -> Source:
    """The source of all that people enter by hand."""
    return Source.objects.get_or_create(code=DESK, defaults={"name": "City office desk"})[0]


def _note(kind: str, source: Source, by: Actor, **data: Any) -> None:
    record(kind=kind, subject=f"source:{source.code}", by=by.ref, data=data)
