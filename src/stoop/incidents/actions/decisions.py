"""Decisions of the duty officer: confirm, correct, merge, retract, take it back."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor, Permission, require
from stoop.incidents.actions.facts import checked
from stoop.incidents.actions.versions import apply, guard, keep, locked, reason, since
from stoop.incidents.models import Incident
from stoop.incidents.queries.facts import FACTS, differing, facts_of, parsed, plain
from stoop.kernel.errors import Refusal

S = Incident.Status


@transaction.atomic
def confirm(*, incident: Incident, by: Actor, why: str, version: int) -> Incident:
    """It happened: from now on people are told. Confirming twice counts once."""
    require(by, Permission.INCIDENTS_DECIDE)
    held, why = locked(incident), reason(why)
    if held.status == S.CONFIRMED:
        return held
    if held.status != S.REPORTED:
        raise Refusal("It was retracted or merged; take that back before you confirm it.")
    guard(held, version)
    held.status = S.CONFIRMED
    if _was_confirmed(held):  # its source took it back meanwhile: who was told so hears otherwise
        return _stands_again(held, by, why)
    return keep(held, action="confirm", kind="incident.confirmed", by=by, why=why)


@transaction.atomic
def correct(*, incident: Incident, by: Actor, why: str, version: int, **changes: Any) -> Incident:
    """Set facts right; everybody who was told hears of it.

    `version` is what the writer saw. What somebody else changed meanwhile is kept where the
    writer does not touch it; where both did, Stale tells it and nothing is written.
    """
    require(by, Permission.INCIDENTS_DECIDE)
    unknown = set(changes) - set(FACTS)
    if unknown:
        raise TypeError(f"no fact: {', '.join(sorted(unknown))}")
    held, why = locked(incident), reason(why)
    if held.status in (S.RETRACTED, S.MERGED):
        raise Refusal("It was retracted or merged; take that back before you correct it.")
    was = {name: since(held, version)[name] for name in FACTS}
    mine = {**{name: parsed(name, value) for name, value in was.items()}, **changes}
    official = held.source.official
    facts = {name: plain(value) for name, value in checked(mine, official=official).items()}
    touched = differing(was, facts)
    wanted = {name: facts[name] for name in touched}
    guard(held, version, wanted)
    changed = differing(facts_of(held), {**facts_of(held), **wanted})
    if not changed:
        return held
    now = {name: parsed(name, value) for name, value in facts_of(held).items()}
    both = checked(
        {**now, **{name: parsed(name, value) for name, value in wanted.items()}}, official=official
    )
    apply(held, {name: plain(value) for name, value in both.items()})
    kind = "incident.revised" if official else "incident.corrected"
    return keep(held, action="correct", kind=kind, by=by, why=why, changed=sorted(changed))


@transaction.atomic
def tell(*, incident: Incident, by: Actor, version: int) -> Incident:
    """Tell everybody of corrections that told nobody yet. Telling twice counts once."""
    require(by, Permission.INCIDENTS_DECIDE)
    held = locked(incident)
    if held.status != S.CONFIRMED or not held.versions.filter(number=held.version, untold=True):
        return held
    guard(held, version)
    why = _("Looked at: people should hear of it.")
    return keep(held, action="tell", kind="incident.corrected", by=by, why=why)


@transaction.atomic
def retract(*, incident: Incident, by: Actor, why: str, version: int) -> Incident:
    """It did not happen; everybody who was told hears of it. Retracting twice counts once."""
    require(by, Permission.INCIDENTS_DECIDE)
    held, why = locked(incident), reason(why)
    if held.status == S.RETRACTED:
        return held
    if held.status == S.MERGED:
        raise Refusal("It was merged into another; take that back, or retract the other.")
    guard(held, version)
    held.status = S.RETRACTED
    return keep(held, action="retract", kind="incident.retracted", by=by, why=why)


@transaction.atomic
def merge(*, incident: Incident, into: Incident, by: Actor, why: str, version: int) -> Incident:
    """It is the same shooting as `into`, which stays. Merging twice counts once."""
    require(by, Permission.INCIDENTS_DECIDE)
    held, other = both(incident, into)
    if held.merged_into_id == other.pk:
        return held
    guard(held, version)
    return join(held, other, by=by, why=reason(why))


@transaction.atomic
def restore(*, incident: Incident, by: Actor, why: str, version: int) -> Incident:
    """Take a retraction or a merge back: it stands again as it stood before."""
    require(by, Permission.INCIDENTS_DECIDE)
    held, why = locked(incident), reason(why)
    if held.status not in (S.RETRACTED, S.MERGED):
        return held
    guard(held, version)
    held.status = S.CONFIRMED if _was_confirmed(held) else S.REPORTED
    held.merged_into = None
    return _stands_again(held, by, why)


def _was_confirmed(held: Incident) -> bool:
    known = held.versions.values_list("known", flat=True) if held.version > 1 else ()
    return any(each["status"] == S.CONFIRMED for each in known)


def _stands_again(held: Incident, by: Actor, why: str) -> Incident:
    kind = "incident.revised" if held.source.official else "incident.corrected"
    return keep(held, action="restore", kind=kind, by=by, why=why, changed=["status"])


def join(held: Incident, into: Incident, *, by: Actor, why: str, quiet: bool = False) -> Incident:
    """Merge one locked incident into another; `quiet` when it disturbs nobody."""
    if held.pk == into.pk:
        raise Refusal("An incident cannot be merged into itself; choose the other one.")
    if held.status in (S.RETRACTED, S.MERGED):
        raise Refusal("It was retracted or merged already; take that back first.")
    if into.status in (S.RETRACTED, S.MERGED):
        raise Refusal("The other one was itself retracted or merged; choose the one that stands.")
    if held.status == S.CONFIRMED and into.status == S.REPORTED:
        raise Refusal(
            "People were told of this one and not of the other; confirm the other first, or merge "
            "the other into this one."
        )
    held.status = S.MERGED
    held.merged_into = into
    data: dict[str, Any] = {"into": str(into.key)} | ({"quiet": True} if quiet else {})
    return keep(held, action="merge", kind="incident.merged", by=by, why=why, **data)


def both(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Both, locked in one order so that two who merge crosswise do not wait for each other."""
    held = {each.pk: locked(each) for each in sorted((one, other), key=lambda each: each.pk)}
    return held[one.pk], held[other.pk]
