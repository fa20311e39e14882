"""The map of shootings: its page, its data, its outlines, and what lies at a point."""

import gzip
import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Actor, Permission, can, page
from stoop.incidents import queries
from stoop.incidents.forms.map import MapForm, ViewForm
from stoop.incidents.queries import maps, outlines
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.places import queries as places

PAGE = 25
_CATCHMENT = "catchment"
_OUTLINES_KEPT_S = 3600


@require_safe
@page(Permission.INCIDENTS_VIEW)
def map_page(request: HttpRequest) -> HttpResponse:
    """Filters, map, legend; and below it in words all that the map shows."""
    seq = ledger.latest_seq()  # before all else: what comes later comes through the stream
    form = MapForm(request.GET or {"span": "7d"})
    asked = form.asked()
    actor = request.actor
    counts = maps.on_map(actor, replace(asked, show=maps.AREAS))
    rows = maps.listed(actor, asked) if maps.precise(actor) else maps.listed(actor, asked).none()
    pages = Paginator(rows, PAGE)
    if maps.precise(actor):
        pages.count = counts.total  # known already: counting a million rows takes a second
    found = pages.get_page(request.GET.get("page"))
    kind = places.main_kind()
    context = {
        "form": form,
        "counts": counts,
        "areas": _areas(counts, kind),
        "unplaced": counts.total - counts.placed,
        "precise": maps.precise(actor),
        "pages": found,
        "shown": [queries.shown(actor, each) for each in found],
        "query": _without_page(request),
        "layers": _layers(request, kind, seq),
        "told": _told(request.actor),
    }
    whole = "incidents/map/list.html" if request.htmx else "incidents/map.html"
    return render(request, whole, context)


@require_safe
@page(Permission.INCIDENTS_VIEW)
def map_incidents(request: HttpRequest) -> HttpResponse:
    """What to draw: a header in JSON and, behind it, columns of points.

    Four bytes: length of the header, little-endian. The header, padded with spaces to a multiple
    of four. For mode "points": x and y, each n 16-bit steps of the header's box, then n bytes of
    looks (see `maps.Dots`).
    """
    form, view = MapForm(request.GET), ViewForm(request.GET)
    if not form.is_valid() or not view.is_valid():
        return _wrong(form, view)
    found = maps.on_map(request.actor, form.asked(), box=view.box(), zoom=view.zoom_level())
    mark = f'"{sha256(repr((found.version, _said(request))).encode()).hexdigest()[:24]}"'
    body = b"" if request.headers.get("If-None-Match") == mark else packed(found)
    response = HttpResponse(body, content_type="application/octet-stream")
    if not body:
        response.status_code = 304
    response["ETag"] = mark
    response["Cache-Control"] = "private, no-store"
    return _zipped(request, response)


@require_safe
@page(Permission.INCIDENTS_VIEW)
def map_areas(request: HttpRequest, kind: str) -> HttpResponse:
    """Outlines of the areas of a kind as GeoJSON."""
    if kind == _CATCHMENT and not can(request.actor, Permission.SITES_VIEW):
        raise Http404
    view = ViewForm(request.GET)
    if not view.is_valid():
        return _wrong(view)
    found = outlines.outlines(kind, view.zoom_level())
    if found is None:
        raise Http404
    mark, body = f'"{found[0]}"', found[1]
    same = request.headers.get("If-None-Match") == mark
    response = HttpResponse(b"" if same else body, content_type="application/geo+json")
    if same:
        response.status_code = 304
    response["ETag"] = mark
    response["Cache-Control"] = f"private, max-age={_OUTLINES_KEPT_S}"
    return _zipped(request, response)


@require_safe
@page(Permission.INCIDENTS_BLOCK)
def map_here(request: HttpRequest) -> HttpResponse:
    """The shootings in a small box, in words."""
    form, view = MapForm(request.GET), ViewForm(request.GET)
    box = view.box() if view.is_valid() else None
    if not form.is_valid() or box is None:
        return _wrong(form, view)
    number, found = maps.here(request.actor, form.asked(), box=box)
    shown = [queries.shown(request.actor, each) for each in found]
    context = {"number": number, "shown": shown, "more": number - len(shown)}
    return render(request, "incidents/map/here.html", context)


def packed(found: maps.Dots | maps.Cells | maps.Counts) -> bytes:
    """The answer as `map_incidents` describes it."""
    head: dict[str, Any] = {"total": found.total, "placed": found.placed}
    columns = b""
    if isinstance(found, maps.Dots):
        head |= {"mode": "points", "n": int(found.x.size), "box": found.box}
        columns = found.x.tobytes() + found.y.tobytes() + found.look.tobytes()
    elif isinstance(found, maps.Cells):
        head |= {"mode": "cells", "zoom": found.zoom, "size": maps.CELL}
        head |= {"cells": found.cells, "classes": found.classes}
    else:
        head |= {"mode": "areas", "areas": found.areas, "classes": found.classes}
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + columns


def _areas(counts: Any, kind: str) -> list[tuple[str, int]]:
    """Names and counts, most first; what lies outside all areas comes last, without a name."""
    called = outlines.names(kind) if kind else {}
    inside = [(called.get(code, code), n) for code, n in counts.areas.items() if code]
    inside.sort(key=lambda each: (-each[1], each[0]))
    outside = counts.areas.get("", 0)
    return [*inside, *([("", outside)] if outside else [])]


def _layers(request: HttpRequest, kind: str, seq: int) -> dict[str, Any]:
    """What the map's script needs to know, as attributes of its element."""
    sees_sites = can(request.actor, Permission.SITES_VIEW)
    bounds = places.city_bounds()
    return {
        "incidents": reverse("map-incidents"),
        "here": reverse("map-here") if maps.precise(request.actor) else "",
        "areas": reverse("map-areas", args=[kind]) if kind else "",
        "catchments": reverse("map-areas", args=[_CATCHMENT]) if sees_sites else "",
        "stream": reverse("stream"),
        "seq": seq,
        "bounds": ",".join(f"{side:.5f}" for side in bounds) if bounds else "",
        "tiles": settings.STOOP_TILES,
        "credit": settings.STOOP_TILES_CREDIT,
        "zone": timezone.get_current_timezone_name(),
    }


def _told(actor: Actor) -> list[dict[str, str]]:
    """Layers of higher floors: each a page in words, which the map takes in and draws."""
    if not maps.precise(actor):
        return []
    found = [("zones", _("Watch zones"), _path("map-zones"))]
    if can(actor, Permission.RESPONSES_VIEW):
        found.insert(0, ("responses", _("Open responses"), _path("map-responses")))
    elif can(actor, Permission.RESPONSES_OVERSEE):
        found.insert(0, ("responses", _("Open responses"), _path("map-city-responses")))
    return [{"layer": a, "label": str(b), "path": c} for a, b, c in found if c]


def _path(name: str) -> str:
    """An address of a higher floor, if there is one."""
    try:
        return str(reverse(name))
    except NoReverseMatch:
        return ""


def _said(request: HttpRequest) -> tuple[Any, ...]:
    """What an answer hangs on besides the shootings; "the last hours" move with the minute."""
    minute = clock.now().strftime("%Y%m%d%H%M")
    return maps.precise(request.actor), sorted(request.GET.items()), minute


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return str(query.urlencode())


def _wrong(*forms: Any) -> JsonResponse:
    """What is wrong with the question, for whoever writes the program that asks it."""
    said = [
        f"{name}: {error}" if name != "__all__" else str(error)
        for form in forms
        for name, errors in form.errors.items()
        for error in errors
    ]
    return JsonResponse({"error": " ".join(said) or "Give a box."}, status=400)


def _zipped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Compressed where the reader takes it: fast rather than small, for it is made anew often."""
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    if response.content and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, compresslevel=1, mtime=0)
        response["Content-Encoding"] = "gzip"
    return response
