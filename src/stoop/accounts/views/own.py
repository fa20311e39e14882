"""One's own account: name, phone, language, sessions."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from stoop.accounts import actions, queries
from stoop.accounts.forms import MeForm
from stoop.accounts.permissions import Permission, page
from stoop.kernel.errors import Refusal

# What a browser says of itself, and what people call it; the first that fits.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS|Chromium", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@page(Permission.SELF)
def me(request: HttpRequest) -> HttpResponse:
    """See and change one's own name, phone and language; the way to all else of one's own."""
    person = request.actor.person
    was = {"name": person.name, "phone": person.phone, "language": person.language}
    form = MeForm(request.POST or None, initial=was)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_self(**form.cleaned_data, by=request.actor)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("me")
    seen = queries.roles_of(person)
    shown = {"form": form, "roles": seen, "factors": queries.factors(person).count()}
    return render(request, "accounts/me.html", shown, status=400 if form.errors else 200)


@page(Permission.SELF)
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; sign out there."""
    person = request.actor.person
    if request.method == "POST":
        which = request.POST.get("session", "")
        if which.isdecimal() and len(which) < 19:
            actions.end_session(session=int(which), by=request.actor)
        elif which == "others":
            here = request.session.session_key or ""
            actions.end_sessions(person=person, by=request.actor, but=here)
        messages.success(request, _("Signed out there."))
        return redirect("sessions")
    here = queries.kept_as(request.session.session_key or "")
    rows = [
        {"session": each, "where": browser(each.user_agent), "here": each.session_key == here}
        for each in queries.sessions(person)
    ]
    rows.sort(key=lambda row: not row["here"])
    return render(request, "accounts/sessions.html", {"rows": rows})


def browser(agent: str) -> str:
    """What people call the browser and machine that a user agent tells of: "Chrome on Android"."""
    program = next((name for sign, name in _BROWSERS if re.search(sign, agent)), "")
    machine = next((name for sign, name in _MACHINES if re.search(sign, agent)), "")
    if program and machine:
        return _("%(program)s on %(machine)s") % {"program": program, "machine": machine}
    return program or machine or _("Unknown browser")
