"""Who is on call: the week of a site, shifts entered, covered, handed over; rests; calendars."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Permission, can, page, within
from stoop.fieldwork import actions, queries
from stoop.fieldwork.forms import rota as forms
from stoop.fieldwork.models import Shift, Taken
from stoop.fieldwork.queries.calendars import addresses, calendar, ics
from stoop.fieldwork.queries.rota import everybody, my_shifts, rests, site_of, sites_of
from stoop.fieldwork.queries.weeks import monday_of
from stoop.kernel import clock
from stoop.kernel.errors import Refusal

TAKEN = "shifts taken away"  # in the session of who took them, by the site's code
UNDO = timedelta(hours=1)  # that a page offers to put them back


@require_safe
@page(Permission.ROTA_VIEW)
def rota(request: HttpRequest) -> HttpResponse:
    """The rota of my site; a list to choose from where there are several."""
    sites = sites_of(request.actor)
    if len(sites) == 1:
        return site_rota(request, sites[0].code)
    lines = queries.tonight(request.actor, sites)
    return render(request, "fieldwork/sites.html", {"lines": lines})


@require_safe
@page(Permission.ROTA_VIEW)
def site_rota(request: HttpRequest, site: str) -> HttpResponse:
    """One week of one site's rota."""
    return _show(request, _site(request, site), _monday(request.GET.get("week", "")))


def _site(request: HttpRequest, code: str, permission: Permission = Permission.ROTA_VIEW) -> Any:
    found = site_of(request.actor, code, permission)
    if found is None:
        raise Http404
    return found


def _monday(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = timezone.localdate(clock.now())
    year = timezone.localdate(clock.now()).year
    return monday_of(day if abs(day.year - year) <= 10 else timezone.localdate(clock.now()))


def _show(
    request: HttpRequest,
    site: Any,
    monday: date,
    *,
    form: Any = None,
    resting: Any = None,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    """The week, with the form for more of it where the reader keeps the rota."""
    edits = can(request.actor, Permission.ROTA_EDIT, site.pk)
    people = everybody(site.pk) if edits else []
    begin = {"first": forms.next_monday(), "begins": "20:00", "ends": "08:00"}
    context = {
        "site": site,
        "rota": queries.rota(request.actor, site, monday),
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "edits": edits,
        "form": form or forms.PatternForm(people, initial=begin),
        "rests": rests(request.actor, site),
        "rest_form": resting or forms.RestForm(people, auto_id="rest_%s"),
        "leads": can(request.actor, Permission.RESPONSES_LEAD, site.pk),
        "link": settings.STOOP_URL + reverse("calendar", args=[token]) if token else "",
        "addresses": addresses(request.actor, site),
        "taken": _taken(request, site) if edits else None,
        "on_site": site.pk in request.actor.sites(Permission.ROTA_VIEW),
    }
    return render(request, "fieldwork/rota.html", context, status=status)


@require_POST
@page(Permission.ROTA_EDIT)
def shift_new(request: HttpRequest, site: str) -> HttpResponse:
    """Enter shifts, week after week."""
    where = _site(request, site, Permission.ROTA_EDIT)
    form = forms.PatternForm(everybody(where.pk), request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.set_pattern(
                site=where,
                person=int(said["person"]),
                rank=int(said["rank"]),
                weekdays=[int(day) for day in said["weekdays"]],
                begins=said["begins"],
                ends=said["ends"],
                first=said["first"],
                weeks=said["weeks"],
                by=request.actor,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            word = _("%(n)s shifts entered.") % {"n": len(made)} if made else _("They were there.")
            messages.success(request, word)
            return _to(where, said["first"])
    monday = _monday(request.POST.get("first", ""))
    return _show(request, where, monday, form=form, status=422)


@require_POST
@page(Permission.ROTA_EDIT)
def shift_back(request: HttpRequest, site: str) -> HttpResponse:
    """Put what was just taken off the rota back."""
    where = _site(request, site, Permission.ROTA_EDIT)
    kept = _kept(request, where)
    if kept is None or kept["key"] != request.POST.get("taken"):
        messages.error(request, _("That cannot be put back any more; enter the shifts anew."))
        return redirect("rota-site", site=where.code)
    taken = Taken.of(kept)
    try:
        actions.put_back(site=where, taken=taken, by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        del request.session[TAKEN]
        messages.success(request, _("Back on the rota, as it was."))
    return _to(where, timezone.localdate(taken.spans[0][0]))


def _kept(request: HttpRequest, site: Any) -> dict[str, Any] | None:
    """What this reader took off this site's rota last, if not put back."""
    held = request.session.get(TAKEN, {})
    found: dict[str, Any] | None = held.get("what") if held.get("site") == site.code else None
    return found


def _taken(request: HttpRequest, site: Any) -> dict[str, Any] | None:
    """What the page offers to put back: whose shifts, how many, from when until when."""
    kept = _kept(request, site)
    if kept is None or clock.now() - datetime.fromisoformat(request.session[TAKEN]["at"]) > UNDO:
        return None
    taken = Taken.of(kept)
    return {
        "key": taken.key,
        "person": accounts.person(taken.person),
        "shifts": len(taken.spans),
        "starts": taken.spans[0][0],
        "ends": taken.spans[-1][1],
    }


def _to(site: Any, day: date) -> HttpResponse:
    return redirect(f"{reverse('rota-site', args=[site.code])}?week={monday_of(day).isoformat()}")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ROTA_VIEW)
def shift(request: HttpRequest, key: UUID) -> HttpResponse:
    """One shift: hand it over now, let somebody stand in, take it away."""
    found = queries.shifts(request.actor).filter(key=key).first()
    if found is None:
        raise Http404
    mine = found.person_id == request.actor.person.pk
    edits = can(request.actor, Permission.ROTA_EDIT, found.site_id)
    works = can(request.actor, Permission.ALERTS_TAKE, found.site_id)
    people = [each for each in everybody(found.site_id) if each.pk != found.person_id]
    if not (edits or mine):
        people = [each for each in people if works and each.pk == request.actor.person.pk]
    now = clock.now()
    span = {"starts": max(found.starts, now), "ends": found.ends}
    only = {"person": str(people[0].pk)} if len(people) == 1 else {}
    cover = forms.CoverForm(people, initial={**span, **only}, auto_id="cover_%s")
    hand = forms.PersonForm(people, initial=only, auto_id="hand_%s")
    if request.method == "POST":
        day = timezone.localdate(found.starts)
        asked = request.POST.get("do", "")
        if asked == "cover":
            cover = forms.CoverForm(people, request.POST, auto_id="cover_%s")
        if asked == "hand":
            hand = forms.PersonForm(people, request.POST, auto_id="hand_%s")
        form: Any = {"cover": cover, "hand": hand}.get(asked)
        try:
            if form is None:
                _remove(request, found, asked)
            elif form.is_valid():
                _change(request, found, form.cleaned_data)
            if form is None or form.is_valid():
                if form is not None:
                    messages.success(request, _done(people, form.cleaned_data))
                return _to(found.site, day)
        except Refusal as refusal:
            if form is None:
                messages.error(request, str(refusal))
                return _to(found.site, day)
            form.add_error(None, str(refusal))
    context = {
        "shift": found,
        "mine": mine,
        "edits": edits,
        "people": people,
        "running": found.starts <= now < found.ends,
        "over": found.ends <= now,
        "cover": cover,
        "hand": hand,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "fieldwork/shift.html", context, status=status)


def _done(people: list[Any], said: dict[str, Any]) -> str:
    """What is so now, so that nobody wonders who is called tonight."""
    name = next(each.name for each in people if str(each.pk) == said["person"])
    if "starts" in said:
        return _("%(name)s stands in.") % {"name": name}
    return _("%(name)s is on call now.") % {"name": name}


def _remove(request: HttpRequest, found: Shift, asked: str) -> None:
    if asked not in ("remove", "remove-later"):
        raise Http404
    later = asked == "remove-later"
    taken = actions.remove_shift(shift=found, later_too=later, by=request.actor)
    if taken:
        now = clock.now().isoformat()
        request.session[TAKEN] = {"site": found.site.code, "at": now, "what": taken.kept()}


def _change(request: HttpRequest, found: Shift, said: dict[str, Any]) -> None:
    person = int(said["person"])
    if "starts" not in said:
        actions.hand_over(shift=found, person=person, by=request.actor)
        return
    actions.cover_shift(
        shift=found,
        person=person,
        # The form knows minutes; a shift that began between two keeps its own edge.
        starts=_edge(said["starts"], found.starts),
        ends=_edge(said["ends"], found.ends),
        by=request.actor,
    )


def _edge(said: Any, edge: Any) -> Any:
    return edge if abs((said - edge).total_seconds()) < 60 else said


@require_POST
@page(Permission.ROTA_VIEW)
def calendar_reset(request: HttpRequest) -> HttpResponse:
    """A new address for my calendar, or for my site's; the old one is dead at once."""
    code = request.POST.get("site", "")
    site = _site(request, code, Permission.ROTA_EDIT) if code else None
    token = actions.reset_calendar(by=request.actor, site=site)
    context = {
        "site": site,
        "link": settings.STOOP_URL + reverse("calendar", args=[token]),
        "shifts": [] if site else list(my_shifts(request.actor)),
    }
    response = render(request, "fieldwork/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(Permission.ROTA_VIEW)
def calendar_end(request: HttpRequest) -> HttpResponse:
    """The address of my calendar, or of my site's, works no more."""
    code = request.POST.get("site", "")
    site = _site(request, code, Permission.ROTA_EDIT) if code else None
    if actions.end_calendar(by=request.actor, site=site):
        messages.success(request, _("That calendar address works no more."))
    return redirect("rota-site", site=code) if site else redirect("rota")


@require_safe
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """On-call times for a calendar program; whoever has the address may read it."""
    with within(SYSTEM):
        found = calendar(token)
        if found is None:
            raise Http404
        file = ics(found)
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="on-call.ics"'
    response["Cache-Control"] = "private, max-age=900"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@page(Permission.ALERTS_TAKE)
def rest_end(request: HttpRequest) -> HttpResponse:
    """I can be called first again."""
    if actions.end_rests(by=request.actor):
        messages.success(request, _("You are called first again."))
    return redirect("home")


@require_POST
@page(Permission.RESPONSES_LEAD)
def rest_give(request: HttpRequest, site: str) -> HttpResponse:
    """Give somebody of my site a rest."""
    where = _site(request, site, Permission.RESPONSES_LEAD)
    form = forms.RestForm(everybody(where.pk), request.POST, auto_id="rest_%s")
    if not form.is_valid():
        return _show(request, where, _monday(""), resting=form, status=422)
    chosen = accounts.people_at(where.pk).get(pk=int(form.cleaned_data["person"]))
    hours = float(form.cleaned_data["hours"])
    actions.give_rest(site=where, person=chosen, hours=hours, by=request.actor)
    messages.success(request, _("Others are called first until then."))
    return redirect("rota-site", site=where.code)
