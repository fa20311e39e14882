"""Shifts and responses for tests, through the doors where there is one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stoop.accounts.permissions import SYSTEM
from stoop.fieldwork import actions
from stoop.fieldwork.models import Response, Shift
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock

NIGHT = datetime(2026, 11, 20, 23, 40, tzinfo=UTC)


def shift(
    site: Any, person: Any, starts: datetime, hours: float = 12, rank: int = 1, **more: Any
) -> Shift:
    """On call from `starts` for `hours`."""
    ends = starts + timedelta(hours=hours)
    return Shift.objects.create(
        site=site, person=person, starts=starts, ends=ends, rank=rank, **more
    )


def response(site: Any, **more: Any) -> Response:
    """An open response of the site to a shooting at NIGHT; by hand when a plan is named."""
    with clock.held(NIGHT):
        if "plan" in more:
            given = {"place": "Building 4"}
        else:
            given = {"incident": more.pop("incident", None) or make_incident(block="Elm St & 3rd")}
        return actions.open_response(site=site, by=SYSTEM, **{"began_at": NIGHT, **given, **more})
