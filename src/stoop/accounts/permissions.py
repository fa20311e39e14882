"""Who may do what: the one file that says so.

A role belongs to the whole city or to one site. `can` answers "may I do this, here?", `visible`
answers "which of these may I see?" by the same rule, and `page` guards a view with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from stoop.accounts.models import Membership, Person
from stoop.kernel import clock, walls


class Permission(StrEnum):
    """What can be allowed. The word before the dot is what it is about."""

    SELF = "self.edit"
    INCIDENTS_VIEW = "incidents.view"
    INCIDENTS_BLOCK = "incidents.block"
    INCIDENTS_REPORT = "incidents.report"
    INCIDENTS_DECIDE = "incidents.decide"
    INCIDENTS_MATCH = "incidents.match"
    INCIDENTS_IMPORT = "incidents.import"
    SOURCES_EDIT = "sources.edit"
    RESPONSES_OVERSEE = "responses.oversee"
    RESPONSES_VIEW = "responses.view"
    RESPONSES_WORK = "responses.work"
    RESPONSES_LEAD = "responses.lead"
    PLANS_EDIT = "plans.edit"
    ROTA_VIEW = "rota.view"
    ROTA_EDIT = "rota.edit"
    ALERTS_TAKE = "alerts.take"
    ALERTS_AUDIT = "alerts.audit"
    BRIEF_READ = "brief.read"
    STUDIES_WORK = "studies.work"
    STUDIES_DATA = "studies.data"
    STUDIES_PUBLISH = "studies.publish"
    SITES_VIEW = "sites.view"
    SITES_EDIT = "sites.edit"
    PEOPLE_VIEW = "people.view"
    PEOPLE_EDIT = "people.edit"
    LEDGER_READ = "ledger.read"


P = Permission
# What each permission lets somebody do, to be read after "may".
SAYS: dict[Permission, str] = {
    P.SELF: "change their own account, password, second factor and the way they are told",
    P.INCIDENTS_VIEW: "see that there was a shooting, when, and in which area",
    P.INCIDENTS_BLOCK: "see on which block it was",
    P.INCIDENTS_REPORT: "report a shooting",
    P.INCIDENTS_DECIDE: "confirm, correct, merge and retract reports of shootings",
    P.INCIDENTS_MATCH: "say which official row a live report belongs to",
    P.INCIDENTS_IMPORT: "load the city's files of shootings",
    P.SOURCES_EDIT: "name the feeds that report shootings, and make their keys",
    P.RESPONSES_OVERSEE: "see that each shooting got its response, and its clocks, not its story",
    P.RESPONSES_VIEW: "see the responses of the site, with their tasks and counts",
    P.RESPONSES_WORK: "take tasks of a response and write down what was done",
    P.RESPONSES_LEAD: "open, lead and close responses, and set the risk of retaliation",
    P.PLANS_EDIT: "change what a response consists of, and its clocks",
    P.ROTA_VIEW: "see who is on call",
    P.ROTA_EDIT: "say who is on call",
    P.ALERTS_TAKE: "be alerted, and take an alert",
    P.ALERTS_AUDIT: "see who was told of what, when, by which channel, and who took it",
    P.BRIEF_READ: "read the brief",
    P.STUDIES_WORK: "read, design, register and run studies of programs",
    P.STUDIES_DATA: "take the rows that a study was made from: day, area, persons hit",
    P.STUDIES_PUBLISH: "publish the finding of a study, and withdraw it",
    P.SITES_VIEW: "see the sites, and what each does where",
    P.SITES_EDIT: "add and change sites, their programs and catchments",
    P.PEOPLE_VIEW: "see people, their roles and how to reach them",
    P.PEOPLE_EDIT: "invite people, and give and end roles",
    P.LEDGER_READ: "read the ledger, and have tried again what was left undone",
}


@dataclass(frozen=True)
class Role:
    """A role: its code in the database, what people call it, what it means, what it allows.

    `at_site` roles hold at one site; the others in the whole city. `staff` must sign in with a
    second factor.
    """

    code: str
    label: str
    sentence: str
    at_site: bool
    staff: bool
    permissions: frozenset[Permission]


def _role(
    code: str,
    label: str,
    sentence: str,
    *allowed: Permission,
    at_site: bool = False,
    staff: bool = True,
) -> Role:
    return Role(code, label, sentence, at_site, staff, frozenset({P.SELF, *allowed}))


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role(
            "duty_officer",
            "Duty officer",
            "Enters, confirms, corrects and retracts shootings for the city office, and sees that "
            "each got its response, without its story.",
            P.INCIDENTS_VIEW,
            P.INCIDENTS_BLOCK,
            P.INCIDENTS_REPORT,
            P.INCIDENTS_DECIDE,
            P.RESPONSES_OVERSEE,
            P.ALERTS_AUDIT,
            P.ROTA_VIEW,
            P.SITES_VIEW,
            P.BRIEF_READ,
        ),
        _role(
            "analyst",
            "Analyst",
            "Loads the city's data, joins live reports with official rows, reads the brief, and "
            "studies what programs do.",
            P.INCIDENTS_VIEW,
            P.INCIDENTS_BLOCK,
            P.INCIDENTS_IMPORT,
            P.INCIDENTS_MATCH,
            P.RESPONSES_OVERSEE,
            P.SITES_VIEW,
            P.BRIEF_READ,
            P.STUDIES_WORK,
            P.STUDIES_DATA,
            P.STUDIES_PUBLISH,
        ),
        _role(
            "administrator",
            "Administrator",
            "Keeps people, sites, sources and plans in order. Sees no shooting and no response.",
            P.PEOPLE_VIEW,
            P.PEOPLE_EDIT,
            P.SITES_VIEW,
            P.SITES_EDIT,
            P.SOURCES_EDIT,
            P.PLANS_EDIT,
            P.LEDGER_READ,
        ),
        _role(
            "site_supervisor",
            "Site supervisor",
            "Leads a site: takes its alerts, runs its responses, keeps its rota and its people.",
            P.INCIDENTS_VIEW,
            P.INCIDENTS_BLOCK,
            P.INCIDENTS_REPORT,
            P.ALERTS_TAKE,
            P.ALERTS_AUDIT,
            P.RESPONSES_VIEW,
            P.RESPONSES_WORK,
            P.RESPONSES_LEAD,
            P.ROTA_VIEW,
            P.ROTA_EDIT,
            P.PEOPLE_VIEW,
            P.PEOPLE_EDIT,
            P.SITES_VIEW,
            P.BRIEF_READ,
            at_site=True,
        ),
        _role(
            "outreach_worker",
            "Outreach worker",
            "Works on a site's responses: takes alerts and tasks, and writes down what was done.",
            P.INCIDENTS_VIEW,
            P.INCIDENTS_BLOCK,
            P.INCIDENTS_REPORT,
            P.ALERTS_TAKE,
            P.RESPONSES_VIEW,
            P.RESPONSES_WORK,
            P.ROTA_VIEW,
            P.SITES_VIEW,
            at_site=True,
            staff=False,
        ),
        _role(
            "agency_liaison",
            "Agency liaison",
            "Speaks for a city agency: sees in which areas there were shootings, and no block.",
            P.INCIDENTS_VIEW,
            P.SITES_VIEW,
        ),
        _role(
            "police_liaison",
            "Police liaison",
            "Reports shootings to the city office. Sees where they were, and nothing of people, "
            "sites' work or responses.",
            P.INCIDENTS_VIEW,
            P.INCIDENTS_BLOCK,
            P.INCIDENTS_REPORT,
        ),
        _role(
            "researcher",
            "Researcher",
            "Reads counts by area and the brief, and studies what programs do, under a protocol.",
            P.INCIDENTS_VIEW,
            P.BRIEF_READ,
            P.STUDIES_WORK,
        ),
    )
}


@dataclass(frozen=True)
class Actor:
    """Who acts, and where each permission holds: None stands for the whole city.

    Who `owes` a second factor holds nothing but her own account until she has set one up.
    """

    ref: str
    person: Person | None
    grants: frozenset[tuple[Permission, int | None]]
    owes: bool = False

    def sites(self, permission: Permission) -> frozenset[int | None]:
        """Ids of the sites where it is allowed; None among them means everywhere."""
        return frozenset(site for allowed, site in self.grants if allowed == permission)


# Recovery codes alone are none: they stand in for one of these.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
NOBODY = Actor("nobody", None, frozenset())
# Work that follows from an event, done by no person.
SYSTEM = Actor("system", None, frozenset((each, None) for each in Permission))


def today() -> date:
    """The day in the city: memberships begin and end at its midnight."""
    return timezone.localdate(clock.now())


def actor_of(person: Any) -> Actor:
    """The actor that a signed-in person is today; NOBODY for anybody else."""
    if not isinstance(person, Person) or not person.is_active:
        return NOBODY
    day = today()
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gte=day), person=person, since__lte=day
    )
    factors = Authenticator.objects.filter(user_id=person.pk, type__in=SECOND_FACTORS)
    grants: set[tuple[Permission, int | None]] = {(P.SELF, None)}
    owes = False
    for role, site, has_factor in held.values_list("role", "site_id", Exists(factors)):
        known = ROLES.get(role)
        if known and known.at_site == (site is not None):
            grants |= {(allowed, site) for allowed in known.permissions}
            owes |= known.staff and not has_factor
    if owes and settings.STOOP_SECOND_FACTOR == "required":
        return Actor(person.ref, person, frozenset({(P.SELF, None)}), owes=True)
    return Actor(person.ref, person, frozenset(grants))


def can(actor: Actor, permission: Permission, site: int | None = None) -> bool:
    """Whether the actor may do this at the site; without a site, whether anywhere."""
    where = actor.sites(permission)
    return bool(where) if site is None else bool(where & {site, None})


def require(actor: Actor, permission: Permission, site: int | None = None) -> None:
    """Raise Http404 unless the actor may: an outsider does not learn that there is something."""
    if not can(actor, permission, site):
        raise Http404


def visible(actor: Actor, permission: Permission, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the actor may see; the model's `site_path` leads from a row to its site."""
    where = actor.sites(permission)
    if None in where:
        return queryset
    if not where:
        return queryset.none()
    return queryset.filter(**{f"{queryset.model.site_path}__in": where})


# Who holds one of these at a site has to do with that site's rows.
_WALLED = frozenset(each for each in P if each.partition(".")[0] in ("responses", "rota", "alerts"))


def inside(actor: Actor) -> walls.Inside:
    """What the database's own wall lets the actor touch, by the same grants as `visible`."""
    if actor == SYSTEM:
        return walls.EVERYWHERE
    where = {site for allowed, site in actor.grants if allowed in _WALLED}
    sites = "*" if None in where else ",".join(str(site) for site in sorted(filter(None, where)))
    return walls.Inside(sites, str(actor.person.pk) if actor.person else "")


@contextmanager
def within(actor: Actor) -> Iterator[None]:
    """Within the block the database shows what this actor may touch, and nothing else.

    A request does this by itself once it asks for `request.actor`. Needed in work that no request
    does (SYSTEM), for an actor found otherwise (an API key, a calendar's link), and in whatever
    runs after the view returned: there around each reading, never around a `yield`.
    """
    with walls.within(inside(actor)):
        yield


def enter(actor: Actor) -> Actor:
    """As `within`, until the request ends; gives the actor back."""
    walls.enter(inside(actor))
    return actor


View = Callable[..., HttpResponse]


def page(permission: Permission) -> Callable[[View], View]:
    """Guard a view: nobody is asked to sign in, an outsider gets 404.

    The view finds the actor in `request.actor`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.actor.person is None:
                return redirect_to_login(request.get_full_path())
            require(request.actor, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard
