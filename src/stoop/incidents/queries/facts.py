"""What can be known of a shooting, as plain values that fit in JSON and can be compared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from stoop.incidents.models import Incident
from stoop.places import queries as places

# What a source says and a person may correct.
FACTS = ("kind", "occurred_at", "time_known", "lon", "lat", "block", "killed", "hurt")
# Two fields that mean something only together.
TOGETHER = (frozenset({"lon", "lat"}), frozenset({"occurred_at", "time_known"}))

# How far past its outline, in degrees, a point still counts as the city's: a shore, a bridge.
MARGIN = 0.01
EXCHANGED, OUTSIDE = "exchanged", "outside"


def astray(lon: float | None, lat: float | None) -> str:
    """Whether a point cannot be the city's: EXCHANGED if it could the other way round, OUTSIDE
    otherwise; empty for one that can, and for none."""
    if lon is None or lat is None:
        return ""
    bounds = places.city_bounds()
    if not bounds or _within(lon, lat, bounds):
        return ""
    return EXCHANGED if _within(lat, lon, bounds) else OUTSIDE


def _within(lon: float, lat: float, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west - MARGIN <= lon <= east + MARGIN and south - MARGIN <= lat <= north + MARGIN


def astray_in_words(incident: Incident) -> str:
    """What a source has to know of the place that it said last; empty if that was used."""
    said = incident.said or {}
    if said.get("lon") is None and not said.get("block"):
        return _("It gave no place: no site is told. Send one under the same number.")
    where = astray(said.get("lon"), said.get("lat"))
    if not where:
        return ""
    why = _("The point lies outside the city and was not used.")
    mend = _("Send the right one under the same number.")
    if where == EXCHANGED:
        mend = _("Longitude and latitude seem to be exchanged; send them the other way round.")
    return f"{why} {mend}"


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
