"""Looking the areas of all incidents up again, when the map itself has changed."""

import numpy as np
from django.db import transaction
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.models import Incident
from stoop.incidents.queries.points import PLACED
from stoop.kernel.progress import Progress, silent
from stoop.ledger.actions import record
from stoop.ledger.queries import events_after, timeline
from stoop.places import queries as places

CHUNK = 50_000
EVERY = "incidents:all"
# What moves the ground under them.
_GROUND = ("areas.loaded", "sites.loaded", "area.set")


def place_where_moved(*, by: Actor, progress: Progress = silent) -> int:
    """The same, only if the ground has moved since all incidents were placed last.

    A load of areas that was killed before its incidents were placed is so completed by the next.
    """
    last = timeline(EVERY).filter(kind=PLACED).last()
    moved = events_after(last.seq if last else 0, _GROUND, limit=1)
    return place_again(by=by, progress=progress) if moved else 0


def place_again(*, by: Actor, progress: Progress = silent) -> int:
    """Put every incident into the areas that held its point on its day; how many moved.

    For when areas were loaded after incidents. What an incident says does not change by it, so
    there is no version; there is one event, also where none moved: it tells that they were placed.
    """
    require(by, Permission.INCIDENTS_IMPORT)
    ends = list(Incident.objects.order_by("pk").values_list("pk", flat=True)[CHUNK - 1 :: CHUNK])
    last = Incident.objects.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return 0
    moved, first = 0, 0
    bounds = [*ends, *([] if ends and ends[-1] == last else [last])]
    for step, end in enumerate(bounds, 1):
        progress("placing incidents", step, len(bounds))
        moved += _part(first, end)
        first = end + 1
    record(kind=PLACED, subject=EVERY, by=by.ref, data={"moved": moved})
    return moved


@transaction.atomic
def _part(first: int, last: int) -> int:
    rows = list(
        Incident.objects.filter(pk__gte=first, pk__lte=last, lon__isnull=False).values_list(
            "pk", "lon", "lat", "occurred_at", "areas", "area"
        )
    )
    if not rows:
        return 0
    lon, lat = (np.array([row[at] for row in rows], dtype=np.float64) for at in (1, 2))
    zone = timezone.get_default_timezone()
    days = np.array([row[3].astimezone(zone).date() for row in rows], dtype="datetime64[D]")
    placed, main = places.placed_all(lon, lat, on=days), places.main_kind()
    wanted = [
        ({kind: list(codes) for kind, codes in one.items()}, next(iter(one.get(main, ())), ""))
        for one in placed.combinations
    ]
    movers: dict[int, list[int]] = {}
    for row, which in zip(rows, placed.which.tolist(), strict=True):
        if (row[4], row[5]) != wanted[which]:
            movers.setdefault(which, []).append(row[0])
    for which, keys in movers.items():
        areas, area = wanted[which]
        for start in range(0, len(keys), 10_000):
            part = Incident.objects.filter(pk__in=keys[start : start + 10_000])
            part.update(areas=areas, area=area)
    return sum(map(len, movers.values()))
