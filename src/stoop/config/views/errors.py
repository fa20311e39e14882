"""Pages for what could not be done: plain words, and nothing looked up to make them.

They ask no database and no session, so that they can be shown when those are gone.
"""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

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
    """404"""
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


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    number = getattr(request, "id", "")
    if request.path.startswith("/api/"):
        return JsonResponse({"error": f"{title}. {text}", "request": number}, status=status)
    told = {"title": title, "text": text, "number": number if status >= 500 else ""}
    return HttpResponse(render_to_string("config/error.html", told), status=status)
