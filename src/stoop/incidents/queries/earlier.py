"""The record as it stood at an earlier moment: what a release of that day would have held."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.models import Incident, Version
from stoop.incidents.queries.facts import parsed

_CHUNK = 5_000


def known_before(actor: Actor, moment: datetime, *fields: str) -> Iterator[tuple[Any, ...]]:
    """These fields of each shooting that stood confirmed just before `moment`, as known by then.

    fields: of those that a Version keeps. In no order.
    """
    require(actor, Permission.INCIDENTS_BLOCK)
    standing = {"status": Incident.Status.CONFIRMED, "kind": Incident.Kind.SHOOTING}
    same = Incident.objects.filter(version=1, reported_at__lt=moment, **standing)
    yield from same.values_list(*fields).iterator(chunk_size=_CHUNK)
    changed = Version.objects.filter(incident__version__gt=1, at__lt=moment)
    rows = changed.order_by("incident_id", "number").values_list("incident_id", "known")
    for _key, versions in groupby(rows.iterator(chunk_size=_CHUNK), itemgetter(0)):
        *_before, (_key, known) = versions
        if all(known[name] == value for name, value in standing.items()):
            yield tuple(parsed(name, known[name]) for name in fields)
