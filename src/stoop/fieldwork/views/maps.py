"""Open responses in words: pages of their own, which the map takes in and draws."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, page
from stoop.fieldwork.queries import maps


@require_safe
@page(Permission.RESPONSES_VIEW)
def site_responses(request: HttpRequest) -> HttpResponse:
    """The open responses of my sites."""
    return _page(request, maps.responses_on_map(request.actor))


@require_safe
@page(Permission.RESPONSES_OVERSEE)
def city_responses(request: HttpRequest) -> HttpResponse:
    """That there are responses, and how they stand; not their story."""
    return _page(request, maps.responses_in_city(request.actor))


def _page(request: HttpRequest, found: list[maps.OnMap]) -> HttpResponse:
    whole = "fieldwork/map/list.html" if request.htmx else "fieldwork/map.html"
    return render(request, whole, {"responses": found})
