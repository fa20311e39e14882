"""The page that an invitation's link opens."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from stoop.accounts import actions
from stoop.accounts.forms import NewPasswordForm
from stoop.kernel.errors import Refusal

_KEPT = "invitation"


@never_cache
def open_invitation(request: HttpRequest, key: UUID, token: str) -> HttpResponse:
    """Keep the link in the session and go on without it, so that no address shows or leaks it.

    Of a wrong link nothing is kept: strangers must not fill the table of sessions.
    """
    if actions.invited(key, token) is None:
        return render(request, "accounts/invitation_over.html", status=410)
    request.session[_KEPT] = [str(key), token]
    return redirect("invitation")


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest) -> HttpResponse:
    """Set the first password, and go on signed in."""
    key, token = request.session.get(_KEPT) or (None, "")
    person = actions.invited(key, token) if key else None
    if person is None:
        return render(request, "accounts/invitation_over.html", status=410)
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            password = form.cleaned_data["password"]
            person = actions.accept_invitation(person=person, token=token, password=password)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _enter(request, person)
    shown = {"form": form, "person": person}
    return render(request, "accounts/invitation.html", shown, status=400 if form.errors else 200)


def _enter(request: HttpRequest, person: Any) -> HttpResponse:
    """Sign in who has just shown that the mailbox is hers and chosen the password."""
    request.session.flush()
    record_authentication(request, person, method="password", reauthenticated=True)
    response: HttpResponse = perform_login(
        request, Login(user=person, redirect_url=reverse("me"), email=person.email)
    )
    messages.success(request, _("Welcome. Your password is set."))
    return response
