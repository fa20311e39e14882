"""A response from its opening to its end."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require
from stoop.fieldwork.actions.plans import install_plans
from stoop.fieldwork.models import Clock, Plan, Response, Task
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger


def running_plan(code: str) -> Plan:
    """The active version; the plans of Stoop are brought in when the city has none yet."""
    plan = Plan.objects.filter(code=code, active=True).first()
    if plan is None:
        install_plans(by=SYSTEM)
        plan = Plan.objects.filter(code=code, active=True).first()
    if plan is None:
        raise Refusal("There is no such plan; choose one from the list.")
    return plan


def note(kind: str, response: Response, by: Actor, **data: Any) -> None:
    """Leave an event about a response: codes, counts and times only."""
    ledger.record(
        kind=kind,
        subject=f"response:{response.key}",
        by=by.ref,
        site=response.site.code,
        data=data,
    )


def locked(response: Response) -> Response:
    """The response as it is now, held until the transaction ends."""
    return (
        Response.objects.select_for_update(of=("self",)).select_related("site").get(pk=response.pk)
    )


@transaction.atomic
def open_response(
    *,
    site: Any,
    incident: Any = None,
    by: Actor,
    plan: str = "shooting",
    began_at: datetime | None = None,
    place: str = "",
    once: str = "",
) -> Response:
    """Open what a site does about an incident, or about something that is none; clocks start.

    The same site, incident and plan give the same response, and the same form (`once`) the same
    one by hand. A response that stood down because its report was withdrawn starts again when the
    report is confirmed after all.
    """
    require(by, Permission.RESPONSES_LEAD, site.pk)
    chosen = running_plan(plan)
    now = clock.now()
    keys = {"incident": incident, "plan_code": plan} if incident else {"once": once}
    if incident or once:
        found = Response.objects.filter(site=site, **keys).first()
        if found:
            return _again(found, incident, by)
    response = Response.objects.create(
        site=site,
        plan=chosen,
        plan_code=chosen.code,
        incident=incident,
        title=chosen.title,
        place=place,
        opened_at=now,
        began_at=began_at or now,
        once=once,
    )
    _start(response, chosen)
    note("response.opened", response, by, plan=chosen.code, version=chosen.version)
    return response


def _start(response: Response, plan: Plan) -> None:
    zero = response.began_at
    Clock.objects.bulk_create(
        Clock(
            response=response,
            code=each["code"],
            label=each["label"],
            due_at=zero + timedelta(hours=each["hours"]),
        )
        for each in plan.clocks
    )
    Task.objects.bulk_create(
        Task(
            response=response,
            code=each["code"],
            label=each["label"],
            due_at=zero + timedelta(hours=each["hours"]) if each["hours"] else None,
        )
        for each in plan.tasks
        if each["at_start"]
    )


def _again(found: Response, incident: Any, by: Actor) -> Response:
    back = incident and incident.status == "confirmed"
    if not (back and found.outcome == Response.Outcome.STOOD_DOWN):
        return found
    response = locked(found)
    response.clocks.filter(not_needed=Clock.Reason.RETRACTED).update(not_needed="")
    response.closed_at, response.outcome = None, ""
    response.notice, response.notice_at = Response.Notice.CORRECTED, clock.now()
    response.version += 1
    response.save()
    note("response.reopened", response, by, why="confirmed")
    return response


@transaction.atomic
def take_response(
    *, response: Response, by: Actor, person_id: int | None = None, at: datetime | None = None
) -> Response:
    """Somebody leads it from now on, and the clock of taking it stops. Taking it twice is once."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    person = person_id or (by.person.pk if by.person else None)
    if response.lead_id == person:
        return response
    response.lead_id = person
    response.version += 1
    response.save(update_fields=["lead", "version"])
    response.clocks.filter(code="acknowledge", met_at=None, not_needed="").update(
        met_at=at or clock.now(), met_by=person
    )
    note("response.taken", response, by)
    return response


@transaction.atomic
def stand_down(*, response: Response, by: Actor) -> Response:
    """The report was withdrawn or joined with another: what still runs is not needed any more."""
    require(by, Permission.RESPONSES_LEAD, response.site_id)
    response = locked(response)
    merged = response.incident_id and response.incident.status == "merged"
    response.notice = Response.Notice.MERGED if merged else Response.Notice.RETRACTED
    response.notice_at = clock.now()
    if response.closed_at is None:
        response.closed_at, response.outcome = clock.now(), Response.Outcome.STOOD_DOWN
        running = response.clocks.filter(met_at=None, not_needed="")
        running.exclude(code="debrief").update(not_needed=Clock.Reason.RETRACTED)
    response.version += 1
    response.save()
    note("response.stood_down", response, by)
    return response


@transaction.atomic
def note_correction(*, response: Response, by: Actor, version: int | None = None) -> Response:
    """What it answers was corrected: the page says so until somebody has seen it."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    if response.notice_version == version and version is not None:
        return response
    response.notice, response.notice_at = Response.Notice.CORRECTED, clock.now()
    response.notice_version = version
    response.version += 1
    response.save()
    note("response.corrected", response, by, version=version)
    return response
