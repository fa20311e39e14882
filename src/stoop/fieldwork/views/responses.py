"""The responses of a site: the list, a new one, and the page of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Permission, can, page
from stoop.fieldwork import actions, queries
from stoop.fieldwork.actions.care import by_night, rest_until
from stoop.fieldwork.actions.schema import DEBRIEF
from stoop.fieldwork.forms import responses as forms
from stoop.fieldwork.models import Response
from stoop.fieldwork.queries.boards import line
from stoop.fieldwork.queries.detail import Detail, detail, organizations
from stoop.fieldwork.queries.plans import plans_by_hand
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal

ON_A_PAGE = 30


@require_safe
@page(Permission.RESPONSES_VIEW)
def responses(request: HttpRequest) -> HttpResponse:
    """All responses of my sites, open or ended, the newest first."""
    ended = request.GET.get("ended") == "1"
    held = queries.responses(request.actor).filter(closed_at__isnull=not ended)
    held = held.select_related("incident").order_by("-opened_at", "-pk")
    pages = Paginator(held.prefetch_related("clocks__owner"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    now = clock.now()
    context = {
        "page": pages,
        "lines": [line(request.actor, each, now) for each in pages],
        "ended": ended,
        "query": "ended=1" if ended else "",
        "may_lead": can(request.actor, Permission.RESPONSES_LEAD),
    }
    return render(request, "fieldwork/responses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RESPONSES_LEAD)
def new(request: HttpRequest) -> HttpResponse:
    """Open a response to something that no report tells of."""
    sites = list(accounts.sites(request.actor, Permission.RESPONSES_LEAD))
    plans = plans_by_hand()
    begin = {"once": ids.new(), "began_at": clock.now()}
    form = forms.OpenForm(sites, plans, request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.open_response(
                site=next(site for site in sites if site.code == said["site"]),
                plan=said["plan"],
                place=said["place"],
                began_at=said["began_at"],
                once=said["once"],
                by=request.actor,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("response", key=made.key)
    status = 422 if form.is_bound else 200
    return render(request, "fieldwork/new.html", {"form": form, "plans": plans}, status=status)


@require_safe
@page(Permission.RESPONSES_VIEW)
def response(request: HttpRequest, key: UUID) -> HttpResponse:
    """The page that a supervisor uses on the street."""
    return show(request, queries.response(request.actor, key))


@require_safe
@page(Permission.RESPONSES_VIEW)
def to_incident(request: HttpRequest, key: UUID) -> HttpResponse:
    """From a shooting to what the sites of the reader do about it; to the board when nothing."""
    found = queries.responses_to_key(request.actor, key)
    if not found:
        messages.info(request, _("Your site has no response to this shooting."))
        return redirect("board")
    return redirect("response", key=found[0].key)


def show(
    request: HttpRequest,
    found: Response,
    *,
    where: str = "",
    why: str = "",
    typed: Any = None,
) -> HttpResponse:
    """The page of a response; `where` names the form that was refused, `typed` is that form."""
    seen = detail(request.actor, found)
    context = {
        "seen": seen,
        "response": seen.response,
        "where": where,
        "why": why,
        "counting": _counting(seen, where, typed),
        "tasks": _tasks(seen, where, typed),
        "new_task": typed
        if where == "task-new" and typed
        else forms.NewTaskForm(seen.response.plan, seen.people, initial={"once": ids.new()}),
        "reading": fresh(typed, seen.response.version)
        if where == "retaliation" and typed
        else _reading(seen),
        "closing": forms.CloseForm(initial={"seen": seen.response.version}),
        "reasons": forms.REASONS,
        "owed": [each for each in seen.clocks if each.running and each.clock.code == DEBRIEF],
        "left": sum(each.running for each in seen.clocks),
        "once": ids.new(),
        "rest_until": rest_until(clock.now()),
        "night": by_night(clock.now()),
    }
    return render(request, "fieldwork/response.html", context, status=422 if where else 200)


def _reading(seen: Detail) -> forms.RetaliationForm:
    begin = {"seen": seen.response.version, "hours": "72"}
    if seen.assessed:
        begin["level"] = str(seen.response.retaliation)
    return forms.RetaliationForm(initial=begin)


def _counting(seen: Detail, where: str, typed: Any) -> list[dict[str, Any]]:
    """A form for each line of the plan's counts, with its sum so far."""
    asked = organizations()
    found = []
    for each in seen.response.plan.counts_said:
        refused = where == f"count-{each['code']}"
        begin = {**forms.count_begins(each), "once": ids.new()}
        so_far = [one for one in seen.sums if one.code == each["code"]]
        said = [one for one in so_far if one.number is not None]
        found.append(
            {
                "line": each,
                "said": bool(said),
                "unsaid": bool(each["kinds"]) and len(said) < len(so_far),
                "form": typed if refused else forms.CountForm(each, asked, initial=begin),
                "sums": so_far,
                "refused": refused,
                "taps": (1, 5, 10) if not each["kinds"] and not each["where"] else (),
            }
        )
    return found


def fresh(form: Any, version: int) -> Any:
    """The same form as typed, for the version that is shown now: a second try goes through."""
    form.data = {**{name: form.data.get(name, "") for name in form.fields}, "seen": str(version)}
    return form


def _tasks(seen: Detail, where: str, typed: Any) -> list[dict[str, Any]]:
    found = []
    for task in seen.tasks:
        refused = where == f"task-{task.key}"
        now = {"seen": task.version, "owner": str(task.owner_id or ""), "outcome": task.outcome}
        form = forms.TaskForm(seen.people, auto_id=f"{task.key}_%s", initial=now)
        found.append(
            {
                "task": task,
                "refused": refused,
                "was": now,
                "form": fresh(typed, task.version) if refused and typed else form,
            }
        )
    return found
