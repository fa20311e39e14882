"""The sites: what each does today, where, since when, and who covers it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stoop.accounts import actions, queries
from stoop.accounts.forms import CloseForm, NewSiteForm, OrganizationForm, ProgramForm, SiteForm
from stoop.accounts.permissions import Permission, can, page
from stoop.kernel.errors import Refusal


@page(Permission.SITES_VIEW)
def sites(request: HttpRequest) -> HttpResponse:
    """All sites that the reader may see."""
    shown = {
        "rows": queries.overview(request.actor),
        "may_edit": can(request.actor, Permission.SITES_EDIT),
    }
    return render(request, "accounts/sites.html", shown)


@page(Permission.SITES_VIEW)
def site(request: HttpRequest, code: str) -> HttpResponse:
    """One site with its programs, in order of time."""
    shown = {
        "row": _one(request, code),
        "may_edit": can(request.actor, Permission.SITES_EDIT),
        "close": CloseForm(),
    }
    return render(request, "accounts/site.html", shown)


@page(Permission.SITES_EDIT)
def add_site(request: HttpRequest) -> HttpResponse:
    """Add a site that no list names."""
    form = NewSiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            provider = said["organization"] or actions.add_organization(
                name=said["new_provider"], kind="provider", by=request.actor
            )
            made = actions.add_site(
                name=said["name"],
                organization=provider,
                neighborhood=said["neighborhood"],
                by=request.actor,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The site is there. Say when and where it works."))
            return redirect("program-add", code=made.code)
    shown = {"form": form}
    return render(request, "accounts/site_add.html", shown, status=400 if form.errors else 200)


@page(Permission.SITES_EDIT)
def organizations(request: HttpRequest) -> HttpResponse:
    """Whom people work for and whom sites ask for help; another one is added here."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.add_organization(**said, by=request.actor)
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            if made.kind == said["kind"]:
                messages.success(request, _("It is on the list."))
            else:
                kind = {"kind": made.get_kind_display()}
                messages.info(request, _("It is on the list already, as %(kind)s.") % kind)
            return redirect("organizations")
    shown = {"form": form, "rows": queries.organizations()}
    return render(request, "accounts/organizations.html", shown, status=400 if form.errors else 200)


@page(Permission.SITES_EDIT)
def edit_site(request: HttpRequest, code: str) -> HttpResponse:
    """Change a site, or say which site covers it."""
    row = _one(request, code)
    fields = ("name", "organization", "neighborhood", "covered_by", "version")
    was = {name: getattr(row.site, name) for name in fields}
    form = SiteForm(request.POST or None, initial=was, site=row.site)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_site(site=row.site, **form.cleaned_data, by=request.actor)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            form.data = {**form.data.dict(), "version": row.site.version}
        else:
            messages.success(request, _("Saved."))
            return redirect("site", code=code)
    shown = {"form": form, "row": row}
    return render(request, "accounts/site_edit.html", shown, status=400 if form.errors else 200)


@page(Permission.SITES_EDIT)
def add_program(request: HttpRequest, code: str) -> HttpResponse:
    """Add a stretch of time in which the site works in an area."""
    row = _one(request, code)
    form = ProgramForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_program(site=row.site, **form.cleaned_data, by=request.actor)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The program is written down."))
            return redirect("site", code=code)
    shown = {"form": form, "row": row}
    return render(request, "accounts/program_add.html", shown, status=400 if form.errors else 200)


@page(Permission.SITES_EDIT)
@require_POST
def close_program(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Say on which day a program ended or will end."""
    row = _one(request, code)
    program = next((each.program for each in row.programs if each.program.pk == pk), None)
    if program is None:
        raise Http404
    form = CloseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the last day of the program, like 2022-06-30."))
        return redirect("site", code=code)
    try:
        actions.close_program(program=program, ends=form.cleaned_data["ends"], by=request.actor)
        messages.success(request, _("The program's last day is written down."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("site", code=code)


def _one(request: HttpRequest, code: str) -> queries.SiteToday:
    found = queries.overview(request.actor, code=code)
    if not found:
        raise Http404
    return found[0]
