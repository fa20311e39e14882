"""Whether somebody may strike back: of the situation, set by a person, ends by itself."""

from datetime import timedelta

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.responses import locked, must_be_open, must_be_seen, note
from stoop.fieldwork.models import Response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal

LEVELS = (0, 1, 2, 3)
USUAL_H, LONGEST_H = 72, 7 * 24


@transaction.atomic
def set_retaliation(
    *,
    response: Response,
    level: int,
    by: Actor,
    hours: float = USUAL_H,
    seen: int | None = None,
) -> Response:
    """The team's reading of the situation until it ends by itself, 72 hours on unless said.

    The ledger keeps each reading: the level and until when, never a reason or a person meant.
    """
    require(by, Permission.RESPONSES_WORK, response.site_id)
    if level not in LEVELS:
        raise Refusal("Choose one of the four levels.")
    if not 0 < hours <= LONGEST_H:
        raise Refusal("It holds for between 1 hour and 7 days; choose a length from the list.")
    response = locked(response)
    must_be_open(response)
    must_be_seen(response, seen)
    response.retaliation, response.retaliation_by = level, by.person
    response.retaliation_until = clock.now() + timedelta(hours=hours)
    response.version += 1
    response.save()
    until = response.retaliation_until.isoformat(timespec="seconds")
    note("retaliation.set", response, by, level=level, until=until)
    return response
