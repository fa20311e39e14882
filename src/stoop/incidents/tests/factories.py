"""Shootings and sources for tests, made through the doors."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import actions
from stoop.incidents.models import Incident, Source

# A Friday evening. The clock of a test that makes incidents must stand after it.
EVENING = datetime(2026, 11, 20, 23, 40, tzinfo=UTC)
_numbers = count(1)


def make_source(code: str = "police-feed", **fields: Any) -> Source:
    """A source; `official` publishes rows of record, `confirms` needs nobody's confirmation."""
    found = Source.objects.filter(code=code).first()
    return found or Source.objects.create(
        code=code, name=code.replace("-", " ").capitalize(), **fields
    )


def make_incident(*, confirmed: bool = True, **said: Any) -> Incident:
    """An incident reported through the door: confirmed, on a block, one person hurt."""
    given = {
        "source": said.pop("source", None) or make_source(),
        "source_ref": f"ref-{next(_numbers)}",
        "by": SYSTEM,
        "occurred_at": EVENING,
        "lon": None,
        "lat": None,
        "block": "Sample Street & 5 Avenue",
        "hurt": 1,
    }
    if said.get("by", SYSTEM).person is not None:
        given["why"] = "The police say so"
    return actions.report(**{**given, **said, "confirmed": confirmed})
