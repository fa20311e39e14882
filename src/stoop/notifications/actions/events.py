"""What is recorded of an alert."""

from stoop.accounts.permissions import SYSTEM, Actor
from stoop.ledger.actions import Happened
from stoop.notifications.models import Alert


def happened(what: str, alert: Alert, *, by: Actor = SYSTEM, **data: str | int) -> Happened:
    """An event of an alert, for `record_all`; `data` are codes and counts."""
    return Happened(
        kind=what,
        subject=f"alert:{alert.key}",
        by=by.ref,
        site=alert.site.code if alert.site else "",
        data={"about": alert.subject, **data},
    )
