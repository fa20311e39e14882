"""Clocks: met, undone, not needed."""

from datetime import datetime

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.responses import locked, note
from stoop.fieldwork.models import Clock, Response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal


def find(response: Response, code: str) -> Clock:
    """The clock of that code; refused when the plan has none."""
    found = response.clocks.filter(code=code).first()
    if found is None:
        raise Refusal("This response has no such clock; open its page anew.")
    return found


@transaction.atomic
def meet_clock(*, response: Response, code: str, by: Actor, at: datetime | None = None) -> Clock:
    """It is done. The first who says so counts; saying it again changes nothing."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    running = find(response, code)
    if running.met_at is not None:
        return running
    running.met_at, running.met_by = at or clock.now(), by.person
    running.not_needed = ""
    running.save()
    note("clock.met", response, by, clock=code, late=running.met_at > running.due_at)
    return running
