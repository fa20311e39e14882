"""Plans: the list, one with its versions, a form with a preview."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stoop.accounts.permissions import Permission, can, page
from stoop.fieldwork import actions, queries
from stoop.fieldwork.forms import plans as forms
from stoop.fieldwork.models import Plan
from stoop.kernel.errors import Refusal


@require_safe
@page(Permission.PLANS_EDIT)
def plans(request: HttpRequest) -> HttpResponse:
    """All plans, as they are now."""
    newest: dict[str, Plan] = {}
    for each in queries.plans(request.actor):
        newest.setdefault(each.code, each)
    return render(request, "fieldwork/plans.html", {"plans": list(newest.values())})


@require_POST
@page(Permission.PLANS_EDIT)
def install(request: HttpRequest) -> HttpResponse:
    """Bring in the plans that Stoop comes with."""
    made = actions.install_plans(by=request.actor)
    messages.success(request, _("%(n)s plans brought in.") % {"n": made})
    return redirect("plans")


@require_safe
@page(Permission.PLANS_EDIT)
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """One plan; an older version of it with ?version=."""
    held = list(queries.plans(request.actor).filter(code=code))
    asked = request.GET.get("version", "")
    shown = [each for each in held if not asked or str(each.version) == asked]
    if not shown:
        raise Http404
    context = {
        "plan": shown[0],
        "said": forms.said(shown[0]),
        "versions": held,
        "newest": held[0],
        "edits": can(request.actor, Permission.PLANS_EDIT),
    }
    return render(request, "fieldwork/plan.html", context)


@require_POST
@page(Permission.PLANS_EDIT)
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Open no new response by it."""
    try:
        actions.retire_plan(code=code, by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("plans")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.PLANS_EDIT)
def change(request: HttpRequest, code: str = "") -> HttpResponse:
    """The form of a plan: look at it first, then save it as the next version."""
    held = queries.plans(request.actor).filter(code=code).first() if code else None
    if code and held is None:
        raise Http404
    begin = forms.initial(held)
    data = request.POST or None
    parts: dict[str, Any] = {
        "form": forms.PlanForm(data, initial=begin["plan"]),
        "clocks": forms.Clocks(data, initial=begin["clocks"], prefix="clocks"),
        "tasks": forms.Tasks(data, initial=begin["tasks"], prefix="tasks"),
        "counts": forms.Counts(data, initial=begin["counts"], prefix="counts"),
    }
    status, preview = 200, None
    if request.method == "POST":
        if sum(part.is_valid() for part in parts.values()) == len(parts):
            wanted = forms.wanted(
                parts["form"].cleaned_data,
                parts["clocks"].cleaned_data,
                parts["tasks"].cleaned_data,
                parts["counts"].cleaned_data,
                held,
            )
            try:
                preview = actions.checked_plan(wanted)
                if request.POST.get("do") == "save":
                    made = actions.change_plan(
                        code=code or forms.code_of(wanted["title"]),
                        wanted=wanted,
                        seen=parts["form"].cleaned_data["seen"],
                        by=request.actor,
                    )
                    messages.success(
                        request, _("Version %(n)s holds from now on.") % {"n": made.version}
                    )
                    return redirect("plan", code=made.code)
            except Refusal as refusal:
                parts["form"].add_error(None, str(refusal))
                if held:  # the newest; a second try, after a look at it, goes through
                    parts["form"].data = {**request.POST.dict(), "seen": str(held.version)}
                status, preview = 422, None
        else:
            status = 422
    context = {
        "form": parts["form"],
        "parts": [
            _part(_("By when"), parts["clocks"]),
            _part(_("Tasks"), parts["tasks"]),
            _part(_("Counts"), parts["counts"]),
        ],
        "plan": held,
        "preview": preview and forms.said(preview),
        "next": held.version + 1 if held else 1,
    }
    return render(request, "fieldwork/plan_edit.html", context, status=status)


def _part(title: str, lines: Any) -> dict[str, Any]:
    """A part of the form, folded: how many lines it holds, and whether one of them is wrong."""
    held = sum(bool(line["label"].value()) for line in lines)
    return {
        "title": title,
        "forms": lines,
        "held": ngettext("%(n)s line", "%(n)s lines", held) % {"n": held},
        "wrong": any(line.errors for line in lines),
    }
