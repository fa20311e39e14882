"""Door for what may be done with shootings: each leaves a version and an event."""

from stoop.incidents.actions.batches import Loaded, import_batch
from stoop.incidents.actions.decisions import confirm, correct, merge, restore, retract, tell
from stoop.incidents.actions.facts import block_face, checked
from stoop.incidents.actions.feeds import Polled, poll, poll_due, poll_source, set_feed
from stoop.incidents.actions.matches import decide_match, propose_matches
from stoop.incidents.actions.placing import place_again, place_where_moved
from stoop.incidents.actions.reports import report, withdraw
from stoop.incidents.actions.sources import add_source, desk, issue_key, set_limit, switch_source
from stoop.incidents.actions.versions import Difference, Stale

__all__ = [
    "Difference",
    "Loaded",
    "Polled",
    "Stale",
    "add_source",
    "block_face",
    "checked",
    "confirm",
    "correct",
    "decide_match",
    "desk",
    "import_batch",
    "issue_key",
    "merge",
    "place_again",
    "place_where_moved",
    "poll",
    "poll_due",
    "poll_source",
    "propose_matches",
    "report",
    "restore",
    "retract",
    "set_feed",
    "set_limit",
    "switch_source",
    "tell",
    "withdraw",
]
