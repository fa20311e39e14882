"""What followed from an event and failed for good: have it tried again."""

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.ledger import actions as ledger
from stoop.ledger import queries


@transaction.atomic
def try_again(*, number: int | None, by: Actor) -> int:
    """Have one duty, or with None all that were given up, done by the next worker; how many.

    Flows are idempotent: what was told already is not told twice.
    """
    require(by, Permission.LEDGER_READ)
    given_up = queries.dead_duties()
    if number is not None:
        given_up = given_up.filter(pk=number)
    return sum(ledger.revive(duty, by=by.ref) for duty in list(given_up))
