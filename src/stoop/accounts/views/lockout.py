"""What django-axes asks us: whom it counts, from where, and what it shows to who must wait."""

from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac


def who(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """A mark for the e-mail that was typed; the text itself is not kept (it may be a password)."""
    typed = (credentials or {}).get("email") or request.POST.get("login") or ""
    return salted_hmac("stoop.accounts.lockout", str(typed).strip().casefold()).hexdigest()


def where(request: HttpRequest) -> str | None:
    """The visitor's address, as seen by the outermost proxy that is ours."""
    address: str | None = get_client_ip(request)
    return address


def unnamed(*about: Any) -> str:
    """How the log names a visitor: not at all."""
    return "a visitor"


def page(request: HttpRequest, response: Any, credentials: dict[str, Any] | None) -> HttpResponse:
    """Too many wrong passwords: how long to wait, and what else to do."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
