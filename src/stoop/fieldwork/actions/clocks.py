"""Clocks: met, taken back, not needed, given to somebody."""

from datetime import datetime
from typing import Any

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.care import rest_after, unrest
from stoop.fieldwork.actions.responses import (
    ACKNOWLEDGE,
    locked,
    member,
    must_be_open,
    note,
    take_response,
)
from stoop.fieldwork.actions.schema import DEBRIEF
from stoop.fieldwork.models import Clock, Response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal

ON_SCENE = "on_scene"


def _find(response: Response, code: str) -> Clock:
    found = response.clocks.filter(code=code).first()
    if found is None:
        raise Refusal("This response has no such clock; open its page anew.")
    if code != DEBRIEF:
        must_be_open(response)
    return found


def meet_clock(*, response: Response, code: str, by: Actor, at: datetime | None = None) -> Clock:
    """It is done. The first who says so counts; saying it again changes nothing.

    Whoever takes it leads the response; whoever is on the scene gets a rest afterwards.
    """
    require(by, Permission.RESPONSES_WORK, response.site_id)
    if code == ACKNOWLEDGE and response.lead_id is None and by.person:
        take_response(response=response, by=by, at=at, was="")
    return _meet(response, code, by, at)


@transaction.atomic
def _meet(response: Response, code: str, by: Actor, at: datetime | None) -> Clock:
    response = locked(response)
    found = _find(response, code)
    if found.met_at is not None:
        return found
    found.met_at, found.met_by, found.not_needed = at or clock.now(), by.person, ""
    found.save()
    if code == ON_SCENE and by.person:
        rest_after(response, by.person, found.met_at)
    note("clock.met", response, by, clock=code, late=found.met_at > found.due_at)
    return found


@transaction.atomic
def unmeet_clock(*, response: Response, code: str, by: Actor) -> Clock:
    """Take back that it was done, or that it was not needed. Taking it back twice is once.

    Who takes back to have been on the scene is called as before; a colleague's rest stays.
    """
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    found = _find(response, code)
    if found.met_at is None and not found.not_needed:
        return found
    if code == ON_SCENE and by.person and found.met_at and found.met_by_id == by.person.pk:
        unrest(response, by, found.met_at)
    found.met_at, found.met_by, found.not_needed = None, None, ""
    found.save()
    note("clock.unmet", response, by, clock=code)
    return found


@transaction.atomic
def waive_clock(*, response: Response, code: str, reason: str, by: Actor) -> Clock:
    """It is not needed, for a reason from the list. Only who leads may waive the debrief."""
    leads = Permission.RESPONSES_LEAD if code == DEBRIEF else Permission.RESPONSES_WORK
    require(by, leads, response.site_id)
    if reason not in Clock.Reason.values or reason in ("", Clock.Reason.RETRACTED):
        raise Refusal("Choose from the list why it is not needed.")
    response = locked(response)
    found = _find(response, code)
    if found.met_at is not None:
        raise Refusal("It is done already; take that back first if it is not so.")
    if found.not_needed != reason:
        found.not_needed = reason
        found.save(update_fields=["not_needed"])
        note("clock.waived", response, by, clock=code, reason=reason)
    return found


@transaction.atomic
def give_clock(
    *, response: Response, code: str, person: Any, by: Actor, was: str | None = None
) -> Clock:
    """Somebody of the site answers for this clock; None gives it back to the lead.

    was: the key in the table of whom the writer saw there, "" for nobody. Refused, and told, where
    it was given to a third person meanwhile.
    """
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    found = _find(response, code)
    owner = member(response.site_id, person)
    if was is not None and str(found.owner_id or "") not in (was, str(owner.pk if owner else "")):
        raise Refusal("Somebody gave it to another person meanwhile; look, then give it again.")
    if found.owner_id != (owner.pk if owner else None):
        found.owner = owner
        found.save(update_fields=["owner"])
        note("clock.given", response, by, clock=code)
    return found
