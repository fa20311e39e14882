"""Shootings as lists: all, those that wait, and as a file."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, can, page
from stoop.incidents import queries
from stoop.incidents.forms import FilterForm
from stoop.incidents.models import Incident
from stoop.incidents.views import words
from stoop.kernel import csvs
from stoop.places import queries as places

ON_A_PAGE = 50
# Nobody pages through more; counting them all would be slow in a city with a long record.
COUNTED = 10_000
IN_A_FILE = 200_000
HEADER = (
    *("key", "status", "kind", "occurred_at", "time_known", "area", "areas"),
    *("block", "lon", "lat", "killed", "hurt", "version"),
)


class Pages(Paginator[Incident]):
    """Pages that are counted as far as anybody turns them."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[:COUNTED].count())


@require_safe
@page(Permission.INCIDENTS_VIEW)
def incidents(request: HttpRequest) -> HttpResponse:
    """All shootings that the reader may see, the latest first, filtered."""
    form = _filter(request)
    found = _filtered(request, form)
    shown = Pages(found, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = queries.rows(request.actor, found, max(shown.start_index() - 1, 0), shown.end_index())
    kind = places.main_kind()
    context = {
        "form": form,
        "page": shown,
        "lines": [words.line(request.actor, each, kind) for each in rows],
        "more": shown.paginator.count >= COUNTED,
        "query": _query(form),
        "filtered": bool(_query(form)),
        "precise": can(request.actor, Permission.INCIDENTS_BLOCK),
        "area_kind": kind,
        "waiting": queries.waiting(request.actor).count(),
        "decides": can(request.actor, Permission.INCIDENTS_DECIDE),
    }
    return render(request, "incidents/list.html", context, status=200 if form.is_valid() else 422)


@require_safe
@page(Permission.INCIDENTS_DECIDE)
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for the duty officer, with what stands near each."""
    found = Paginator(queries.waiting(request.actor), 20).get_page(request.GET.get("page"))
    kind = places.main_kind()
    by = queries.reporters(request.actor, found)
    names = words.names(request.actor, by.values())
    near = queries.near_each(found)
    waits = queries.waits(found)
    lines = [
        {
            "line": words.line(request.actor, each, kind, source=_from(each, names[by[each.pk]])),
            "waits": waits.get(each.pk),
            "near": words.lines(request.actor, near.get(each.pk, [])[:3], kind),
        }
        for each in found
    ]
    context = {"lines": lines, "page": found, "area_kind": kind, "sure": words.SURE}
    return render(request, "incidents/waiting.html", context)


@require_safe
@page(Permission.INCIDENTS_VIEW)
def incidents_csv(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """The same list as CSV, each row as precisely as the reader may see it."""
    form = _filter(request)
    if not form.is_valid():
        return HttpResponse(
            _("A filter is not understood; open the list and set it anew."), status=422
        )
    found = _filtered(request, form)[:IN_A_FILE].iterator(chunk_size=2000)
    main = places.main_kind()
    told = queries.unordered(request.actor, found)
    rows = (_row(queries.shown(request.actor, each), main) for each in told)
    response = StreamingHttpResponse(
        csvs.lines(HEADER, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="shootings.csv"'
    return response


def _from(held: Incident, name: str) -> str:
    """Who told of it: at the desk a person, else the source."""
    return name if held.source.code == queries.DESK else held.source.name


def _row(seen: queries.Shown, main: str) -> list[Any]:
    moment = timezone.localtime(seen.occurred_at)
    areas = "; ".join(f"{kind} {' '.join(codes)}" for kind, codes in sorted(seen.areas.items()))
    return [
        seen.key,
        seen.status,
        seen.kind,
        moment.isoformat() if seen.time_known else moment.date().isoformat(),
        "yes" if seen.time_known else "no",
        " ".join(seen.areas.get(main, ())),
        areas,
        seen.block,
        seen.lon,
        seen.lat,
        seen.killed,
        seen.hurt,
        seen.version,
    ]


def _filter(request: HttpRequest) -> FilterForm:
    form = FilterForm(request.GET, precise=can(request.actor, Permission.INCIDENTS_BLOCK))
    form.is_valid()
    return form


def _filtered(request: HttpRequest, form: FilterForm) -> QuerySet[Incident]:
    said = form.cleaned_data if form.is_valid() else {}
    return queries.filtered(
        request.actor,
        since=said.get("since"),
        until=said.get("until"),
        kind=said.get("kind", ""),
        status=said.get("status", ""),
        area=said.get("area", ""),
        street=said.get("street", ""),
    )


def _query(form: FilterForm) -> str:
    said = getattr(form, "cleaned_data", {})
    return urlencode({name: value for name, value in said.items() if value})
