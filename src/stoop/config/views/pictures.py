"""The picture that browsers ask for unasked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """To our own picture; the brief is one file alone and cannot name it."""
    return redirect(static("ui/icon-192.png"))
