"""Reporting a shooting by hand: one page, large targets, with and without scripts."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Permission, can, page
from stoop.incidents import actions, queries
from stoop.incidents.forms import ReportForm
from stoop.incidents.views.words import Line, lines
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.places import queries as places

OLD = timedelta(days=30)
FOUND = 6


@require_http_methods(["GET", "POST"])
@page(Permission.INCIDENTS_REPORT)
def report(request: HttpRequest) -> HttpResponse:
    """The form; sent, it makes the incident once, however often it is sent."""
    if request.method == "GET":
        return _form(request, ReportForm())
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _form(request, form, found=_found(form))
    sent = queries.by_form(request.actor, form.cleaned_data["form_key"])
    if sent:
        messages.info(request, _("That report was sent already. Here it is."))
        return redirect("incident", sent.key)
    found = _found(form)
    where = _where(form, found)
    if where is None:
        return _form(request, form, found=found, choose=True)
    try:
        facts = actions.checked({**_said(form), **where})
    except Refusal as refusal:
        return _form(request, form, found=found, refusal=refusal)
    doubts = _doubts(request, facts)
    if doubts and not form.cleaned_data["anyway"]:
        return _form(request, form, found=found, where=where, doubts=doubts)
    return _send(request, form, facts)


@require_POST
@page(Permission.INCIDENTS_REPORT)
def report_places(request: HttpRequest) -> HttpResponse:
    """Addresses that fit what was typed so far, for the form to choose from.

    Asked by POST: what is typed must not stand in an address, which servers write down.
    """
    form = ReportForm(request.POST)
    form.is_valid()
    found = _found(form)
    context = {"found": found, "sure": _sure(form, found), "choose": False}
    return render(request, "incidents/places.html", context)


def _send(request: HttpRequest, form: ReportForm, facts: dict[str, Any]) -> HttpResponse:
    decides = can(request.actor, Permission.INCIDENTS_DECIDE)
    try:
        made = actions.report(
            source=actions.desk(),
            source_ref=str(form.cleaned_data["form_key"]),
            by=request.actor,
            confirmed=decides,
            why=str(form.cleaned_data["why"].label),
            **facts,
        )
    except Refusal as refusal:
        return _form(request, form, found=_found(form), refusal=refusal)
    if decides:
        text = _told(facts)
    else:
        text = _("Saved. The duty officer looks at it next; until then no site is told.")
    messages.success(request, text)
    return redirect("incident", made.key)


def _told(facts: dict[str, Any]) -> str:
    """Who is being told, as the routing of alerts will have it."""
    on = timezone.localdate(facts["occurred_at"])
    if facts["lon"] is None:
        return _(
            "Saved and confirmed. No point is known, so the duty officers are told, and no site."
        )
    here = places.placed(facts["lon"], facts["lat"], on=on).get("catchment", ())
    if accounts.sites_answering(here, on=on):
        return _("Saved and confirmed. The sites it concerns are being told.")
    return _("Saved and confirmed. No site at work answers for it: the duty officers are told.")


def _said(form: ReportForm) -> dict[str, Any]:
    said = form.cleaned_data
    facts = {name: said[name] for name in ("kind", "hurt", "killed")}
    return {**facts, "occurred_at": form.occurred_at(), "time_known": True}


def _found(form: ReportForm) -> list[Any]:
    """Addresses for what was typed; none where a point is there already."""
    said = getattr(form, "cleaned_data", {})
    if not said.get("where") or said.get("lon") is not None:
        return []
    return places.find_address(said["where"], limit=FOUND)


def _sure(form: ReportForm, found: list[Any]) -> bool:
    """Whether the first needs no tap; of two streets that begin as typed the reader chooses."""
    typed = " ".join(form.data.get("where", "").split()).casefold()
    return sum(each.text.casefold().startswith(typed) for each in found) < 2


def _where(form: ReportForm, found: list[Any]) -> dict[str, Any] | None:
    """Block and point as chosen; None while there is something to choose."""
    said = form.cleaned_data
    if said["lon"] is not None:
        return {"block": said["where"], "lon": said["lon"], "lat": said["lat"]}
    picked = form.picked()
    if picked and any((f.text, f.lon, f.lat) == picked for f in found):
        return dict(zip(("block", "lon", "lat"), picked, strict=True))
    if not said["where"] or form.as_written():
        return {"block": said["where"], "lon": None, "lat": None}
    if len(found) == 1 and not picked:
        return {"block": found[0].text, "lon": found[0].lon, "lat": found[0].lat}
    return None


def _doubts(request: HttpRequest, facts: dict[str, Any]) -> dict[str, Any]:
    """Reasons to look twice before a second report is made of one shooting."""
    near: list[Line] = []
    at: datetime = facts["occurred_at"]
    alike = queries.alike(lon=facts["lon"], lat=facts["lat"], block=facts["block"], at=at)
    near = lines(request.actor, alike)
    old = (clock.now() - at).days if at < clock.now() - OLD else 0
    return {"near": near, "days": old} if near or old else {}


def _form(request: HttpRequest, form: ReportForm, **more: Any) -> HttpResponse:
    refused = form.errors or more.get("refusal") or more.get("choose") or more.get("doubts")
    context = {
        "form": form,
        "found": [],
        "where": None,
        "choose": False,
        "doubts": None,
        "refusal": None,
        "sure": not more.get("choose") and _sure(form, more.get("found", [])),
        "decides": can(request.actor, Permission.INCIDENTS_DECIDE),
        **more,
    }
    return render(request, "incidents/report.html", context, status=422 if refused else 200)
