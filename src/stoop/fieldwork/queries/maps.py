"""Open responses as the map shows them: where, whose, and whether somebody has to hurry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stoop.accounts.permissions import Actor, Permission, visible
from stoop.fieldwork.models import Response
from stoop.fieldwork.queries.clocks import State, standings
from stoop.incidents import queries as incidents
from stoop.kernel import clock

MOST = 300
WAITING, LATE, TAKEN = "waiting", "late", "taken"


@dataclass(frozen=True)
class OnMap:
    """That there is a response: `look` is WAITING (nobody has taken it), LATE or TAKEN.

    `path_key` is the response's where the reader is of its site; no story, nobody's name.
    """

    site: Any
    opened_at: datetime
    look: str
    late: int
    place: str
    lon: float | None
    lat: float | None
    path_key: str


def responses_on_map(actor: Actor) -> list[OnMap]:
    """The open responses of the actor's sites, the newest first."""
    return _found(actor, Permission.RESPONSES_VIEW)


def responses_in_city(actor: Actor) -> list[OnMap]:
    """The same of all sites, for who oversees them: the shooting's place, no response's own."""
    return _found(actor, Permission.RESPONSES_OVERSEE)


def _found(actor: Actor, permission: Permission) -> list[OnMap]:
    held = visible(actor, permission, Response.objects.filter(closed_at=None))
    held = held.select_related("site", "incident", "lead").prefetch_related("clocks__owner")
    own = permission == Permission.RESPONSES_VIEW
    now = clock.now()
    return [_on_map(actor, each, own, now) for each in held.order_by("-opened_at", "-pk")[:MOST]]


def _on_map(actor: Actor, response: Response, own: bool, now: datetime) -> OnMap:
    late = sum(each.state == State.LATE for each in standings(response, now))
    taken = response.lead_id is not None
    seen = incidents.shown(actor, response.incident) if response.incident else None
    precise = seen is not None and seen.precise
    return OnMap(
        site=response.site,
        opened_at=response.opened_at,
        look=(LATE if late else TAKEN) if taken else WAITING,
        late=late,
        place=(str(seen.block) if seen and precise else str(response.place) if own else ""),
        lon=seen.lon if seen and precise else None,
        lat=seen.lat if seen and precise else None,
        path_key=str(response.key) if own else "",
    )
