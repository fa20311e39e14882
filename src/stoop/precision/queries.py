"""What was found, for those who act on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents import queries as incidents
from stoop.kernel import clock
from stoop.precision.models import WatchRun


@dataclass(frozen=True, slots=True)
class Zone:
    """The watch zone of one shooting: a circle on the map until a moment."""

    key: str
    lon: float
    lat: float
    radius_m: float
    until: datetime
    block: str


def watch_run(actor: Actor) -> WatchRun | None:
    """The latest search for a watch zone; None where there was none, or for an outsider."""
    if not can(actor, Permission.INCIDENTS_VIEW):
        return None
    return WatchRun.objects.order_by("-found_at").first()


def zones(actor: Actor) -> list[Zone]:
    """The zones that hold now, of confirmed shootings; empty where none can be told from chance.

    Only for those who see the block: the middle of a circle is a block.
    """
    run = watch_run(actor)
    if run is None or not run.raised or not can(actor, Permission.INCIDENTS_BLOCK):
        return []
    lasting = timedelta(days=run.days)
    recent = (
        incidents.incidents(actor)
        .filter(status="confirmed", kind="shooting", lon__isnull=False)
        .filter(occurred_at__gte=clock.now() - lasting)
    )
    return [
        Zone(str(key), lon, lat, run.radius_m, at + lasting, block)
        for key, lon, lat, at, block in recent.order_by("-occurred_at").values_list(
            "key", "lon", "lat", "occurred_at", "block"
        )
    ]
