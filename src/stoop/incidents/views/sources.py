"""Who reports: for administrators."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stoop.accounts.permissions import Permission, page
from stoop.incidents import actions, queries
from stoop.incidents.forms import FeedForm, LimitForm, SourceForm
from stoop.incidents.models import Source
from stoop.kernel.errors import Refusal


@require_safe
@page(Permission.SOURCES_EDIT)
def sources(request: HttpRequest) -> HttpResponse:
    """All sources, and how the last poll of each went."""
    found = list(queries.sources(request.actor))
    return render(request, "incidents/sources.html", {"sources": found})


@require_http_methods(["GET", "POST"])
@page(Permission.SOURCES_EDIT)
def source_add(request: HttpRequest) -> HttpResponse:
    """A new source."""
    form = SourceForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_valid():
        try:
            made = actions.add_source(by=request.actor, **form.cleaned_data)
            messages.success(request, _("Added. Give it a key, or say where to ask it."))
            return redirect("source", made.code)
        except Refusal as error:
            refusal = error
    context = {"form": form, "refusal": refusal}
    bad = form.is_bound
    return render(request, "incidents/source_add.html", context, status=422 if bad else 200)


@require_http_methods(["GET", "POST"])
@page(Permission.SOURCES_EDIT)
def source(request: HttpRequest, code: str) -> HttpResponse:
    """One source: its state, its key, its feed."""
    held = _one(request, code)
    if request.method == "GET":
        return _page(request, held, FeedForm(initial=_typed(held)))
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, held, form)
    try:
        actions.set_feed(source=held, by=request.actor, **form.cleaned_data)
    except Refusal as refusal:
        now = _one(request, code)
        # A second try, after a look at what stands now, goes through.
        form.data = {**form.data.dict(), "seen": queries.feed_seen(now)}
        return _page(request, now, form, refusal=refusal)
    messages.success(request, _("Saved."))
    return redirect("source", held.code)


@require_POST
@never_cache
@page(Permission.SOURCES_EDIT)
def source_key(request: HttpRequest, code: str) -> HttpResponse:
    """A new key, shown on this one page and never again."""
    held = _one(request, code)
    key = actions.issue_key(source=held, by=request.actor)
    return _page(request, held, FeedForm(initial=_typed(held)), key=key)


@require_POST
@page(Permission.SOURCES_EDIT)
def source_limit(request: HttpRequest, code: str) -> HttpResponse:
    """How much of what it says may reach people in an hour."""
    held = _one(request, code)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _page(request, held, FeedForm(initial=_typed(held)), limit=form)
    try:
        actions.set_limit(source=held, by=request.actor, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error("most_an_hour", str(refusal))
        form.data = {**form.data.dict(), "seen": _one(request, code).most_an_hour}
        return _page(request, held, FeedForm(initial=_typed(held)), limit=form)
    messages.success(request, _("Saved."))
    return redirect("source", held.code)


@require_POST
@page(Permission.SOURCES_EDIT)
def source_switch(request: HttpRequest, code: str) -> HttpResponse:
    """On or off."""
    held = _one(request, code)
    actions.switch_source(source=held, active=request.POST.get("active") == "yes", by=request.actor)
    return redirect("source", held.code)


def _one(request: HttpRequest, code: str) -> Source:
    held = queries.sources(request.actor).filter(code=code).first()
    if held is None:
        raise Http404
    return held


def _typed(held: Source) -> dict[str, Any]:
    feed = held.feed
    seen = {"seen": queries.feed_seen(held)}
    if not feed:
        return seen
    columns = ", ".join(f"{role}={name}" for role, name in feed.get("columns", {}).items())
    return {**feed, **seen, "columns": columns}


def _page(request: HttpRequest, held: Source, form: FeedForm, **more: Any) -> HttpResponse:
    context = {
        "source": held,
        "form": form,
        "host": urlsplit(held.feed.get("url", "")).hostname or "",
        "key": "",
        "limit": LimitForm(initial={"most_an_hour": held.most_an_hour, "seen": held.most_an_hour}),
        "hour": queries.hour_of_source(held),
        "refusal": None,
        "by_hand": held.code == queries.DESK,
        **more,
    }
    limit = context["limit"]
    bad = form.errors or limit.errors or (form.is_bound and more.get("refusal"))
    return render(request, "incidents/source.html", context, status=422 if bad else 200)
