"""Care for those who were there: a rest that moves them behind the others who are on call.

A rest protects the worker. It is nobody's mark, it takes no shift and no permission away, and who
rests is still called when nobody else answers. The worker ends it with one tap.

The ledger says that a site cared for its people, never for whom: a rest is seen by the worker and
the supervisor alone.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.models import Response, Rest
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger

NIGHT = (22, 6)  # hours of the city's clock
LONGEST_H = 72
FORGOTTEN = timedelta(days=7)  # after a rest nobody needs to know of it


def by_night(moment: datetime) -> bool:
    """Whether the moment lies in the night of the city."""
    hour = timezone.localtime(moment).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def rest_after(response: Response, person: Any, since: datetime) -> Rest:
    """The person's rest after this response; a longer one of the same response stays.

    One that the person ended before `since` begins anew.
    """
    _forget()
    until = rest_until(since)
    rest, new = Rest.objects.get_or_create(
        response=response,
        person=person,
        defaults={"site_id": response.site_id, "since": since, "until": until},
    )
    if not new and rest.ended_at is not None and rest.ended_at <= since:
        rest.since, rest.until, rest.ended_at = since, until, None
        rest.save(update_fields=["since", "until", "ended_at"])
    elif not new and rest.until < until and rest.ended_at is None:
        rest.until = until
        rest.save(update_fields=["until"])
    return rest


def rest_until(since: datetime) -> datetime:
    """When a rest ends that begins then."""
    return since + timedelta(hours=settings.STOOP_REST_HOURS)


def unrest(response: Response, by: Actor, since: datetime) -> None:
    """Who takes back what gave them a rest is called as before; an older rest stays."""
    Rest.objects.filter(response=response, person=by.person, since=since, ended_at=None).update(
        ended_at=clock.now()
    )


@transaction.atomic
def note_presence(*, response: Response, by: Actor) -> Rest:
    """ "I was there": the one who says so gets a rest."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    if by.person is None:
        raise Refusal("Sign in to say that you were there.")
    # Held, as by whoever else gives a rest after it: two taps at once are one rest.
    response = Response.objects.select_for_update(no_key=True).get(pk=response.pk)
    rest = rest_after(response, by.person, clock.now())
    _note("rest.given", rest)
    return rest


@transaction.atomic
def give_rest(*, site: Any, person: Any, hours: float, by: Actor) -> Rest:
    """The supervisor gives somebody of the site a rest, from now on."""
    require(by, Permission.RESPONSES_LEAD, site.pk)
    if not 0 < hours <= LONGEST_H:
        raise Refusal(f"A rest is between 1 and {LONGEST_H} hours; choose a length from the list.")
    _forget()
    now = clock.now()
    rest = Rest.objects.create(
        site=site, person=person, since=now, until=now + timedelta(hours=hours)
    )
    _note("rest.given", rest)
    return rest


@transaction.atomic
def end_rests(*, by: Actor) -> int:
    """The worker chooses to be called first again; nobody else can choose that."""
    now = clock.now()
    running = Rest.objects.select_for_update(no_key=True).filter(
        person=by.person, ended_at=None, until__gt=now
    )
    ended = list(running.select_related("site"))
    for rest in ended:
        rest.ended_at = now
        rest.save(update_fields=["ended_at"])
    for rest in ended:
        _note("rest.ended", rest)
    return len(ended)


def _note(kind: str, rest: Rest) -> None:
    code = rest.site.code
    ledger.record(kind=kind, subject=f"site:{code}", by=f"site:{code}", site=code)


def _forget() -> None:
    """Rests that are long over leave no trace from which somebody could be judged."""
    Rest.objects.filter(until__lt=clock.now() - FORGOTTEN).delete()
