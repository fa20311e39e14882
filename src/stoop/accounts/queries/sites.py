"""Which sites there are."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from stoop.accounts.models import Program, Site
from stoop.accounts.permissions import Actor, Permission


def site(code: str) -> Site | None:
    """The site with that code; None when there is none."""
    return Site.objects.select_related("organization", "covered_by").filter(code=code).first()


def sites(actor: Actor, permission: Permission = Permission.SITES_VIEW) -> QuerySet[Site]:
    """Sites where the actor holds the permission, by name."""
    every = Site.objects.select_related("organization", "covered_by").order_by("name", "pk")
    where = actor.sites(permission)
    return every if None in where else every.filter(Q(pk__in=[pk for pk in where if pk]))


def programs(actor: Actor) -> QuerySet[Program]:
    """Where each site works, since when and until when, with its site; by area."""
    every = Program.objects.select_related("site").order_by("area_code", "site__code", "pk")
    where = actor.sites(Permission.SITES_VIEW)
    return every if None in where else every.filter(site__in=[pk for pk in where if pk])


def site_by_id(pk: int) -> Site | None:
    """The site with that id; None when there is none."""
    return Site.objects.select_related("organization", "covered_by").filter(pk=pk).first()


def sites_answering(codes: Iterable[str], *, on: date) -> list[Site]:
    """The sites that answer for these catchments on a day, each once, in the order of the codes.

    A site that another covers is answered for by that one. A site without a program on that day
    does not answer, unless no program of it was ever written down.
    """
    asked = list(codes)
    if not asked:
        return []
    held = Site.objects.select_related("covered_by").in_bulk(asked, field_name="code")
    programs = Program.objects.filter(site__in=[site.pk for site in held.values()])
    spans = list(programs.values_list("site_id", "starts", "ends"))
    known = {site for site, _starts, _ends in spans}
    at_work = {
        site
        for site, starts, ends in spans
        if starts is not None and starts <= on and (ends is None or ends >= on)
    }
    answering = {}
    for code in asked:
        site = held.get(code)
        if site is None:
            continue
        if site.covered_by is not None:
            answering[site.covered_by.pk] = site.covered_by
        elif site.pk in at_work or site.pk not in known:
            answering[site.pk] = site
    return list(answering.values())
