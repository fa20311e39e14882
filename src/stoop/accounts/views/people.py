"""The people of a site or of the city: who they are, what they may do, who comes and goes."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stoop.accounts import actions, queries
from stoop.accounts.forms import InviteForm, RoleForm
from stoop.accounts.permissions import Permission, can, page
from stoop.kernel.errors import Refusal

_PAGE = 50


@page(Permission.PEOPLE_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody whom the reader may see, with a search by name or e-mail."""
    words = request.GET.get("words", "")[:100]
    sites = queries.sites(request.actor, Permission.PEOPLE_VIEW)
    wanted = sites.filter(code=request.GET.get("site", "")).first()
    found = queries.colleagues(request.actor, words=words, site=wanted.pk if wanted else None)
    shown = {
        "page": Paginator(found, _PAGE).get_page(request.GET.get("page")),
        "words": words,
        "sites": sites,
        "wanted": wanted,
        "query": urlencode({"words": words, "site": wanted.code if wanted else ""}),
        "may_invite": can(request.actor, Permission.PEOPLE_EDIT),
        "everybody": None in request.actor.sites(Permission.PEOPLE_VIEW),
    }
    return render(request, "accounts/people.html", shown)


@page(Permission.PEOPLE_EDIT)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InviteForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.invite(**form.cleaned_data, by=request.actor)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            told = _("Invited %(name)s. The mail holds a link that works once, within 3 days.")
            messages.success(request, told % {"name": made.name})
            return redirect("person", key=made.key)
    shown = {"form": form}
    return render(request, "accounts/invite.html", shown, status=400 if form.errors else 200)


@page(Permission.PEOPLE_VIEW)
def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """One person: roles, what each means, and what the reader may do about it."""
    return _page_of(request, _one(request, key), RoleForm(actor=request.actor))


@page(Permission.PEOPLE_EDIT)
@require_POST
def add_role(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give somebody another role."""
    found = _one(request, key)
    form = RoleForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            actions.add_membership(person=found.person, **form.cleaned_data, by=request.actor)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The role is given."))
            return redirect("person", key=key)
    return _page_of(request, found, form)


Step = Callable[[HttpRequest, queries.Colleague], str]


def _step(act: Step) -> Callable[..., HttpResponse]:
    """A button on a person's page: do it, say what was done or why not, and come back."""

    @page(Permission.PEOPLE_EDIT)
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, key: UUID) -> HttpResponse:
        found = _one(request, key)
        try:
            messages.success(request, act(request, found))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        if queries.colleague(request.actor, key) is None:  # gone from this reader's sight
            return redirect("people")
        return redirect("person", key=key)

    return view


@_step
def end_role(request: HttpRequest, found: queries.Colleague) -> str:
    """End a role at once."""
    wanted = request.POST.get("membership", "")
    held = next((each for each in found.held if str(each.membership.pk) == wanted), None)
    if held is None:
        raise Http404
    actions.end_membership(membership=held.membership, by=request.actor)
    return str(_("The role has ended."))


@_step
def invite_again(request: HttpRequest, found: queries.Colleague) -> str:
    """Send another invitation; the link before it is dead."""
    actions.send_invitation(person=found.person, by=request.actor)
    return str(_("The invitation is on its way; the link before it works no more."))


@_step
def deactivate(request: HttpRequest, found: queries.Colleague) -> str:
    """Close an account."""
    actions.deactivate(person=found.person, by=request.actor)
    return str(_("The account is closed, all its roles and sessions have ended."))


@_step
def reactivate(request: HttpRequest, found: queries.Colleague) -> str:
    """Open an account again."""
    actions.reactivate(person=found.person, by=request.actor)
    return str(_("The account is open again. Give it a role."))


@_step
def drop_second_factor(request: HttpRequest, found: queries.Colleague) -> str:
    """For who lost the phone with the codes."""
    actions.drop_second_factor(person=found.person, by=request.actor)
    return str(_("The second factor is taken off; a new one is set up at the next sign-in."))


def _one(request: HttpRequest, key: UUID) -> queries.Colleague:
    found = queries.colleague(request.actor, key)
    if found is None:
        raise Http404
    return found


def _page_of(request: HttpRequest, found: queries.Colleague, form: RoleForm) -> HttpResponse:
    everywhere = None in request.actor.sites(Permission.PEOPLE_EDIT)
    shown: dict[str, Any] = {
        "found": found,
        "form": form,
        "may_edit": can(request.actor, Permission.PEOPLE_EDIT),
        "everywhere": everywhere,
        "herself": found.person == request.actor.person,
        "back": reverse("people"),
    }
    return render(request, "accounts/person.html", shown, status=400 if form.errors else 200)
