"""What should have followed from an event and was given up: for administrators."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stoop.accounts.permissions import Permission, page
from stoop.config.actions.duties import try_again
from stoop.ledger import queries

ALL = "all"


@require_safe
@page(Permission.LEDGER_READ)
def undone(request: HttpRequest) -> HttpResponse:
    """Each with its event, since when, and the kind of error: never its text."""
    duties = Paginator(queries.dead_duties(), 50).get_page(request.GET.get("page"))
    events = queries.events_numbered(duty.event for duty in duties)
    rows = [(duty, events.get(duty.event)) for duty in duties]
    return render(request, "config/undone.html", {"page": duties, "rows": rows})


@require_POST
@page(Permission.LEDGER_READ)
def again(request: HttpRequest) -> HttpResponse:
    """Try one of them again, or all."""
    said = request.POST.get("duty", "")
    if said != ALL and not (said.isascii() and said.isdigit() and len(said) < 19):
        raise Http404
    many = try_again(number=None if said == ALL else int(said), by=request.actor)
    if many:
        text = ngettext("%(n)d is tried again by the next worker.", "%(n)d are tried again.", many)
        messages.success(request, text % {"n": many})
    else:
        messages.info(request, _("Nothing to try again: somebody was quicker, or it is done."))
    return redirect("undone")
