"""Events for tests."""

from stoop.ledger import actions
from stoop.ledger.models import Event
from stoop.ledger.tests.tampering import run as tamper

# What tests of other modules may use: they read what was recorded, and tamper with it.
__all__ = ["Event", "events", "kinds", "tamper"]


def events(many: int, kind: str = "thing.happened", subject: str = "thing:1") -> list[Event]:
    """So many events, one after the other."""
    return [
        actions.record(kind=kind, subject=subject, by="system", data={"number": number})
        for number in range(1, many + 1)
    ]


def kinds(subject: str = "") -> list[str]:
    """The kinds of all events so far, or of those of one thing, oldest first."""
    found = Event.objects.filter(subject=subject) if subject else Event.objects.all()
    return list(found.order_by("seq").values_list("kind", flat=True))
