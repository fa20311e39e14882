"""Writing down what happened, and doing what follows from it."""

from stoop.ledger.actions.duties import fail, finish, lease_duties, revive
from stoop.ledger.actions.events import record, record_each

__all__ = ["fail", "finish", "lease_duties", "record", "record_each", "revive"]
