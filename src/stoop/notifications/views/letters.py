"""Messages that could not be sent."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stoop.accounts.permissions import Permission, page
from stoop.kernel.errors import Refusal
from stoop.notifications import actions, queries


@require_GET
@page(Permission.ALERTS_AUDIT)
def unsent(request: HttpRequest) -> HttpResponse:
    """Every message that could not be sent, and why."""
    rows = Paginator(queries.dead_letters(request.actor), 50).get_page(request.GET.get("page"))
    context = {"page": rows, "here": "unsent", "audits": True}
    return render(request, "notifications/unsent.html", context)


@require_POST
@page(Permission.ALERTS_AUDIT)
def again(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send one of them again."""
    letter = queries.letter(request.actor, key)
    if letter is None:
        raise Http404
    try:
        actions.try_again(delivery=letter, by=request.actor)
        messages.success(request, _("It is on its way again."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("alerts-unsent")
