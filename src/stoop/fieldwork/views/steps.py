"""What is done on the page of a response: each button is one of these, and leads back to it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Permission, page
from stoop.fieldwork import actions, queries
from stoop.fieldwork.actions.clocks import ON_SCENE
from stoop.fieldwork.forms import responses as forms
from stoop.fieldwork.models import Response
from stoop.fieldwork.queries.detail import organizations
from stoop.fieldwork.views.responses import show
from stoop.kernel import clock
from stoop.kernel.errors import Refusal


def _back(found: Response, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('response', args=[found.key])}#{anchor}")


def _step(
    request: HttpRequest,
    found: Response,
    where: str,
    act: Callable[[], str],
    *,
    anchor: str = "",
    typed: Any = None,
) -> HttpResponse:
    """Do it and go back to the page, or show the page with the reason beside the form."""
    try:
        said = act()
    except Refusal as refusal:
        return show(request, found, where=where, why=str(refusal), typed=typed)
    if said:
        messages.success(request, said)
    return _back(found, anchor or where)


def _wrong(form: django_forms.Form) -> str:
    """What is wrong with a form, in one line."""
    first = next(iter(form.errors.items()), ("", [""]))
    label = form.fields[first[0]].label if first[0] in form.fields else ""
    return f"{label}: {first[1][0]}" if label else str(first[1][0])


@require_POST
@page(Permission.RESPONSES_WORK)
def clock_step(request: HttpRequest, key: UUID, code: str) -> HttpResponse:
    """A clock: done now, taken back, not needed, or given to somebody."""
    found = queries.response(request.actor, key)
    said = {"response": found, "code": code, "by": request.actor}
    steps: dict[str, Callable[[], Any]] = {
        "done": lambda: actions.meet_clock(**said),
        "undo": lambda: actions.unmeet_clock(**said),
        "not_needed": lambda: actions.waive_clock(
            **said, reason=request.POST.get("reason", "")[:20]
        ),
        "give": lambda: actions.give_clock(
            **said,
            person=_person(found, request.POST.get("owner", "")),
            was=request.POST.get("was_owner"),
        ),
    }
    what = next((each.said for each in found.clocks.all() if each.code == code), "")
    words = {
        "done": _("Done: %(what)s."),
        "undo": _("Taken back: %(what)s."),
        "not_needed": _("Not needed: %(what)s."),
    }
    asked = request.POST.get("do", "")
    if asked not in steps:
        raise Http404

    def act() -> str:
        steps[asked]()
        return words.get(asked, _("Saved: %(what)s.")) % {"what": what}

    # Whoever was on the scene is shown the rest that it gave, and how to end it.
    anchor = "rest" if code == ON_SCENE and asked == "done" else "clocks"
    return _step(request, found, f"clock-{code}", act, anchor=anchor)


def _person(found: Response, said: str) -> Any:
    """The person of the site with that id; None for an empty choice."""
    if not said:
        return None
    people = accounts.people_at(found.site_id)
    chosen = people.filter(pk=int(said)).first() if said.isdecimal() and len(said) < 16 else None
    if chosen is None:
        raise Refusal(_("That person is not of this site today; choose somebody from the list."))
    return chosen


@require_POST
@page(Permission.RESPONSES_WORK)
def count_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Count something; the same form sent twice counts once, and says so."""
    found = queries.response(request.actor, key)
    what = request.POST.get("what", "")
    plan_line = next((each for each in found.plan.counts_said if each["code"] == what), None)
    if plan_line is None:
        return show(request, found, where="counts", why=_("Choose what was counted."))
    form = forms.CountForm(plan_line, organizations(), request.POST)
    where = f"count-{what}"
    if not form.is_valid():
        return show(request, found, where=where, why=_wrong(form), typed=form)
    said = form.cleaned_data
    twice = found.counts.filter(once=str(said["once"])).exists()

    def act() -> str:
        actions.count(
            response=found,
            what=what,
            number=said["number"],
            part=said.get("part"),
            kind=said.get("kind", ""),
            block=said.get("block", ""),
            organization=_organization(said.get("organization", "")),
            day=date.fromisoformat(said["day"]),
            hour=int(said["hour"]) if "hour" in said else None,
            once=said["once"],
            by=request.actor,
        )
        return _("That was counted already.") if twice else _("Counted.")

    return _step(request, found, where, act, typed=form)


def _organization(said: str) -> Any:
    return next((each for each in organizations() if str(each.pk) == said), None)


@require_POST
@page(Permission.RESPONSES_WORK)
def count_undo(request: HttpRequest, key: UUID, count: UUID) -> HttpResponse:
    """Take a count back."""
    found = queries.response(request.actor, key)
    counted = found.counts.select_related("response__site").filter(key=count).first()
    if counted is None:
        raise Http404

    def act() -> str:
        actions.undo_count(counted=counted, by=request.actor)
        return _("Taken back.")

    return _step(request, found, "counted", act)


@require_POST
@page(Permission.RESPONSES_WORK)
def task_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Add a task from the plan's list."""
    found = queries.response(request.actor, key)
    people = list(accounts.people_at(found.site_id, Permission.RESPONSES_WORK))
    form = forms.NewTaskForm(found.plan, people, request.POST)
    if not form.is_valid():
        return show(request, found, where="task-new", why=_wrong(form), typed=form)
    said = form.cleaned_data

    def act() -> str:
        hours = said["hours"]
        actions.add_task(
            response=found,
            code=said["code"],
            owner=_person(found, said["owner"]),
            due_at=clock.now() + timedelta(hours=int(hours)) if hours else None,
            once=said["once"],
            by=request.actor,
        )
        return _("Added.")

    return _step(request, found, "task-new", act, anchor="tasks", typed=form)


@require_POST
@page(Permission.RESPONSES_WORK)
def task_step(request: HttpRequest, key: UUID, task: UUID) -> HttpResponse:
    """Say who does a task and how it ended."""
    found = queries.response(request.actor, key)
    chosen = found.tasks.select_related("response__site").filter(key=task).first()
    if chosen is None:
        raise Http404
    people = list(accounts.people_at(found.site_id, Permission.RESPONSES_WORK))
    form = forms.TaskForm(people, request.POST, auto_id=f"{task}_%s")
    where = f"task-{task}"
    if not form.is_valid():
        return show(request, found, where=where, why=_wrong(form), typed=form)
    said = form.cleaned_data
    # Only what this form changed: what a colleague changed meanwhile in another field stays.
    wanted: dict[str, Any] = {}
    if said["outcome"] != request.POST.get("was_outcome", ""):
        wanted["outcome"] = said["outcome"]

    def act() -> str:
        if said["owner"] != request.POST.get("was_owner", ""):
            wanted["owner"] = _person(found, said["owner"])
        actions.change_task(task=chosen, seen=said["seen"], by=request.actor, **wanted)
        return _("Saved.")

    return _step(request, found, where, act, anchor="tasks", typed=form)


@require_POST
@page(Permission.RESPONSES_WORK)
def retaliation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Set the team's reading of the situation."""
    found = queries.response(request.actor, key)
    form = forms.RetaliationForm(request.POST)
    if not form.is_valid():
        return show(request, found, where="retaliation", why=_wrong(form), typed=form)
    said = form.cleaned_data

    def act() -> str:
        actions.set_retaliation(
            response=found,
            level=int(said["level"]),
            hours=int(said["hours"]),
            seen=said["seen"],
            by=request.actor,
        )
        return _("Saved.")

    return _step(request, found, "retaliation", act, typed=form)


@require_POST
@page(Permission.RESPONSES_WORK)
def response_step(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take it; say that one was there, or is called first again, or has read the correction;
    close it, open it again."""
    found = queries.response(request.actor, key)
    said = {"response": found, "by": request.actor}
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else None
    outcome = request.POST.get("outcome", "")[:20]
    steps: dict[str, tuple[Callable[[], Any], str]] = {
        "take": (
            lambda: actions.take_response(**said, was=request.POST.get("was_lead")),
            _("You lead it now."),
        ),
        "there": (lambda: actions.note_presence(**said), ""),
        "rested": (lambda: actions.end_rests(by=request.actor), _("You are called first again.")),
        "seen": (lambda: actions.see_notice(**said, seen=version), ""),
        "close": (
            lambda: actions.close_response(**said, seen=version, outcome=outcome),
            _("Closed."),
        ),
        "reopen": (lambda: actions.reopen_response(**said), _("Open again.")),
    }
    asked = request.POST.get("do", "")
    if asked not in steps:
        raise Http404
    act, word = steps[asked]

    def done() -> str:
        act()
        return word

    anchor = "rest" if asked in ("there", "rested") else "main"
    return _step(request, found, asked, done, anchor=anchor)
