"""Reports of a source: new, corrected, taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Query, Router, Status

from stoop.accounts.permissions import Permission
from stoop.api.forms import Problem, Ref, ReportIn, ReportOut, ReportPatch, Withdrawal
from stoop.api.views.guards import SourceKey, checked, needs
from stoop.incidents import actions, queries
from stoop.kernel.errors import Refusal

PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 404, 413, 415, 422), Problem)

router = Router(auth=SourceKey(), tags=["reports"])


@router.post(
    "/reports", response={201: ReportOut, 200: ReportOut, **PROBLEMS}, url_name="api-reports"
)
@needs(Permission.INCIDENTS_REPORT)
def send_report(request: HttpRequest, said: ReportIn) -> Any:
    """Report a shooting under the source's own number.

    201 when it is new. Sent again with the same content: 200, nothing happens. With another
    content: 200, and what the source has changed is corrected, which everybody who was told hears.

    A point outside the city is no reason to lose a shooting: the report is kept without a place,
    `note` says so, and a person of the city decides before anybody is told, also for a source whose
    reports need no confirmation. Send the right point under the same number to mend it.

    Nor is a place that nobody knows yet: a report with neither point nor block is kept, and no site
    is told of it until there is one.
    """
    actor = checked(request.source_actor, send_report)
    facts = {**said.dict(exclude={"ref"}), "occurred_at": _moment(said.occurred_at)}
    held = actions.report(source=request.auth, source_ref=said.ref, by=actor, **facts)
    return Status(201 if held.new else 200, _out(held))


@router.patch("/reports", response={200: ReportOut, **PROBLEMS}, url_name="api-reports")
@needs(Permission.INCIDENTS_REPORT)
def correct_report(request: HttpRequest, said: ReportPatch) -> Any:
    """Set some facts of one's own report right; what is left out stays as the source said it."""
    actor = checked(request.source_actor, correct_report)
    own = queries.own_report(request.auth, said.ref)
    if own is None:
        raise Http404
    given = said.dict(exclude_unset=True, exclude={"ref"})
    if given.get("occurred_at"):
        given["occurred_at"] = _moment(given["occurred_at"])
    never_empty = ("occurred_at", "time_known", "kind", "block")
    given = {name: each for name, each in given.items() if not _skips(name, each, never_empty)}
    with transaction.atomic():  # of two at once neither takes back what the other has set right
        facts = queries.said_by_source(queries.held(own.key)) | given
        held = actions.report(source=request.auth, source_ref=own.source_ref, by=actor, **facts)
    return _out(held)


@router.get("/reports", response={200: ReportOut, **PROBLEMS}, url_name="api-reports")
@needs(Permission.INCIDENTS_REPORT)
def read_report(request: HttpRequest, ref: Ref = Query(...)) -> Any:  # noqa: B008
    """What became of one's own report."""
    checked(request.source_actor, read_report)
    held = queries.own_report(request.auth, ref)
    if held is None:
        raise Http404
    return _out(held)


@router.post(
    "/reports/withdraw", response={200: ReportOut, **PROBLEMS}, url_name="api-reports-withdraw"
)
@needs(Permission.INCIDENTS_REPORT)
def withdraw_report(request: HttpRequest, said: Withdrawal) -> Any:
    """Take one's own report back: there was no such shooting. Twice counts once."""
    actor = checked(request.source_actor, withdraw_report)
    held = actions.withdraw(source=request.auth, source_ref=said.ref, by=actor, why=said.why)
    if held is None:
        raise Http404
    return _out(held)


def _skips(name: str, value: Any, never_empty: tuple[str, ...]) -> bool:
    return value is None and name in never_empty


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(
            "occurred_at is no time; write it as 2026-11-20T23:40:00-05:00, with its time zone."
        ) from error


def _out(held: Any) -> ReportOut:
    return ReportOut(
        key=held.key,
        ref=held.source_ref,
        status=held.status,
        version=held.version,
        note=queries.astray_in_words(held),
    )
