"""The first page of everybody, the board of a site, the board of the city."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Actor, Permission, can, page
from stoop.fieldwork import queries
from stoop.fieldwork.queries.rota import my_shifts, rests
from stoop.kernel import clock
from stoop.ledger.queries import anchor

DAYS = (7, 30)
MOST_KEPT = 16
_kept: dict[Any, str] = {}
# Where everybody else begins: the first page that their role opens.
ELSEWHERE = (
    (Permission.INCIDENTS_VIEW, "map"),
    (Permission.INCIDENTS_VIEW, "incidents"),
    (Permission.PEOPLE_EDIT, "people"),
    (Permission.PLANS_EDIT, "plans"),
)


@require_safe
@page(Permission.SELF)
def home(request: HttpRequest) -> HttpResponse:
    """What this person needs first."""
    if can(request.actor, Permission.RESPONSES_VIEW):
        return board(request)
    if can(request.actor, Permission.RESPONSES_OVERSEE):
        return city(request)
    for permission, name in ELSEWHERE:
        if can(request.actor, permission):
            try:
                return redirect(reverse(name))
            except NoReverseMatch:
                continue
    return render(request, "fieldwork/nothing.html")


@require_safe
@page(Permission.RESPONSES_VIEW)
def board(request: HttpRequest) -> HttpResponse:
    """What is mine, due and late at my site."""
    now = clock.now()
    shifts = list(my_shifts(request.actor, limit=3))
    context = {
        "board": queries.board(request.actor, page=request.GET.get("page", 1)),
        "on_call": [shift for shift in shifts if shift.starts <= now],
        "later": [shift for shift in shifts if shift.starts > now],
        "rest": next(
            (r for r in rests(request.actor) if r.person_id == request.actor.person.pk), None
        ),
        "may_lead": can(request.actor, Permission.RESPONSES_LEAD),
    }
    return render(request, "fieldwork/board.html", context)


@require_safe
@page(Permission.RESPONSES_OVERSEE)
def city(request: HttpRequest) -> HttpResponse:
    """Every incident of the last days and what became of it."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(each) for each in DAYS} else DAYS[0]
    context = {
        "days": days,
        "choices": DAYS,
        "lines": _city_lines(request.actor, days, request.GET.get("page", "1")),
    }
    return render(request, "fieldwork/city.html", context)


def _city_lines(actor: Actor, days: int, number: str) -> str:
    """The lines of the city's board, made anew when something happened or a minute has passed.

    All that stands in them leaves an event when it changes, but for what the clock does. Whoever
    may do the same, in the same language, reads the same lines.
    """
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    end = anchor()
    key = end, minute, actor.grants, get_language(), days, number
    if end.seq and (kept := _kept.get(key)) is not None:
        return kept
    found = queries.city_board(actor, days=days, page=number)
    said = {"board": found, "query": f"days={days}", "now": now}
    lines = render_to_string("fieldwork/_city_lines.html", said)
    while len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    return _kept.setdefault(key, lines)
