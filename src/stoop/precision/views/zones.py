"""The watch zones that hold now: a page in words, which the map takes in and draws."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, page
from stoop.precision import queries
from stoop.precision.views.sentences.watch import watch_sentence


@require_safe
@page(Permission.INCIDENTS_BLOCK)
def zones(request: HttpRequest) -> HttpResponse:
    """How much the zones mean, and each with its place, its size and its end."""
    context = {
        "says": watch_sentence(queries.watch_run(request.actor)),
        "zones": queries.zones(request.actor),
    }
    whole = "precision/zones/list.html" if request.htmx else "precision/zones.html"
    return render(request, whole, context)
