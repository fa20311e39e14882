"""What can be known of a shooting, as plain values that fit in JSON and can be compared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stoop.incidents.models import Incident

# What a source says and a person may correct.
FACTS = ("kind", "occurred_at", "time_known", "lon", "lat", "block", "killed", "hurt")
# Two fields that mean something only together.
TOGETHER = (frozenset({"lon", "lat"}), frozenset({"occurred_at", "time_known"}))


def plain(value: Any) -> Any:
    """A value as JSON holds it: moments in UTC, to the second."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value


def facts_of(incident: Incident) -> dict[str, Any]:
    """The facts of an incident as they stand, in plain values."""
    return {name: plain(getattr(incident, name)) for name in FACTS}


def known_of(incident: Incident) -> dict[str, Any]:
    """All that a Version keeps."""
    into = incident.merged_into
    return {
        **facts_of(incident),
        "status": incident.status,
        "areas": incident.areas,
        "merged_into": str(into.key) if into else None,
    }


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Names of the facts that differ; two that mean something together count together."""
    names = frozenset(name for name in FACTS if before.get(name) != after.get(name))
    return names.union(*(pair for pair in TOGETHER if pair & names))


def parsed(name: str, value: Any) -> Any:
    """A plain value as the model holds it."""
    return datetime.fromisoformat(value) if name == "occurred_at" else value


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts in plain values, as a Version keeps them."""
    return {name: plain(value) for name, value in facts.items()}
