"""The people of the tests, and where they work.

Alice is on the site, Bob on another, Carol in the city office, Dan with an agency, Eve a police
liaison. Each has a session that is past the second factor.
"""

from datetime import date
from types import SimpleNamespace

from allauth.mfa.models import Authenticator

from stoop.accounts.models import Membership, Organization, Person, Site

SINCE = date(2020, 1, 1)


def organization(code: str = "city", kind: str = "city") -> Organization:
    return Organization.objects.get_or_create(
        code=code, defaults={"name": code.title(), "kind": kind}
    )[0]


def site(code: str = "riverside", provider: str = "harbor-aid") -> Site:
    return Site.objects.get_or_create(
        code=code,
        defaults={"name": code.title(), "organization": organization(provider, "provider")},
    )[0]


def person(name: str, role: str = "", at: Site | None = None, kind: str = "city") -> Person:
    """Somebody with one role; `kind` is of the organization where the role has no site."""
    made = Person(email=f"{name.lower()}@example.org", name=name)
    made.set_unusable_password()
    made.save()
    if role:
        where = at.organization if at else organization(kind, kind)
        Membership.objects.create(person=made, organization=where, site=at, role=role, since=SINCE)
        second_factor(made)
    return made


def second_factor(of: Person) -> Authenticator:
    """An authenticator app, as if it had been set up."""
    return Authenticator.objects.create(user=of, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})


def personas() -> SimpleNamespace:
    """Alice supervises `site`, Ann works there, Bob supervises `other`, and so on."""
    here, there = site(), site("hillside", "hill-house")
    return SimpleNamespace(
        site=here,
        other=there,
        alice=person("Alice", "site_supervisor", here),
        ann=person("Ann", "outreach_worker", here),
        bob=person("Bob", "site_supervisor", there),
        carol=person("Carol", "duty_officer"),
        cass=person("Cass", "analyst"),
        ada=person("Ada", "administrator"),
        dan=person("Dan", "agency_liaison", kind="agency"),
        eve=person("Eve", "police_liaison", kind="police"),
        rita=person("Rita", "researcher", kind="research"),
        nobody=person("Nobody"),
    )
