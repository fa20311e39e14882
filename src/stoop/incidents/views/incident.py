"""One shooting: what is known, how it came to be known, and what can be decided."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Permission, can, page
from stoop.incidents import actions, queries
from stoop.incidents.forms import CorrectForm, MergeForm, ReasonForm
from stoop.incidents.forms.changes import as_typed
from stoop.incidents.models import HowLearned, Incident
from stoop.incidents.views import words
from stoop.kernel.errors import Refusal
from stoop.notifications import queries as notifications
from stoop.places import queries as places

# Which others are offered when two are said to be one: a caller's corner and clock are rough.
FAR_M, LONG = 1500, timedelta(hours=3)


@require_safe
@page(Permission.INCIDENTS_VIEW)
def incident(request: HttpRequest, key: UUID) -> HttpResponse:
    """The page of one incident, as precisely as the reader may see it."""
    held = queries.one(request.actor, key)
    return render(request, "incidents/incident.html", _context(request, held))


@require_POST
@page(Permission.INCIDENTS_DECIDE)
def confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Confirm it as it was seen; the button that was tapped says why."""
    held = queries.one(request.actor, key)
    said = request.POST.get("why", "")
    why = str(HowLearned(said).label) if said in HowLearned.values else ""
    try:
        actions.confirm(incident=held, by=request.actor, why=why, version=_seen(request))
    except actions.Stale as stale:
        context = _context(request, queries.one(request.actor, key))
        context |= {"stale": _told(request, stale), "refusal": stale}
        return render(request, "incidents/incident.html", context, status=409)
    except Refusal as refusal:
        context = {**_context(request, held), "refusal": refusal}
        return render(request, "incidents/incident.html", context, status=422)
    messages.success(request, _("Confirmed. The sites it concerns are being told."))
    return redirect("incident", key)


@require_POST
@page(Permission.INCIDENTS_DECIDE)
def tell(request: HttpRequest, key: UUID) -> HttpResponse:
    """Tell everybody of a correction that told nobody."""
    held = queries.one(request.actor, key)
    try:
        done = actions.tell(incident=held, by=request.actor, version=_seen(request))
    except actions.Stale as stale:
        context = _context(request, queries.one(request.actor, key))
        context |= {"stale": _told(request, stale), "refusal": stale}
        return render(request, "incidents/incident.html", context, status=409)
    except Refusal as refusal:
        context = {**_context(request, held), "refusal": refusal}
        return render(request, "incidents/incident.html", context, status=422)
    if done.version == held.version:
        messages.info(request, _("There is nothing that anybody still has to be told."))
    else:
        messages.success(request, _("Everybody who was told of it is told what changed."))
    return redirect("incident", key)


@require_http_methods(["GET", "POST"])
@page(Permission.INCIDENTS_DECIDE)
def correct(request: HttpRequest, key: UUID) -> HttpResponse:
    """Set facts right, without losing what somebody else set right meanwhile."""
    held = queries.one(request.actor, key)
    if request.method == "GET":
        first = {**as_typed(queries.known_of(held)), "version": held.version}
        return _change(request, held, "correct", CorrectForm(initial=first, label_suffix=""))
    form = CorrectForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _change(request, held, "correct", form)
    version, why = form.cleaned_data["version"], form.cleaned_data["why"]
    was = queries.version_known(request.actor, held, version)
    if was is None:
        refusal = Refusal(_("That version does not exist; open the incident again."))
        return _change(request, held, "correct", form, refusal=refusal)
    facts = form.facts(was)
    try:
        done = actions.correct(incident=held, by=request.actor, why=why, version=version, **facts)
    except actions.Stale as stale:
        return _again(request, queries.one(request.actor, key), stale, was, facts, why)
    except Refusal as refusal:
        return _change(request, held, "correct", form, refusal=refusal)
    if done.version == held.version:
        messages.info(request, _("Nothing was changed: it already says so."))
    else:
        messages.success(request, _("Corrected. Everybody who was told is told of it."))
    return redirect("incident", key)


@require_http_methods(["GET", "POST"])
@page(Permission.INCIDENTS_DECIDE)
def retract(request: HttpRequest, key: UUID) -> HttpResponse:
    """It did not happen."""
    done = _("Retracted. Everybody who was told is told of it.")
    return _with_reason(request, key, "retract", actions.retract, done)


@require_http_methods(["GET", "POST"])
@page(Permission.INCIDENTS_DECIDE)
def restore(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a retraction or a merge back."""
    done = _("It stands again. Everybody who was told hears it; if nobody took it, they are asked.")
    return _with_reason(request, key, "restore", actions.restore, done)


@require_http_methods(["GET", "POST"])
@page(Permission.INCIDENTS_DECIDE)
def merge(request: HttpRequest, key: UUID) -> HttpResponse:
    """It is the same shooting as another one."""
    held = queries.one(request.actor, key)
    if request.method == "GET":
        form = MergeForm(initial={"version": held.version}, label_suffix="")
        return _change(request, held, "merge", form)
    form = MergeForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _change(request, held, "merge", form)
    said = form.cleaned_data
    into = queries.incidents(request.actor).filter(key=said["into"]).first()
    if into is None:
        form.add_error("into", _("There is no such incident; copy the address of its page."))
        return _change(request, held, "merge", form)
    try:
        actions.merge(
            incident=held, into=into, by=request.actor, why=said["why"], version=said["version"]
        )
    except actions.Stale as stale:
        return _seen_anew(request, key, "merge", MergeForm, stale)
    except Refusal as refusal:
        return _change(request, held, "merge", form, refusal=refusal)
    messages.success(request, _("Merged. Everybody who was told is told of it."))
    return redirect("incident", into.key)


def _with_reason(
    request: HttpRequest, key: UUID, name: str, action: Callable[..., Incident], done: str
) -> HttpResponse:
    held = queries.one(request.actor, key)
    if request.method == "GET":
        form = ReasonForm(initial={"version": held.version}, label_suffix="")
        return _change(request, held, name, form)
    form = ReasonForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _change(request, held, name, form)
    said = form.cleaned_data
    try:
        action(incident=held, by=request.actor, why=said["why"], version=said["version"])
    except actions.Stale as stale:
        return _seen_anew(request, key, name, ReasonForm, stale)
    except Refusal as refusal:
        return _change(request, held, name, form, refusal=refusal)
    messages.success(request, done)
    return redirect("incident", key)


def _seen(request: HttpRequest) -> int:
    """The version that the writer saw; an impossible one where none was sent."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def _seen_anew(
    request: HttpRequest, key: UUID, name: str, form_class: Any, stale: actions.Stale
) -> HttpResponse:
    """The form with what was typed, now about the incident as it is."""
    form = form_class({**request.POST.dict(), "version": stale.version}, label_suffix="")
    form.is_valid()
    held = queries.one(request.actor, key)
    return _change(request, held, name, form, stale=_told(request, stale), refusal=stale)


def _again(
    request: HttpRequest,
    held: Incident,
    stale: actions.Stale,
    was: dict[str, Any],
    facts: dict[str, Any],
    why: str,
) -> HttpResponse:
    """The form with all that others changed and, over it, what this writer changed."""
    mine = queries.plain_facts(facts)
    touched = queries.differing(was, mine)
    both = {**queries.known_of(held), **{name: mine[name] for name in touched}}
    typed = {**as_typed(both), "why": why, "version": stale.version}
    form = CorrectForm(
        {name: value for name, value in typed.items() if value is not None and value is not False},
        label_suffix="",
    )
    form.is_valid()
    return _change(request, held, "correct", form, stale=_told(request, stale), refusal=stale)


def _told(request: HttpRequest, stale: actions.Stale) -> dict[str, Any]:
    """What somebody else changed, side by side."""
    return {
        "by": words.names(request.actor, [stale.by])[stale.by],
        "at": stale.at,
        "why": stale.why,
        "rows": [
            {
                "label": words.FACTS[each.name],
                "was": words.fact(each.name, each.was),
                "theirs": words.fact(each.name, each.theirs),
                "yours": words.fact(each.name, each.yours),
            }
            for each in stale.differences
        ],
    }


def _change(
    request: HttpRequest, held: Incident, name: str, form: Any, **more: Any
) -> HttpResponse:
    """The page of one change; 409 for a stale one, 422 for one that cannot be."""
    near: list[words.Line] = []
    if name == "merge":
        found = queries.near(
            lon=held.lon,
            lat=held.lat,
            at=held.occurred_at,
            within_m=FAR_M,
            within=LONG,
            besides=[held.pk],
        )
        near = words.lines(request.actor, found)
    context = {
        "form": form,
        "change": name,
        "held": held,
        "line": words.line(request.actor, held),
        "near": near,
        "stale": None,
        "refusal": None,
        **more,
    }
    bad = 409 if more.get("stale") else 422
    ok = not (form.is_bound and form.errors) and not more.get("refusal")
    return render(request, f"incidents/{name}.html", context, status=200 if ok else bad)


def _context(request: HttpRequest, held: Incident) -> dict[str, Any]:
    actor = request.actor
    versions = list(queries.versions(actor, held))
    names = words.names(actor, [each.by for each in versions])
    line = words.line(actor, held)
    alerts = _alerts(request, held)
    return {
        "line": line,
        "seen": line.shown,
        "areas": _areas(held, line.shown),
        "area_kind": places.main_kind(),
        "versions": _timeline(versions, names),
        "into": held.merged_into if can(actor, Permission.INCIDENTS_BLOCK) else None,
        "merged": list(queries.merged_here(actor, held)),
        "alerts": alerts,
        # The way on for the site that was called; to a neighbour there is nothing to do.
        "answers": can(actor, Permission.RESPONSES_VIEW)
        and any(each.kind == "shooting" for each in alerts),
        "source": held.source if line.shown.precise else None,
        "decides": can(actor, Permission.INCIDENTS_DECIDE),
        "sure": words.SURE,
        "stale": None,
        "refusal": None,
    }


def _areas(held: Any, seen: Any) -> list[tuple[str, str, str]]:
    """Areas of each kind: its name, those of the incident's day, and today's where they differ.

    Two boundaries of one point say more of where it is than one: today's are for who sees it.
    """
    then = {kind: tuple(codes) for kind, codes in seen.areas.items()}
    now = then
    if seen.precise and held.lon is not None:
        now = places.placed(held.lon, held.lat)
    return [
        (
            kind.replace("_", " "),
            _all_called(kind, then.get(kind, ())),
            _all_called(kind, now.get(kind, ())) if now.get(kind) != then.get(kind) else "",
        )
        for kind in sorted(then.keys() | now.keys())
    ]


def _all_called(kind: str, codes: Sequence[str]) -> str:
    return ", ".join(_called(kind, code) for code in codes) or _("none")


def _called(kind: str, code: str) -> str:
    """A catchment by the name of its site; any other area by its code, as the city does."""
    site = accounts.site(code) if kind == "catchment" else None
    return site.name if site else code


def _alerts(request: HttpRequest, held: Incident) -> list[Any]:
    """Alerts of it that the reader may look at, newest first."""
    found = notifications.visible_to(request.actor).filter(subject=f"incident:{held.key}")
    return list(found[:20])


def _timeline(versions: list[Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Every version with what it changed, the latest first."""
    lines = []
    before: dict[str, Any] = {}
    for each in versions:
        changed = [
            (words.FACTS[name], words.fact(name, before.get(name)), words.fact(name, value))
            for name, value in each.known.items()
            if name in queries.FACTS and before and before.get(name) != value
        ]
        lines.append({"version": each, "who": names[each.by], "changed": changed})
        before = each.known
    return lines[::-1]
