"""Who is at the city's desk."""

from collections.abc import Iterable

from django.db.models import Q

from stoop.accounts.models import Membership
from stoop.accounts.permissions import ROLES, Permission, today
from stoop.accounts.queries.people import held_on


def holders(permission: Permission) -> list[int]:
    """Ids of the active people who hold a permission in the whole city today."""
    codes = [role.code for role in ROLES.values() if permission in role.permissions]
    held = Membership.objects.filter(
        held_on(today()), site=None, role__in=codes, person__is_active=True
    )
    return list(held.order_by("person_id").values_list("person_id", flat=True).distinct())


def still_holding(
    people: Iterable[int], *permissions: Permission, site: int | None = None
) -> set[int]:
    """Those of the ids who are active and hold one of the permissions today, there or anywhere."""
    codes = [role.code for role in ROLES.values() if role.permissions.intersection(permissions)]
    held = Membership.objects.filter(
        held_on(today()), role__in=codes, person__is_active=True, person__in=list(people)
    )
    if site is not None:
        held = held.filter(Q(site=None) | Q(site_id=site))
    return set(held.values_list("person_id", flat=True))
