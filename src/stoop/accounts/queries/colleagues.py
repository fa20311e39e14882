"""The people whom somebody may see, each with the roles that she may see of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator

from stoop.accounts.models import Membership, Person
from stoop.accounts.permissions import (
    NOBODY,
    ROLES,
    SECOND_FACTORS,
    Actor,
    Permission,
    Role,
    can,
    today,
)
from stoop.accounts.queries.people import people


@dataclass(frozen=True)
class Held:
    """A membership with its role in words; `runs` today, and whether the reader may end it."""

    membership: Membership
    role: Role | None
    runs: bool
    endable: bool


@dataclass(frozen=True)
class Colleague:
    """A person as a list or her own page shows her: `state` is open, invited or closed."""

    person: Person
    held: tuple[Held, ...]
    state: str
    has_factor: bool

    @property
    def now(self) -> tuple[Held, ...]:
        """What she is today."""
        return tuple(each for each in self.held if each.runs)


def colleagues(actor: Actor, *, words: str = "", site: int | None = None) -> list[Colleague]:
    """People whom the actor may see, by name; of a site, and with `words` in name or e-mail."""
    found = people(actor)
    if site is not None:
        at_site = Membership.objects.filter(site_id=site).values("person_id")
        found = found.filter(pk__in=at_site)
    wanted = words.casefold().split()
    kept = [each for each in found if _has(each, wanted)]
    return _with_roles(actor, kept)


def colleague(actor: Actor, key: object) -> Colleague | None:
    """One of them, by key; None when there is none, or none for this actor."""
    found = people(actor).filter(key=key)
    return next(iter(_with_roles(actor, found)), None)


def _has(person: Person, wanted: Iterable[str]) -> bool:
    # In Python: the two databases do not agree on the case of letters beyond English.
    text = f"{person.name} {person.email}".casefold()
    return all(word in text for word in wanted)


def _with_roles(actor: Actor, found: Iterable[Person]) -> list[Colleague]:
    persons = list(found)
    where = actor.sites(Permission.PEOPLE_VIEW)
    rows = Membership.objects.filter(person__in=[each.pk for each in persons])
    rows = rows.select_related("site", "organization").order_by("-since", "pk")
    if None not in where:
        rows = rows.filter(site_id__in=where)
    held: dict[int, list[Held]] = {}
    for row in rows:
        held.setdefault(row.person_id, []).append(_held(actor, row))
    safe = set(
        Authenticator.objects.filter(
            user__in=[each.pk for each in persons], type__in=SECOND_FACTORS
        ).values_list("user_id", flat=True)
    )
    return [
        Colleague(each, tuple(held.get(each.pk, ())), _state(each), each.pk in safe)
        for each in persons
    ]


def _held(actor: Actor, row: Membership) -> Held:
    day = today()
    runs = row.since <= day and (row.until is None or row.until >= day)
    everywhere = None in actor.sites(Permission.PEOPLE_EDIT)
    here = row.site_id is not None and can(actor, Permission.PEOPLE_EDIT, row.site_id)
    return Held(row, ROLES.get(row.role), runs, runs and (everywhere or here))


def _state(person: Person) -> str:
    if not person.is_active:
        return "closed"
    waiting = person.invited_at is not None and person.last_login is None
    return "invited" if waiting and not person.has_usable_password() else "open"


def roles_to_give(actor: Actor = NOBODY) -> list[Role]:
    """Roles that the actor may give somewhere: who keeps one site's people gives its roles."""
    where = actor.sites(Permission.PEOPLE_EDIT)
    return [role for role in ROLES.values() if None in where or (where and role.at_site)]


def roles_of(person: Person) -> list[Held]:
    """What somebody is today, for her own eyes."""
    rows = Membership.objects.filter(person=person).select_related("site", "organization")
    held = [_held(NOBODY, row) for row in rows.order_by("since", "pk")]
    return [each for each in held if each.runs]
