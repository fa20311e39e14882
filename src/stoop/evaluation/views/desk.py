"""The desk of an evaluator: the list of studies, one of them, and what may be done with it."""

import tomllib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stoop.accounts.permissions import Permission, can, page
from stoop.evaluation import actions, queries
from stoop.evaluation.forms import WithdrawForm
from stoop.evaluation.models import Registration, Run, Study
from stoop.evaluation.views.background import work_on
from stoop.kernel.errors import Refusal


@dataclass(frozen=True)
class Change:
    """A version, and what it changed of the one before."""

    version: Registration
    diff: str


@require_safe
@page(Permission.STUDIES_WORK)
def studies(request: HttpRequest) -> HttpResponse:
    """All studies, and how far each has come."""
    return render(
        request, "evaluation/desk/studies.html", {"studies": list(queries.studies(request.actor))}
    )


@require_safe
@page(Permission.STUDIES_WORK)
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """One study; its run alone, for a page that asks how far it is."""
    held = queries.study(request.actor, slug)
    versions, runs = queries.registrations(held), queries.runs(held)
    newest = versions[-1] if versions else None
    latest = runs[0] if runs and newest and runs[0].registration_id == newest.pk else None
    context: dict[str, Any] = {
        "study": held,
        "run": latest,
        "stale": latest is not None and latest.is_stale(),
        "waits_long": latest is not None and latest.waits_long(),
        "earlier": [each for each in runs if each != latest],
        "newest": newest,
        "changes": _changes(versions),
        "publications": queries.publications(held),
        "files": _files(held, latest),
        "may_publish": can(request.actor, Permission.STUDIES_PUBLISH),
        "may_take": can(request.actor, Permission.STUDIES_DATA),
        "is_new": latest is not None and latest.is_well and held.published_id != latest.pk,
    }
    # When it has ended the page has other buttons too, so all of it is asked for again.
    part = request.htmx and held.state == Study.State.RUNNING
    whole = "evaluation/desk/_run.html" if part else "evaluation/desk/study.html"
    answer = render(request, whole, context)
    if request.htmx and not part:
        answer["HX-Refresh"] = "true"
    return answer


def _changes(versions: list[Registration]) -> list[Change]:
    """The newest first, each with its difference from the one before."""
    pairs = zip(versions, queries.differences(versions), strict=True)
    return [Change(version, diff) for version, diff in pairs][::-1]


def _files(held: Study, run: Run | None) -> list[str]:
    """Names of what the run has left, the page first."""
    if run is None or not run.is_well:
        return []
    folder = queries.folder_of(held.slug, run) / queries.MADE
    found = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    return sorted(found, key=lambda name: name != "study.html")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_WORK)
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Look once more, then freeze the design."""
    held = queries.study(request.actor, slug)
    if request.method == "POST":
        read = request.POST.get("sha256", "")
        try:
            actions.register_study(study=held, by=request.actor, sha256=read)
            messages.success(request, _("Registered. The design is frozen; now it can be run."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect("study", held.slug)
    if held.state != Study.State.DRAFT:
        return redirect("study", held.slug)
    context = {"study": held, "sha256": queries.digest_of(held.text)}
    return render(request, "evaluation/desk/register.html", context)


@require_POST
@page(Permission.STUDIES_WORK)
def run(request: HttpRequest, slug: str) -> HttpResponse:
    """Have it worked out in the background."""
    held = queries.study(request.actor, slug)
    try:
        actions.start_run(study=held, by=request.actor, enqueue=work_on.enqueue)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("study", held.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_PUBLISH)
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Look once more at what everybody will read, then publish it."""
    held = queries.study(request.actor, slug)
    if request.method == "POST":
        try:
            read = request.POST.get("run", "")
            actions.publish_finding(study=held, by=request.actor, run=read)
            messages.success(request, _("Published."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect("study", held.slug)
    last = queries.last_finding(held)
    if held.state != Study.State.FINISHED or last is None:
        return redirect("study", held.slug)
    # A registered design has been read already; here only its reason is wanted.
    why_small = tomllib.loads(held.text).get("small_cells", {}).get("publish", "")
    others = queries.studies(request.actor).filter(published__isnull=False, withdrawn_at=None)
    beside = [] if why_small else [each.title for each in others.exclude(pk=held.pk)]
    context = {"study": held, "run": last, "why_small": why_small, "beside": beside}
    return render(request, "evaluation/desk/publish.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_PUBLISH)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the finding out of public, with the reason."""
    held = queries.study(request.actor, slug)
    run = str(held.published.key) if held.published else ""
    form = WithdrawForm(request.POST if request.method == "POST" else None, {"run": run})
    if form.is_valid():
        try:
            actions.withdraw_finding(study=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Withdrawn."))
            return redirect("study", held.slug)
        except Refusal as refusal:
            form.add_error("why", str(refusal))
    if not held.is_public:
        return redirect("study", held.slug)
    if form.is_bound:  # what stands there now is shown; a second try, after a look, goes through
        form.data = {**form.data.dict(), "run": run}
    context = {"study": held, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "evaluation/desk/withdraw.html", context, status=status)
