"""Writing a design down: by a form, by a file, as text; and amending a registered one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stoop.accounts.permissions import Permission, page
from stoop.evaluation import actions, queries
from stoop.evaluation.forms import AmendForm, DesignForm, TextForm, UploadForm
from stoop.evaluation.models import Study
from stoop.kernel.errors import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_WORK)
def new(request: HttpRequest) -> HttpResponse:
    """The choices of a new study, which become its STUDY.toml."""
    form = DesignForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.draft_study(text=form.text(), by=request.actor)
            return _drafted(request, made)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return _new(request, form, UploadForm())


@require_POST
@page(Permission.STUDIES_WORK)
def upload(request: HttpRequest) -> HttpResponse:
    """A new study from a STUDY.toml."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = actions.draft_study(text=form.cleaned_data["file"], by=request.actor)
            return _drafted(request, made)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    return _new(request, DesignForm(), form)


def _drafted(request: HttpRequest, made: Study) -> HttpResponse:
    messages.success(request, _("Drafted. Read it once more, then register it."))
    return redirect("study", made.slug)


def _new(request: HttpRequest, form: DesignForm, file: UploadForm) -> HttpResponse:
    bad = form.is_bound or file.is_bound
    context = {"form": form, "upload": file}
    return render(request, "evaluation/desk/new.html", context, status=422 if bad else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_WORK)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The text of a draft."""
    held = queries.study(request.actor, slug)
    if held.state != Study.State.DRAFT:
        return redirect("study-amend", held.slug)
    form = TextForm(request.POST or None, initial=_now(held))
    if form.is_valid():
        try:
            actions.draft_study(study=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("study", held.slug)
        except Refusal as refusal:
            form.add_error("text", str(refusal))
    return _form(request, "evaluation/desk/edit.html", held, form)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_WORK)
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then remove a draft."""
    held = queries.study(request.actor, slug)
    if request.method == "POST":
        try:
            actions.delete_draft(study=held, by=request.actor)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("study", held.slug)
        messages.success(request, _("Deleted."))
        return redirect("studies")
    if held.state != Study.State.DRAFT:
        return redirect("study", held.slug)
    return render(request, "evaluation/desk/delete.html", {"study": held})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.STUDIES_WORK)
def amend(request: HttpRequest, slug: str) -> HttpResponse:
    """Another version of a registered design, with the reason."""
    held = queries.study(request.actor, slug)
    if held.state == Study.State.DRAFT:
        return redirect("study-edit", held.slug)
    form = AmendForm(request.POST or None, initial=_now(held))
    if form.is_valid():
        try:
            actions.amend_study(study=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Amended. What was registered before stays on the page."))
            return redirect("study", held.slug)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return _form(request, "evaluation/desk/amend.html", held, form)


def _now(held: Study) -> dict[str, str]:
    return {"text": held.text, "seen": queries.digest_of(held.text)}


def _form(request: HttpRequest, template: str, held: Study, form: Any) -> HttpResponse:
    """What was typed, and beside it the design as it stands where somebody changed it meanwhile:
    a second try, after a look at it, goes through."""
    now, theirs = _now(held), ""
    if form.is_bound and form.data.get("seen") not in (None, "", now["seen"]):
        theirs = now["text"]
        form.data = {**form.data.dict(), "seen": now["seen"]}
    context = {"study": held, "form": form, "theirs": theirs}
    return render(request, template, context, status=422 if form.is_bound else 200)
