"""Who owes a second factor is led to set one up before anything else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

View = Callable[..., HttpResponse]
# What one needs on the way to a second factor, besides the library's own pages of it ("mfa_...").
_ON_THE_WAY = frozenset({"account_reauthenticate"})


def second_factor(get_response: Callable[[HttpRequest], HttpResponse]) -> View:
    """Lead there from every page that carries a permission; speak the reader's language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(
        request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        actor = request.actor
        if actor.person is not None:
            translation.activate(actor.person.reads)
            request.LANGUAGE_CODE = translation.get_language()
        name = request.resolver_match.url_name or ""
        free = name.startswith("mfa_") or name in _ON_THE_WAY or not hasattr(view, "permission")
        if actor.owes and not free:
            return redirect("mfa_index")
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
