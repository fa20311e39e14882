"""Matches: which live report is which row of record; proposed with reasons, decided by a person."""

from typing import Any

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.actions.decisions import both, join
from stoop.incidents.models import Match
from stoop.incidents.queries.matches import candidates
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record

AT_ONCE = 500


@transaction.atomic
def propose_matches(*, by: Actor, limit: int = AT_ONCE) -> int:
    """Propose pairs of live reports and rows of record that may be one; how many are new.

    A pair that was ever proposed, whatever was decided, is not proposed again.
    """
    require(by, Permission.INCIDENTS_MATCH)
    now = clock.now()
    found = candidates(limit=limit)
    made = Match.objects.bulk_create(
        [
            Match(live=each.live, official=each.official, reasons=each.reasons, proposed_at=now)
            for each in found
        ],
        ignore_conflicts=True,
    )
    if found:
        record(kind="matches.proposed", subject="matches", by=by.ref, data={"pairs": len(made)})
    return len(made)


@transaction.atomic
def decide_match(*, match: Match, same: bool, by: Actor) -> Match:
    """The same: the live report is merged into the row of record, and nobody is alerted again; what
    else was proposed for it is shown again only if somebody takes that back.

    Different: the pair is never proposed again. A decision made twice counts once; another
    decision than the one that was made is refused.
    """
    require(by, Permission.INCIDENTS_MATCH)
    live, official = both(match.live, match.official)  # held first: others decide of the same two
    held = Match.objects.select_for_update(no_key=True, of=("self",)).get(pk=match.pk)
    state = Match.State.SAME if same else Match.State.DIFFERENT
    if held.state == state:
        return held
    if held.state != Match.State.PROPOSED:
        raise Refusal("Somebody decided this pair otherwise; look at the incident's page.")
    held.state, held.decided_at, held.decided_by = state, clock.now(), by.ref
    held.save(update_fields=["state", "decided_at", "decided_by"])
    if same:
        join(live, official, by=by, why="The row of record of this shooting.", quiet=True)
    data: dict[str, Any] = {"same": same, "live": str(live.key), "official": str(official.key)}
    record(kind="match.decided", subject=f"match:{held.pk}", by=by.ref, data=data)
    return held
