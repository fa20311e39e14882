"""Writing down what happened, and doing what follows from it."""

from typing import Any

from django.conf import settings
from django.db import connection, transaction

from stoop.kernel import clock
from stoop.ledger.models import Duty, Event

NOTHING = "0" * 64
_LOCK = 7_266_001  # advisory lock of PostgreSQL: one writer of the chain at a time


@transaction.atomic
def record(
    *, kind: str, subject: str, by: str, site: str = "", data: dict[str, Any] | None = None
) -> Event:
    """Add an event and the duties that follow from its kind, in the caller's transaction.

    `by` is who did it ("person:<key>", "source:<code>", "system"); `data` holds codes, counts and
    keys, never text that a person wrote. Call it last in a transaction: until that ends, nobody
    else can write an event.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = Event.objects.order_by("-seq").first()
    event = Event(
        seq=last.seq + 1 if last else 1,
        at=clock.now(),
        kind=kind,
        subject=subject,
        actor=by,
        site=site,
        data=data or {},
        previous=last.digest if last else NOTHING,
    )
    event.digest = event.computed()
    event.save(force_insert=True)
    Duty.objects.bulk_create(
        Duty(event=event.seq, flow=flow, not_before=event.at)
        for flow, (_, kinds) in settings.STOOP_FLOWS.items()
        if kind in kinds
    )
    return event
