"""Door for what may be done with shootings: each leaves a version and an event."""

from stoop.incidents.actions.decisions import confirm, correct, merge, restore, retract
from stoop.incidents.actions.reports import report, withdraw
from stoop.incidents.actions.sources import add_source, desk, issue_key, switch_source
from stoop.incidents.actions.versions import Difference, Stale

__all__ = [
    "Difference",
    "Stale",
    "add_source",
    "confirm",
    "correct",
    "desk",
    "issue_key",
    "merge",
    "report",
    "restore",
    "retract",
    "switch_source",
    "withdraw",
]
