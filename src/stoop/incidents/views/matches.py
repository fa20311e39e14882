"""Pairs of a live report and a row of record, side by side, for a person to decide."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stoop.accounts.permissions import Permission, page
from stoop.incidents import actions, queries
from stoop.incidents.views import words
from stoop.kernel.errors import Refusal
from stoop.places import queries as places


@require_safe
@page(Permission.INCIDENTS_MATCH)
def matches(request: HttpRequest) -> HttpResponse:
    """Pairs to decide, with how far apart they are in place, time and number."""
    shown = Paginator(queries.matches(request.actor), 20).get_page(request.GET.get("page"))
    kind = places.main_kind()
    pairs = [
        {
            "match": each,
            "live": words.line(request.actor, each.live, kind, source=each.live.source.name),
            "official": words.line(
                request.actor, each.official, kind, source=each.official.source.name
            ),
            "reasons": _reasons(each.reasons),
        }
        for each in shown
    ]
    return render(request, "incidents/matches.html", {"pairs": pairs, "page": shown})


@require_POST
@page(Permission.INCIDENTS_MATCH)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The same shooting, or two."""
    held = queries.match(request.actor, pk)
    said = request.POST.get("same")
    if held is None or said not in ("yes", "no"):
        raise Http404
    try:
        actions.decide_match(match=held, same=said == "yes", by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("Joined: the row of record stands.") if said == "yes" else _("Kept as two.")
        messages.success(request, text)
    return redirect("matches")


@require_POST
@page(Permission.INCIDENTS_MATCH)
def propose(request: HttpRequest) -> HttpResponse:
    """Look for pairs now."""
    made = actions.propose_matches(by=request.actor)
    words = ngettext("%(n)d new pair to look at.", "%(n)d new pairs to look at.", made)
    text = words % {"n": made} if made else _("No new pairs found.")
    messages.info(request, text)
    return redirect("matches")


def _reasons(said: dict[str, int | None]) -> list[str]:
    """What speaks for and against, in plain words."""
    minutes = said["minutes"]
    live, official = said["live"], said["official"]
    apart = _("%(n)d metres apart") % {"n": said["metres"]}
    if minutes is None:
        when = _("the same day or the next; one has no time of day")
    elif minutes == 0:
        when = _("the same minute")
    else:
        later = _("%(n)d minutes later") if minutes > 0 else _("%(n)d minutes earlier")
        when = _("the row is %(when)s") % {"when": later % {"n": abs(minutes)}}
    if live is None or official is None:
        hit = _("number hit not known in one of them")
    elif live == official:
        hit = _("%(n)d hit in both") % {"n": live}
    else:
        hit = _("%(a)d hit in the report, %(b)d in the row") % {"a": live, "b": official}
    return [apart, when, hit]
