"""Who holds which role where, from one day to another."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import Http404

from stoop.accounts.models import Membership, Organization, Person, Site
from stoop.accounts.permissions import ROLES, Actor, Permission, require, today
from stoop.accounts.queries import held_on
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger

# Roles in the city that can give roles.
KEEPERS = frozenset(
    role.code
    for role in ROLES.values()
    if Permission.PEOPLE_EDIT in role.permissions and not role.at_site
)


@transaction.atomic
def add_membership(
    *,
    person: Person,
    role: str,
    organization: Organization,
    by: Actor,
    site: Site | None = None,
    since: date | None = None,
) -> Membership:
    """Give a person a role, at a site or in the whole city. Giving it twice changes nothing.

    Refuses a role that is none, and a role in the wrong place. Who keeps the people of one site
    gives roles there alone, and nobody gives a role to herself: an administrator who sees no
    shooting must not make herself somebody who does.
    """
    require_place(by, site)
    if by.person == person:
        raise Refusal("Nobody gives a role to herself; another administrator has to do it.")
    known = ROLES.get(role)
    if known is None:
        raise Refusal("There is no such role; choose one of the list.")
    if known.at_site and site is None:
        raise Refusal(f"The role {known.label} holds at a site; choose the site.")
    if site is not None and not known.at_site:
        raise Refusal(f"The role {known.label} holds in the whole city; leave out the site.")
    if not person.is_active:
        raise Refusal("This person's account is closed; open it again first.")
    first = since or today()
    same = Membership.objects.filter(person=person, role=role, site=site, since__lte=first)
    if held := same.filter(until=None).first():
        return held
    made = Membership.objects.create(
        person=person, organization=organization, site=site, role=role, since=first
    )
    ledger.record(
        kind="membership.began",
        subject=person.ref,
        by=by.ref,
        site=site.code if site else "",
        data={"role": role},
    )
    return made


@transaction.atomic
def end_membership(*, membership: Membership, by: Actor, until: date | None = None) -> Membership:
    """End a role: `until` is its last day, by default yesterday, so that it ends at once."""
    [membership] = hold(Q(pk=membership.pk))
    require_place(by, membership.site)
    last = until or today() - timedelta(days=1)
    if membership.until is not None and membership.until <= last:
        return membership
    _require_another(membership)
    membership.until = last
    membership.save(update_fields=["until"])
    ledger.record(
        kind="membership.ended",
        subject=membership.person.ref,
        by=by.ref,
        site=membership.site.code if membership.site else "",
        data={"role": membership.role},
    )
    return membership


def hold(chosen: Q) -> list[Membership]:
    """Roles as they are now, held until the transaction ends; with them all that can give roles,
    so that of the last two administrators who end each other's one stays."""
    rows = Membership.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(chosen | Q(role__in=KEEPERS, site=None)))
    return list(Membership.objects.filter(chosen).order_by("pk"))


def _require_another(membership: Membership) -> None:
    """Refuse to end the last role in the city that can give roles: nobody could mend it here."""
    others = Membership.objects.filter(
        held_on(today()), role__in=KEEPERS, site=None, person__is_active=True
    )
    if membership.role in KEEPERS and not others.exclude(pk=membership.pk).exists():
        raise Refusal(
            "This is the city's last administrator; make somebody else administrator first."
        )


def require_place(by: Actor, site: Site | None) -> None:
    """Raise Http404 unless the actor keeps the people of the site; without one, of the city."""
    if site is not None:
        require(by, Permission.PEOPLE_EDIT, site.pk)
    elif None not in by.sites(Permission.PEOPLE_EDIT):
        raise Http404
