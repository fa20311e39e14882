"""Shifts and responses for tests, through the doors where there is one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stoop.accounts.permissions import SYSTEM
from stoop.fieldwork import actions
from stoop.fieldwork.models import Response, Shift

NIGHT = datetime(2026, 11, 20, 23, 40, tzinfo=UTC)


def shift(
    site: Any, person: Any, starts: datetime, hours: float = 12, rank: int = 1, **more: Any
) -> Shift:
    """On call from `starts` for `hours`."""
    ends = starts + timedelta(hours=hours)
    return Shift.objects.create(
        site=site, person=person, starts=starts, ends=ends, rank=rank, **more
    )


def response(site: Any, incident: Any = None, **more: Any) -> Response:
    """An open response of the site; by hand, at Building 4, unless an incident is given."""
    given = {"plan": "shooting"} if incident else {"plan": "vigil", "place": "Building 4"}
    return actions.open_response(
        site=site, incident=incident, by=SYSTEM, **{"began_at": NIGHT, **given, **more}
    )
