"""Door for questions about shootings, as far as the one who asks may see."""

from stoop.incidents.queries.facts import FACTS, known_of
from stoop.incidents.queries.incidents import (
    Shown,
    change_in_words,
    changed_after,
    held,
    incidents,
    latest_seq,
    merged_here,
    metres,
    near,
    one,
    shown,
    versions,
    waiting,
)
from stoop.incidents.queries.sources import actor_of_source, source, source_by_key, sources

__all__ = [
    "FACTS",
    "Shown",
    "actor_of_source",
    "change_in_words",
    "changed_after",
    "held",
    "incidents",
    "known_of",
    "latest_seq",
    "merged_here",
    "metres",
    "near",
    "one",
    "shown",
    "source",
    "source_by_key",
    "sources",
    "versions",
    "waiting",
]
