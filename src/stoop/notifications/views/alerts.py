"""Alerts: what waits, one alert with its story, taking it."""

import base64
import binascii
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from stoop.accounts.permissions import Permission, can, page
from stoop.kernel.errors import Refusal
from stoop.notifications import actions, queries
from stoop.notifications.models import Alert

PAGE = 25


@require_GET
@page(Permission.SELF)
def mine(request: HttpRequest) -> HttpResponse:
    """What is open first, then what one was told."""
    inbox = queries.inbox(request.actor)
    waiting = [(each, actions.may_take(request.actor, each)) for each in inbox.open]
    past = Paginator(inbox.past, PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": waiting,
        "page": past,
        "here": "mine",
        "audits": can(request.actor, Permission.ALERTS_AUDIT),
        "hears": queries.hears(request.actor),
    }
    return render(request, "notifications/alerts.html", context)


@require_GET
@page(Permission.ALERTS_AUDIT)
def every(request: HttpRequest) -> HttpResponse:
    """Every alert of the sites that one looks after."""
    rows = Paginator(queries.all_of(request.actor), PAGE).get_page(request.GET.get("page"))
    context = {"page": rows, "here": "every", "audits": True}
    return render(request, "notifications/every.html", context)


@require_GET
@page(Permission.SELF)
def alert(request: HttpRequest, key: UUID) -> HttpResponse:
    """One alert: take it, or see who has it; who was told, when, by what, with what result."""
    found = _found(request, key)
    story = queries.story_of(request.actor, found)
    context = {
        "alert": found,
        "story": story,
        "may_take": found.open and actions.may_take(request.actor, found),
        "more_steps": found.step + 1 < len(found.steps),
        "moving": found.open or any(word.state == "due" for word in story.words),
        "leads_on": found.path.startswith("/") and found.path[1:2] not in ("", "/", "\\"),
        "mine": found.taken_by_id is not None and found.taken_by == request.actor.person,
        "about": found.subject.partition(":")[2] if found.to_take else "",
    }
    template = "notifications/told.html" if request.htmx else "notifications/alert.html"
    return render(request, template, context)


@require_POST
@page(Permission.SELF)  # who may take which is the action's to say
def take(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take it with one tap; whoever comes second is told who has it."""
    taken = actions.take(alert=_found(request, key), by=request.actor)
    if not taken.mine:  # the page itself says "You have it."
        messages.info(request, taken.sentence)
    return redirect("alert", key=key)


@require_POST
@page(Permission.SELF)  # who may take which is the action's to say
def give_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give back what one took."""
    try:
        actions.give_back(alert=_found(request, key), by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("alert", key=key)


@require_GET
@page(Permission.SELF)
def short(request: HttpRequest, code: str) -> HttpResponse:
    """From the short link in a text message to the alert's page."""
    try:
        key = UUID(bytes=base64.urlsafe_b64decode(code + "=="))
    except (binascii.Error, ValueError):
        raise Http404 from None
    return redirect("alert", key=key)


def _found(request: HttpRequest, key: UUID) -> Alert:
    found = queries.one(request.actor, key)
    if found is None:
        raise Http404
    return found
