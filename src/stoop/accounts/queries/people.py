"""Who works where today."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from stoop.accounts.models import Membership, Organization, Person
from stoop.accounts.permissions import ROLES, Actor, Permission, today


def person(pk: int | UUID | str) -> Person | None:
    """The person with that id, or with that key; None when there is none."""
    by_key = isinstance(pk, UUID) or (isinstance(pk, str) and "-" in pk)
    return Person.objects.filter(**{"key" if by_key else "pk": pk}).first()


def held_on(day: date) -> Q:
    """Memberships that hold on that day."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gte=day))


def people_at(site_id: int, permission: Permission | None = None) -> QuerySet[Person]:
    """Active people of a site today, by name; with a permission only those who have it there."""
    codes = [role.code for role in ROLES.values() if role.at_site]
    if permission is not None:
        codes = [code for code in codes if permission in ROLES[code].permissions]
    held = Membership.objects.filter(held_on(today()), site_id=site_id, role__in=codes).values(
        "person_id"
    )
    return Person.objects.filter(pk__in=held, is_active=True).order_by("name", "pk")


def team(site_id: int) -> dict[int, bool]:
    """Ids of the active people of a site today, by name; of each whether she leads it."""
    codes = [role.code for role in ROLES.values() if role.at_site]
    held = Membership.objects.filter(
        held_on(today()), site_id=site_id, role__in=codes, person__is_active=True
    )
    found: dict[int, bool] = {}
    rows = held.order_by("person__name", "person_id").values_list("person_id", "role")
    for person_id, role in rows:
        leads = Permission.RESPONSES_LEAD in ROLES[role].permissions
        found[person_id] = found.get(person_id, False) or leads
    return found


def teams(site_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Who works where today: a site's id and that of an active person of it, for each."""
    codes = [role.code for role in ROLES.values() if role.at_site]
    held = Membership.objects.filter(
        held_on(today()), site__in=list(site_ids), role__in=codes, person__is_active=True
    )
    return set(held.values_list("site_id", "person_id"))


def supervisors(site_id: int) -> QuerySet[Person]:
    """Active people who lead the site today, by name."""
    return people_at(site_id, Permission.RESPONSES_LEAD)


def people(actor: Actor) -> QuerySet[Person]:
    """People whom the actor may see, active or not, by name: of her site today, or of the city."""
    where = actor.sites(Permission.PEOPLE_VIEW)
    everybody = Person.objects.order_by("name", "pk")
    if None in where:
        return everybody
    held = Membership.objects.filter(held_on(today()), site_id__in=where).values("person_id")
    return everybody.filter(pk__in=held)


def organizations() -> QuerySet[Organization]:
    """Whom people work for, by name."""
    return Organization.objects.order_by("name", "pk")


def works_for(actor: Actor) -> Organization | None:
    """Whom the actor works for today, by the role held longest; None for the system or nobody."""
    if actor.person is None:
        return None
    held = Membership.objects.filter(held_on(today()), person=actor.person)
    found = held.select_related("organization").order_by("since", "pk").first()
    return found.organization if found else None
