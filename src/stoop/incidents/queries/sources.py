"""Who reports, and with which key."""

import hashlib
import hmac
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents.models import Incident, Source
from stoop.incidents.queries.facts import FACTS, facts_of, parsed
from stoop.kernel import clock

_NO_KEY = "0" * 64
HOUR = timedelta(hours=1)


def hashed(secret: str) -> str:
    """How a key is kept. It is 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def sources(actor: Actor) -> QuerySet[Source]:
    """All sources, for whoever keeps them in order."""
    held = Source.objects.order_by("name", "code")
    return held if can(actor, Permission.SOURCES_EDIT) else held.none()


def source(code: str) -> Source | None:
    return Source.objects.filter(code=code).first()


def source_by_key(key: str) -> Source | None:
    """The active source whose key this is: "<code>.<secret>". Every wrong key takes as long."""
    code, _, secret = key.partition(".")
    known = "\x00" not in code and len(code) <= 60
    found = Source.objects.filter(code=code, active=True).first() if known else None
    kept = found.key_hash if found and found.key_hash else _NO_KEY
    return found if hmac.compare_digest(kept, hashed(secret)) else None


def actor_of_source(source: Source) -> Actor:
    """The actor that a source is: it may report, and nothing else."""
    grants = frozenset({(Permission.INCIDENTS_REPORT, None)}) if source.active else frozenset()
    return Actor(f"source:{source.code}", None, grants)


def feed_seen(source: Source) -> str:
    """A mark of the feed as it stands, by which a writer who saw another one is found out."""
    return hashed(json.dumps(source.feed, sort_keys=True))[:16]


@dataclass(frozen=True)
class Hour:
    """What a source said in the present hour that people are told at once, and what was over."""

    at_once: int
    over: int


def hour_of_source(source: Source) -> Hour:
    """Of the hour that began with the first such report; nothing once it is past."""
    if source.hour_began is None or source.hour_began <= clock.now() - HOUR:
        return Hour(0, 0)
    at_once = min(source.hour_count, source.most_an_hour)
    return Hour(at_once, source.hour_count - at_once)


def own_report(source: Source, source_ref: str) -> Incident | None:
    """What a source reported under its own number, spaced and composed as it may be."""
    if "\x00" in source_ref:  # PostgreSQL can neither hold it nor be asked for it
        return None
    return Incident.objects.filter(source=source, source_ref=spaced(source_ref)).first()


def spaced(text: str) -> str:
    """A text with single blanks, none at its ends, and its letters composed: as it is kept."""
    return re.sub(r"[ \t\u00a0]+", " ", unicodedata.normalize("NFC", text)).strip()


def said_by_source(incident: Incident) -> dict[str, Any]:
    """The facts as the source itself said them last, whatever people have set right since."""
    said = incident.said or facts_of(incident)
    return {name: parsed(name, said[name]) for name in FACTS}
