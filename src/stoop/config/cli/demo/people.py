"""Who works in Sample City: one persona for each role, and a team for each site."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from stoop.accounts import actions as accounts
from stoop.accounts import queries
from stoop.accounts.permissions import SYSTEM
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field
from stoop.kernel import clock

# Known to everybody who reads this: for a made-up city on one's own machine, and nothing else.
PASSWORD = "made-up-city"  # noqa: S105
DOMAIN = "sample.example"
WEEKS = 26
HOME_SITE = "level-ground-tannery-flats"  # whose supervisor and worker are Alice and Ann
OTHER_SITE = "evening-table-millrace"


@dataclass(frozen=True)
class Persona:
    """One line of the table that the demo prints."""

    name: str
    role: str
    kind: str
    sentence: str
    site: str = ""

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@{DOMAIN}"


PERSONAS = (
    Persona("Alice", "site_supervisor", "", "is on call: takes alerts, leads responses", HOME_SITE),
    Persona("Ann", "outreach_worker", "", "works on the responses of Alice's site", HOME_SITE),
    Persona("Carol", "duty_officer", "city", "enters, corrects, retracts; sees the whole city"),
    Persona(
        "Cass",
        "analyst",
        "city",
        "joins reports with published rows: two wait; has a study to publish",
    ),
    Persona(
        "Bob",
        "site_supervisor",
        "",
        "leads another site; sees nothing of Alice's",
        OTHER_SITE,
    ),
    Persona(
        "Ada", "administrator", "city", "keeps people, sites, sources, plans; sees no shooting"
    ),
    Persona("Dan", "agency_liaison", "agency", "sees in which areas there were shootings"),
    Persona(
        "Eve",
        "police_liaison",
        "police",
        "reports shootings, sees nothing of sites' work",
    ),
    Persona("Rita", "researcher", "research", "reads counts by area and the brief"),
)


def sign_ins() -> str:
    """What the sign-in page says to somebody who has only the browser before them."""
    first, desk = PERSONAS[0], next(each for each in PERSONAS if each.role == "duty_officer")
    lines = [f"{each.email}: {each.sentence}" for each in PERSONAS]
    return (
        f"Everybody's password is {PASSWORD}. Sign in as {first.email}, and in a private window as "
        f"{desk.email}: now and then a shooting is made up, and both see it go through.\n\n"
        + "\n".join(lines)
    )


ORGANIZATIONS = {
    "city": "Sample City Office of Neighborhood Safety",
    "agency": "Sample City Parks",
    "police": "Sample City Police, liaison",
    "research": "Sample City University",
}
# Names for the teams of the other sites.
NAMES = ("Moss", "Reed", "Fern", "Birch", "Hazel", "Rowan", "Sorrel", "Willow", "Heath", "Briar",
         "Linden", "Juniper", "Clover", "Aspen", "Laurel", "Alder")  # fmt: skip


def settle(sites: list[Any]) -> dict[str, Any]:
    """Everybody with a role, and somebody on call at each site at every hour; person by name."""
    offices = {
        kind: accounts.add_organization(name=name, kind=kind, by=SYSTEM)
        for kind, name in ORGANIZATIONS.items()
    }
    by_code = {site.code: site for site in sites}
    found: dict[str, Any] = {}
    for each in PERSONAS:
        site = by_code.get(each.site)
        office = site.organization if site else offices[each.kind]
        found[each.name] = _add(each.email, each.name, each.role, office, site)
    names = iter(NAMES)
    for site in sites:
        team = [found[p.name] for p in PERSONAS if p.site == site.code]
        for role in ("site_supervisor", "outreach_worker")[len(team) :]:
            name = next(names)
            email = f"{name.lower()}@{DOMAIN}"
            found[name] = _add(email, name, role, site.organization, site)
            team.append(found[name])
        _on_call(site, team)
    return found


def _add(email: str, name: str, role: str, organization: Any, site: Any) -> Any:
    return accounts.add_person(
        email=email,
        name=name,
        role=role,
        organization=organization,
        site=site,
        password=PASSWORD,
        by=SYSTEM,
    )


def _on_call(site: Any, team: list[Any]) -> None:
    """The supervisor first, the worker second, from last Monday on."""
    today = timezone.localtime(clock.now()).replace(hour=8, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    for place, person in enumerate(team, 1):
        fieldwork.set_shift(
            site=site,
            person=person,
            starts=monday,
            ends=monday + timedelta(days=7),
            weeks=WEEKS,
            rank=place,
            by=SYSTEM,
        )


def stand_in(site: Any, people: dict[str, Any]) -> None:
    """Ann stands in for Alice tomorrow night."""
    night = timezone.localtime(clock.now()).replace(hour=20, minute=0, second=0, microsecond=0)
    begins, ends = night + timedelta(days=1), night + timedelta(days=1, hours=12)
    hers = field.shifts(SYSTEM).filter(person=people["Alice"], starts__lte=begins, ends__gte=ends)
    fieldwork.cover_shift(
        shift=hers.get(), person=people["Ann"], starts=begins, ends=ends, by=SYSTEM
    )


def working_sites() -> list[Any]:
    """Sites with a program that runs today."""
    sites = queries.sites(SYSTEM)
    codes = [site.code for site in sites]
    return list(queries.sites_answering(codes, on=timezone.localdate()))
