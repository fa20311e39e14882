"""Taking up what follows from events, and laying it down again: done, or to be tried later."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from stoop.kernel import clock, ids
from stoop.ledger.actions.events import record
from stoop.ledger.models import Duty
from stoop.ledger.queries import LONGEST_WAIT, come

# A duty that failed is tried again after 2, 4, 8 seconds and so on, at most after a quarter of an
# hour; after sixteen failures (nearly two hours) it is dead until somebody revives it.
MOST_FAILURES = 16


@transaction.atomic
def lease_duties(*, limit: int, for_s: float, flow: str = "") -> list[Duty]:
    """Take up to `limit` duties, oldest first, for `for_s` seconds; no other worker gets them.

    Of one flow, if it is named.

    A worker that dies keeps them until the lease runs out, then they are given out again. That
    counts as no failure: a killed worker is not the duty's fault.
    """
    now = clock.now()
    free = Duty.objects.filter(
        Q(leased_until=None) | come("leased_until", now),
        come("not_before", now),
        dead_since=None,
        **({"flow": flow} if flow else {}),
    )
    # PostgreSQL passes over rows that another worker is taking; SQLite lets one writer in.
    chosen = free.select_for_update(no_key=True, skip_locked=True).order_by("event", "flow")[:limit]
    taken = list(chosen)
    lease, until = str(ids.new()), now + timedelta(seconds=for_s)
    for duty in taken:
        duty.lease, duty.leased_until = lease, until
    Duty.objects.filter(pk__in=[duty.pk for duty in taken]).update(lease=lease, leased_until=until)
    return taken


def finish(*duties: Duty) -> bool:
    """Duties of one lease are done; False when one of them is not ours any more.

    In one transaction with what the duties did, so that it is done once: when this says False,
    roll that transaction back.
    """
    held = Duty.objects.filter(pk__in=[duty.pk for duty in duties], lease=duties[0].lease)
    return held.delete()[0] == len(duties)


def fail(duty: Duty, error: BaseException | str) -> bool:
    """The duty could not be done: try later, or never again after MOST_FAILURES.

    Only the error's kind is kept ("OperationalError"), never its text, which may quote a person.
    False when the lease is not ours any more and nothing was changed.
    """
    kind = error if isinstance(error, str) else type(error).__name__
    failures = duty.attempts + 1
    now = clock.now()
    return bool(
        Duty.objects.filter(pk=duty.pk, lease=duty.lease).update(
            attempts=failures,
            lease="",
            leased_until=None,
            not_before=now + timedelta(seconds=min(2**failures, LONGEST_WAIT.total_seconds())),
            dead_since=now if failures >= MOST_FAILURES else None,
            error=kind if kind.isidentifier() else "Error",
        )
    )


@transaction.atomic
def revive(duty: Duty, *, by: str) -> bool:
    """Try a dead duty again, at once and with a clean slate; False when it is not dead."""
    revived = Duty.objects.filter(pk=duty.pk, dead_since__isnull=False).update(
        attempts=0, dead_since=None, not_before=clock.now(), lease="", leased_until=None
    )
    if revived:
        data = {"flow": duty.flow, "error": duty.error}
        record(kind="duty.revived", subject=f"event:{duty.event}", by=by, data=data)
    return bool(revived)
