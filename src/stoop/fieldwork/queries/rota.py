"""Who is on call, when nobody is, and who rests."""

from datetime import datetime
from typing import Any

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.fieldwork.models import Rest, Shift

MOST_HOPS = 5


def answering_site(site: Any) -> Any:
    """The site that answers for this one: itself, unless another covers it."""
    for _hop in range(MOST_HOPS):
        if site.covered_by_id is None:
            break
        site = site.covered_by
    return site


def resting(people: list[int], at: datetime) -> set[int]:
    """Which of these people rest at the moment."""
    rests = Rest.objects.filter(person__in=people, since__lte=at, until__gt=at, ended_at=None)
    return set(rests.values_list("person_id", flat=True))


def on_call(site_id: int, at: datetime) -> list[list[int]]:
    """Ids of the people to tell, step by step: rank 1, rank 2, then the site's supervisors.

    Who rests comes after all who do not. Nobody stands in it twice, nobody who left the site or
    cannot sign in stands in it, and it is empty only when the site has no supervisor and nobody
    on call. A site that another covers is answered by that one.
    """
    where = answering_site(accounts.sites(SYSTEM).get(pk=site_id)).pk
    here = set(accounts.people_at(where).values_list("pk", flat=True))
    shifts = Shift.objects.filter(site=where, starts__lte=at, ends__gt=at).order_by(
        "rank", "starts"
    )
    steps: dict[int, list[int]] = {1: [], 2: []}
    for person, rank in shifts.values_list("person_id", "rank"):
        if person in here:
            steps[min(rank, 2)].append(person)
    supervisors = list(accounts.supervisors(where).values_list("pk", flat=True))
    wanted = [*steps.values(), sorted(supervisors)]
    tired = resting([person for step in wanted for person in step], at)
    seen: set[int] = set()
    fresh = [_unseen(step, seen, tired) for step in wanted]
    late = [_unseen(step, seen, set()) for step in wanted]
    return [step for step in [*fresh, *late] if step]


def _unseen(step: list[int], seen: set[int], but: set[int]) -> list[int]:
    """Those of a step whom no earlier step has; `seen` learns them."""
    new = [person for person in dict.fromkeys(step) if person not in seen and person not in but]
    seen.update(new)
    return new
