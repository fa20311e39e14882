"""Pages for what could not be done: plain words, with the reader's menu where it can be had.

The menu asks the database and the session who is there. When those are gone the words are shown
without it: see `_page`.
"""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor, can
from stoop.kernel.logs import log_error

_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 where it was too much."""
    if isinstance(exception, _TOO_MUCH):
        return too_large(request)
    return _page(
        request,
        400,
        _("We could not read that request"),
        _("Go back and try again. If you came by a link, it may be cut short or changed."),
    )


def no_permission(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return _page(
        request,
        403,
        _("This may not be done here"),
        _("Go back and try again, or sign in anew."),
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not fit this sign-in."""
    return _page(
        request,
        403,
        _("This form is no longer valid"),
        _(
            "It was open too long, or you signed in or out meanwhile, or your browser keeps no "
            "cookies. Nothing was saved. Go back, reload the page, and send it again."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, or on to the page where the slash at the end alone was wrong."""
    meant = _meant(request)
    if meant:
        return redirect(meant)
    return _page(
        request,
        404,
        _("There is nothing here for you"),
        _("The page does not exist, or it belongs to a site or a role that is not yours."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413"""
    return _page(
        request,
        413,
        _("That is too much at once"),
        _("Send less, or ask whoever runs this system to load a large file for you."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500; the error that led here is logged by its kind and place."""
    error = sys.exc_info()[1]
    if error is not None:
        log_error("request.failed", error, id=getattr(request, "id", ""))
    return _page(
        request,
        500,
        _("Something broke on our side"),
        _(
            "Nothing that you did was wrong. If you were saving something, look whether it is "
            "there before you send it again. An alert that was on its way is not lost."
        ),
    )


def _meant(request: HttpRequest) -> str:
    """The address with the slash added or dropped, if it is one that the reader may open.

    Not Django's APPEND_SLASH, which leads an outsider to doors that are shut to her.
    """
    path = request.path_info
    lost = request.method in ("GET", "HEAD") and request.resolver_match is None
    if not lost or path.startswith("/api/"):
        return ""
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    try:
        permission = getattr(resolve(other).func, "permission", None)
    except Resolver404:
        return ""
    actor = getattr(request, "actor", None)
    if permission and actor and actor.person and not can(actor, permission):
        return ""
    query = request.META.get("QUERY_STRING", "")
    return f"{other}?{query}" if query else other


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    number = getattr(request, "id", "")
    if request.path.startswith("/api/"):
        return JsonResponse({"error": f"{title}. {text}", "request": number}, status=status)
    told = {"title": title, "text": text, "number": number if status >= 500 else ""}
    return HttpResponse(_text(request, told, failed=status >= 500), status=status)


def _text(request: HttpRequest, told: dict[str, str], *, failed: bool) -> str:
    """With the menu of who is signed in; after a failure only if that was known before it."""
    if not failed or getattr(request.__dict__.get("actor"), "_wrapped", None).__class__ is Actor:
        try:
            return render_to_string("config/error.html", told, request)
        except Exception as error:  # what the menu is made from is gone
            log_error("request.bare", error, id=getattr(request, "id", ""))
    return render_to_string(
        "config/error.html", told | {"standing_notice": settings.STOOP_NOTICE.partition("\n")[0]}
    )
