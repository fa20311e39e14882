"""The weekly sheet of a site, on screen, on paper and as a file."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Permission, page
from stoop.fieldwork import queries
from stoop.fieldwork.queries.weeks import Week, monday_of
from stoop.kernel import clock, csvs

HEADER = ("site", "week", "part", "what", "of", "number", "out_of", "note")


@require_safe
@page(Permission.RESPONSES_VIEW)
def week(request: HttpRequest) -> HttpResponse:
    """This week of my site; a list to choose from where there are several."""
    monday = monday_of(timezone.localdate(clock.now()))
    sites = list(accounts.sites(request.actor, Permission.RESPONSES_VIEW))
    if len(sites) == 1:
        return redirect("week-sheet", site=sites[0].code, monday=monday.isoformat())
    return render(request, "fieldwork/weeks.html", {"sites": sites, "monday": monday})


def _asked(request: HttpRequest, site: str, monday: str) -> Week:
    where = accounts.sites(request.actor, Permission.RESPONSES_VIEW).filter(code=site).first()
    try:
        day = date.fromisoformat(monday)
    except ValueError:
        raise Http404 from None
    if where is None or not 2000 <= day.year <= 2100 or day.weekday() != 0:
        raise Http404
    return queries.week(request.actor, where, day)


@require_safe
@page(Permission.RESPONSES_VIEW)
def sheet(request: HttpRequest, site: str, monday: str) -> HttpResponse:
    """The sheet of one week."""
    found = _asked(request, site, monday)
    context = {
        "week": found,
        "before": (found.monday - timedelta(days=7)).isoformat(),
        "after": (found.monday + timedelta(days=7)).isoformat(),
        "written_at": clock.now(),
    }
    return render(request, "fieldwork/week.html", context)


@require_safe
@page(Permission.RESPONSES_VIEW)
def sheet_csv(request: HttpRequest, site: str, monday: str) -> StreamingHttpResponse:
    """The same as CSV: one number a row, empty where nothing was written down."""
    found = _asked(request, site, monday)
    response = StreamingHttpResponse(
        csvs.lines(HEADER, _rows(found)), content_type="text/csv; charset=utf-8"
    )
    name = f"week-{found.site.code}-{found.monday.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(week: Week) -> Iterator[list[Any]]:
    first = [week.site.code, week.monday.isoformat()]
    for what in ("opened", "closed", "stood_down", "running"):
        yield [*first, "responses", what, "", getattr(week, what), "", ""]
    for kept in week.kept:
        rest = _("not needed %(a)s, not yet due %(b)s") % {"a": kept.not_needed, "b": kept.not_yet}
        yield [*first, "clocks in time", kept.label, "", kept.in_time, kept.due, rest]
    for row in week.canvassed:
        yield [*first, "canvass hours", row.block, "", row.hours, "", ""]
        yield [*first, row.label, row.block, "", row.number, "", ""]
        if row.part_label:
            yield [*first, row.label, row.block, row.part_label, row.part, row.part_of, ""]
    for each in week.counted:
        note = _("not recorded") if each.number is None else ""
        yield [*first, "counts", each.label, each.kind, each.number, "", note]
        if each.part_label:
            yield [*first, "counts", each.part_label, each.kind, each.part, each.part_of, ""]
    rota = week.rota
    yield [*first, "rota", "hours on call", "", round(rota.covered_hours, 2), rota.hours, ""]
