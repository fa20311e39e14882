"""Events for tests."""

from stoop.ledger import actions
from stoop.ledger.models import Event


def events(many: int, kind: str = "thing.happened", subject: str = "thing:1") -> list[Event]:
    """So many events, one after the other."""
    return [
        actions.record(kind=kind, subject=subject, by="system", data={"number": number})
        for number in range(1, many + 1)
    ]
