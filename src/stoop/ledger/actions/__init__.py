"""Writing down what happened, and doing what follows from it."""

from stoop.ledger.actions.duties import fail, finish, lease_duties, revive
from stoop.ledger.actions.events import Happened, record, record_all

__all__ = ["Happened", "fail", "finish", "lease_duties", "record", "record_all", "revive"]
