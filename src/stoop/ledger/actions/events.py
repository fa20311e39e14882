"""Adding to the chain of events."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from stoop.kernel import clock
from stoop.ledger.models import NOTHING, Duty, Event

_LOCK = 7_266_001  # advisory lock of PostgreSQL: one writer of the chain at a time

_KIND = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_NAME = re.compile(r"[a-z][a-z_]*(:[^\s@]+)?")
_SITE = re.compile(r"[-\w]*")
# What both databases give back as it was put in: beyond it a float comes back as another number.
_EXACT = 1e15
_LONGEST = 80


@dataclass(frozen=True)
class Happened:
    """What is to be recorded: its kind ("incident.confirmed"), what it concerns, who did it.

    `by` is "person:<key>", "source:<code>" or "system"; `data` holds codes, counts and keys, never
    text that a person wrote.
    """

    kind: str
    subject: str
    by: str
    site: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def record(
    *, kind: str, subject: str, by: str, site: str = "", data: dict[str, Any] | None = None
) -> Event:
    """Add an event and the duties that follow from its kind, in the caller's transaction.

    In `data` a string with an @, a line break or more than 80 characters raises ValueError. Call it
    last in a transaction: until that ends, nobody else can write an event.
    """
    return record_all([Happened(kind, subject, by, site, data or {})])[0]


def record_all(happened: Sequence[Happened]) -> list[Event]:
    """`record` for several events in their order, with the chain held once; none for none."""
    if not happened:
        return []
    known = [_checked(each) for each in happened]
    # No savepoint: what could not be recorded must not have been done either.
    with transaction.atomic(savepoint=False):
        seq, previous = _end_of_chain()
        events = []
        for number, (each, data) in enumerate(zip(happened, known, strict=True), seq + 1):
            event = Event(
                seq=number,
                at=clock.now(),
                kind=each.kind,
                subject=each.subject,
                actor=each.by,
                site=each.site,
                data=data,
                previous=previous,
            )
            event.digest = previous = event.computed()
            events.append(event)
        Event.objects.bulk_create(events)
        Duty.objects.bulk_create(
            Duty(event=event.seq, flow=flow, not_before=event.at)
            for event in events
            for flow, (_, follows) in settings.STOOP_FLOWS.items()
            if event.kind in follows
        )
    return events


def _end_of_chain() -> tuple[int, str]:
    """Number and digest of the last event, which nobody else can add to until we are done."""
    with connection.cursor() as cursor:  # others wait meanwhile: no time for the ORM
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT seq, digest FROM ledger_event ORDER BY seq DESC LIMIT 1")
        return cursor.fetchone() or (0, NOTHING)


def _checked(said: Happened) -> dict[str, Any]:
    """The data as both databases will give it back; ValueError for what does not belong here."""
    for name, value, form, longest in (
        ("kind", said.kind, _KIND, 60),
        ("subject", said.subject, _NAME, 80),
        ("by", said.by, _NAME, 80),
        ("site", said.site, _SITE, 60),
    ):
        if not form.fullmatch(value) or len(value) > longest:
            raise ValueError(f"an event's {name} is {form.pattern}, up to {longest} characters")
    _check_value(said.data)
    kept: dict[str, Any] = json.loads(json.dumps(said.data, allow_nan=False))
    return kept


def _check_value(value: object) -> None:
    """Refuse what may be a person's words, and numbers that a database would change."""
    if isinstance(value, dict):
        for name, each in value.items():
            _check_value(str(name))
            _check_value(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check_value(each)
    elif isinstance(value, str):
        if len(value) > _LONGEST or "@" in value or (value and not value.isprintable()):
            raise ValueError("an event's data holds codes and counts, no text and no address")
    elif isinstance(value, float) and not abs(value) < _EXACT:
        raise ValueError("an event's data holds numbers below 10^15")
    elif value is not None and not isinstance(value, int | float):
        raise TypeError(f"an event's data holds no {type(value).__name__}")
