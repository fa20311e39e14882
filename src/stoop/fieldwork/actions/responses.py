"""A response from its opening to its end."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Actor, Permission, require
from stoop.fieldwork.actions.care import by_night, rest_after
from stoop.fieldwork.actions.plans import install_plans
from stoop.fieldwork.actions.schema import DEBRIEF
from stoop.fieldwork.actions.words import checked_key, checked_place
from stoop.fieldwork.models import Clock, Plan, Response, Task
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told
from stoop.places import queries as places

ACKNOWLEDGE = "acknowledge"
ENDS = frozenset({"done", "handed_over"})
GONE = frozenset({Response.Notice.MERGED, Response.Notice.RETRACTED})
EARLIEST = timedelta(days=60)  # how far back something opened by hand may have begun


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
        Response.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .get(pk=response.pk)
    )


def member(site_id: int, person: Any) -> Any:
    """The person, if today of the site; None stays None. Anybody else is refused."""
    if person is None:
        return None
    found = accounts.people_at(site_id).filter(pk=getattr(person, "pk", person)).first()
    if found is None:
        raise Refusal("That person is not of this site today; choose somebody from the list.")
    return found


def must_be_open(response: Response) -> None:
    """Refuse to work on a response that has ended."""
    if response.closed_at is not None:
        raise Refusal("This response is closed; open it again first.")


def must_be_seen(response: Response, seen: int | None) -> None:
    """Refuse when the response was changed after the version that the writer saw."""
    if seen is not None and response.version != seen:
        raise Refusal(
            "Somebody changed this response since you opened the page. What you see now is new: "
            "look at it, then send again."
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
    by_hand = {"once": checked_key(once) or str(ids.new())}
    keys = {"incident": incident, "plan_code": plan} if incident else by_hand
    found = Response.objects.filter(site=site, **keys).first()
    if found:
        return _again(found, incident, by)
    chosen, now = running_plan(plan), clock.now()
    response = Response(
        site=site,
        **{**keys, "plan_code": chosen.code},
        plan=chosen,
        title=chosen.title,
        place="" if incident else _checked_by_hand(chosen, place, began_at, now),
        lead=by.person,
        opened_at=now,
        began_at=began_at or now,
    )
    try:
        with transaction.atomic():
            response.save(force_insert=True)
    except IntegrityError:  # another worker was faster by a moment
        return Response.objects.get(site=site, **keys)
    _start(response, chosen)
    note("response.opened", response, by, plan=chosen.code, version=chosen.version)
    return response


def _key() -> str:
    return str(ids.new())


def _checked_by_hand(plan: Plan, place: str, began_at: datetime | None, now: datetime) -> str:
    if not plan.by_hand:
        raise Refusal("This plan follows a confirmed shooting and is not opened by hand.")
    if began_at and not now - EARLIEST <= began_at <= now + timedelta(days=7):
        raise Refusal("It began more than 60 days ago, or is more than a week away; check the day.")
    return checked_place(place, places.known_street)


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
    """The response that there is; where its report was withdrawn and stands again, told so. One
    that the team had ended itself stays ended."""
    if incident is None or incident.status != "confirmed":
        return found
    response = locked(found)
    stood_down = response.outcome == Response.Outcome.STOOD_DOWN
    if not stood_down and response.notice not in GONE:
        return response
    response.notice, response.notice_at = Response.Notice.CORRECTED, clock.now()
    if stood_down:
        _go_on(response)
        note("response.reopened", response, by)
    else:
        response.version += 1
        response.save(update_fields=["notice", "notice_at", "version"])
        note("response.corrected", response, by)
    return response


def take_response(
    *,
    response: Response,
    by: Actor,
    person_id: int | None = None,
    at: datetime | None = None,
    was: str | None = None,
) -> Response:
    """Somebody leads it from now on, and the clock of taking it stops. Taking it twice is once.

    Who takes it takes its alert too: nobody else is woken for it. Whoever takes it by night gets
    a rest afterwards.

    was: the key in the table of whom the taker saw lead it, "" for nobody. Refused, and told, where
    a colleague was quicker.
    """
    require(by, Permission.RESPONSES_WORK, response.site_id)
    person = person_id or (by.person.pk if by.person else None)
    if person is None:
        return response
    _must_be_led_as_seen(response, was, person)
    if by.person:
        _take_alerts(response, by)
    return _lead(response, person, by, at or clock.now(), was)


def _must_be_led_as_seen(response: Response, was: str | None, person: int) -> None:
    if was is None or response.lead is None or str(response.lead_id) in (was, str(person)):
        return
    raise Refusal(
        f"{response.lead.name} leads it now: it was taken after you opened the page. Talk to each "
        "other before you take it over."
    )


def _take_alerts(response: Response, by: Actor) -> None:
    """In a transaction before the response's: both hold a row before the ledger's, and whoever
    held them in another order would wait for a colleague who waits for them."""
    if response.incident is None:
        return
    must_be_open(response)
    subject = f"incident:{response.incident.key}"
    for alert in told.waiting(subject, response.site_id):
        if notifications.may_take(by, alert):
            notifications.take(alert=alert, by=by)


@transaction.atomic
def _lead(
    response: Response, person: int, by: Actor, moment: datetime, was: str | None
) -> Response:
    response = locked(response)
    if response.lead_id == person:
        return response
    must_be_open(response)
    _must_be_led_as_seen(response, was, person)
    response.lead = member(response.site_id, person) if by.person else accounts.person(person)
    response.version += 1
    response.save(update_fields=["lead", "version"])
    response.clocks.filter(code=ACKNOWLEDGE, met_at=None, not_needed="").update(
        met_at=moment, met_by=person
    )
    if by_night(moment):
        rest_after(response, response.lead, moment)
    note("response.taken", response, by)
    return response


@transaction.atomic
def leave_response(*, response: Response, person_id: int, by: Actor) -> Response:
    """This person leads it no more, and nobody does until it is taken again: the clock of taking
    it runs on from where it began. Nothing happens to a lead who is somebody else, or to what has
    ended."""
    require(by, Permission.RESPONSES_LEAD, response.site_id)
    response = locked(response)
    if response.lead_id != person_id or response.closed_at is not None:
        return response
    response.lead = None
    response.version += 1
    response.save(update_fields=["lead", "version"])
    taken = response.clocks.filter(code=ACKNOWLEDGE, met_by=person_id)
    taken.update(met_at=None, met_by=None)
    note("response.left", response, by)
    return response


@transaction.atomic
def close_response(
    *, response: Response, by: Actor, seen: int | None = None, outcome: str = "done"
) -> Response:
    """End it. The staff debrief has to be held before, or waived by who leads."""
    require(by, Permission.RESPONSES_LEAD, response.site_id)
    response = locked(response)
    if response.closed_at is not None:
        return response
    must_be_seen(response, seen)
    if outcome not in ENDS:
        raise Refusal("Choose from the list how it ended.")
    if response.clocks.filter(code=DEBRIEF, met_at=None, not_needed="").exists():
        raise Refusal(
            "The staff debrief is still open: mark it done, or say why it is not needed, and "
            "end it then."
        )
    response.closed_at, response.outcome = clock.now(), outcome
    response.version += 1
    response.save(update_fields=["closed_at", "outcome", "version"])
    left = response.clocks.filter(met_at=None, not_needed="").count()
    note("response.closed", response, by, outcome=outcome, left=left)
    return response


@transaction.atomic
def reopen_response(*, response: Response, by: Actor) -> Response:
    """It goes on: its clocks run from the same beginning."""
    require(by, Permission.RESPONSES_LEAD, response.site_id)
    response = locked(response)
    if response.closed_at is None:
        return response
    _go_on(response)
    note("response.reopened", response, by)
    return response


def _go_on(response: Response) -> None:
    response.clocks.filter(not_needed=Clock.Reason.RETRACTED).update(not_needed="")
    response.closed_at, response.outcome = None, ""
    response.version += 1
    response.save()


@transaction.atomic
def stand_down(*, response: Response, by: Actor) -> Response:
    """The report was withdrawn or joined with another: what still runs is not needed any more.

    The staff debrief stays: whoever went there went there.
    """
    require(by, Permission.RESPONSES_LEAD, response.site_id)
    response = locked(response)
    if response.notice in GONE and response.closed_at is not None:
        return response
    merged = response.incident_id and response.incident.status == "merged"
    response.notice = Response.Notice.MERGED if merged else Response.Notice.RETRACTED
    response.notice_at, response.notice_version = clock.now(), None
    if response.closed_at is None:
        response.closed_at, response.outcome = clock.now(), Response.Outcome.STOOD_DOWN
        running = response.clocks.filter(met_at=None, not_needed="")
        running.exclude(code=DEBRIEF).update(not_needed=Clock.Reason.RETRACTED)
    response.version += 1
    response.save()
    note("response.stood_down", response, by)
    return response


@transaction.atomic
def note_correction(*, response: Response, by: Actor, version: int | None = None) -> Response:
    """What it answers was corrected: the page says what changed until somebody has seen it."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    if version is not None and (response.notice_version or 0) >= version:
        return response
    response.notice, response.notice_at = Response.Notice.CORRECTED, clock.now()
    response.notice_version = version
    response.version += 1
    response.save()
    note("response.corrected", response, by, version=version)
    return response


@transaction.atomic
def see_notice(*, response: Response, by: Actor, seen: int | None = None) -> Response:
    """Somebody has read what changed: the banner goes, unless another change came since."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    if response.notice != Response.Notice.CORRECTED:
        return response
    must_be_seen(response, seen)
    response.notice = Response.Notice.NONE
    response.version += 1
    response.save(update_fields=["notice", "version"])
    note("response.notice_seen", response, by)
    return response
