"""Counting: numbers and choices, never a name."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.responses import locked, must_be_open, note
from stoop.fieldwork.actions.words import checked_key, checked_place
from stoop.fieldwork.models import Count, Response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.places import queries as places

MOST = 9_999
# What a plan calls an organization of a kind, where it does not call it by the kind itself.
CALLED = {"congregation": "clergy"}


@transaction.atomic
def count(
    *,
    response: Response,
    what: str,
    number: int,
    by: Actor,
    part: int | None = None,
    kind: str = "",
    block: str = "",
    organization: Any = None,
    day: date | None = None,
    hour: int | None = None,
    once: str = "",
) -> Count:
    """Add a count by the plan's own list; the same form (`once`) counts once."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    once = checked_key(once)
    held = response.counts.filter(once=once).first() if once else None
    if held:
        return held
    must_be_open(response)
    line = next((each for each in response.plan.counts if each["code"] == what), None)
    if line is None:
        raise Refusal("Choose what was counted from the plan's list.")
    now = clock.now()
    made = Count.objects.create(
        response=response,
        what=what,
        kind=_kind(line, kind, organization),
        number=_number(number),
        part=_part(line, part, number),
        block=checked_place(block, places.known_street)
        if line["where"] in ("block", "building")
        else "",
        organization=organization if line["where"] == "organization" else None,
        day=_day(day, timezone.localdate(now)),
        hour=_hour(line, hour),
        by=by.person,
        at=now,
        once=once,
    )
    note("count.added", response, by, what=what)
    return made


@transaction.atomic
def undo_count(*, counted: Count, by: Actor) -> Count:
    """Take it back; it stays in the book as taken back. Twice is once."""
    require(by, Permission.RESPONSES_WORK, counted.response.site_id)
    response = locked(counted.response)
    counted = Count.objects.select_for_update(no_key=True).get(pk=counted.pk)
    if counted.undone_at is None:
        must_be_open(response)
        counted.undone_at = clock.now()
        counted.save(update_fields=["undone_at"])
        note("count.undone", response, by, what=counted.what)
    return counted


def _number(number: int) -> int:
    if not 0 <= number <= MOST:
        raise Refusal(f"The number is between 0 and {MOST}.")
    return number


def _part(line: dict[str, Any], part: int | None, number: int) -> int | None:
    if part is None or not line["part"]:
        return None
    if not 0 <= part <= number:
        raise Refusal(f"“{line['part']}” cannot be more than {number}, the whole.")
    return part


def _kind(line: dict[str, Any], kind: str, organization: Any) -> str:
    """What was chosen; an organization that was named says itself of which kind it is."""
    if not line["kinds"]:
        return ""
    known = {each["code"] for each in line["kinds"]}
    if organization is not None and line["where"] == "organization":
        own = CALLED.get(organization.kind, organization.kind)
        kind = own if own in known else kind
    if kind not in known:
        raise Refusal("Choose a kind from the list.")
    return kind


def _day(day: date | None, today: date) -> date:
    day = day or today
    if not 0 <= (today - day).days <= 90:
        raise Refusal("The day is today or one of the last 90 days.")
    return day


def _hour(line: dict[str, Any], hour: int | None) -> int | None:
    if not line["hour"] or hour is None:
        return None
    if not 0 <= hour <= 23:
        raise Refusal("The hour is between 0 and 23.")
    return hour
