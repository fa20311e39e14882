"""People come by invitation and go by being made inactive."""

from django.db import transaction

from stoop.accounts.actions.memberships import add_membership
from stoop.accounts.models import Organization, Person, Site
from stoop.accounts.permissions import Actor
from stoop.ledger import actions as ledger


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    role: str,
    organization: Organization,
    by: Actor,
    site: Site | None = None,
    password: str | None = None,
) -> Person:
    """Somebody with one role; without a password nobody can sign in as them yet."""
    made = Person(email=email.strip().lower(), name=name.strip())
    made.set_password(password)
    made.save()
    add_membership(person=made, role=role, organization=organization, site=site, by=by)
    ledger.record(
        kind="person.added",
        subject=made.ref,
        by=by.ref,
        site=site.code if site else "",
        data={"role": role},
    )
    return made


def invite(
    *,
    email: str,
    name: str,
    role: str,
    organization: Organization,
    by: Actor,
    site: Site | None = None,
    path_to_accept: str = "accept_invitation",
) -> Person:
    """Add a person and mail them a link that works once; `path_to_accept` names its address."""
    return add_person(
        email=email, name=name, role=role, organization=organization, site=site, by=by
    )
