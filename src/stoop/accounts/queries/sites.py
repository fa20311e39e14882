"""Which sites there are."""

from django.db.models import Q, QuerySet

from stoop.accounts.models import Site
from stoop.accounts.permissions import Actor, Permission


def site(code: str) -> Site | None:
    """The site with that code; None when there is none."""
    return Site.objects.select_related("organization", "covered_by").filter(code=code).first()


def sites(actor: Actor, permission: Permission = Permission.SITES_VIEW) -> QuerySet[Site]:
    """Sites where the actor holds the permission, by name."""
    every = Site.objects.select_related("organization", "covered_by").order_by("name", "pk")
    where = actor.sites(permission)
    return every if None in where else every.filter(Q(pk__in=[pk for pk in where if pk]))
