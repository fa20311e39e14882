"""The way to the city's own sign-in and back, also on a day when it does not answer."""

from collections.abc import Callable
from functools import wraps

import requests
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[[HttpRequest, str], HttpResponse]


def _told(view: View) -> View:
    """Show a page, not an error of ours, when the provider fails or talks nonsense."""

    @wraps(view)
    def shown(request: HttpRequest, provider_id: str) -> HttpResponse:
        if {**request.GET.dict(), **request.POST.dict()}.get("process", "login") != "login":
            raise Http404  # the library would join the provider's account to whoever is signed in
        try:
            return view(request, provider_id)
        except (requests.RequestException, KeyError):
            return render(request, "socialaccount/authentication_error.html", status=502)

    return shown


begin = _told(oidc.login)
come_back = _told(oidc.callback)
