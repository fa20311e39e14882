"""Who has a second factor, and who must have one."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet

from stoop.accounts.models import Membership, Person
from stoop.accounts.permissions import ROLES, SECOND_FACTORS, today
from stoop.accounts.queries.people import held_on


def factors(person: Person) -> QuerySet[Authenticator]:
    """Her authenticator app and passkeys; recovery codes alone are none."""
    return Authenticator.objects.filter(user_id=person.pk, type__in=SECOND_FACTORS)


def is_staff(person: Person) -> bool:
    """Whether one of her roles today asks for a second factor."""
    codes = [role.code for role in ROLES.values() if role.staff]
    return Membership.objects.filter(held_on(today()), person=person, role__in=codes).exists()


def is_last_needed(person: Person, pk: int) -> bool:
    """Whether that second factor is her last, and she must have one."""
    needed = settings.STOOP_SECOND_FACTOR == "required"
    return needed and is_staff(person) and not factors(person).exclude(pk=pk).exists()
