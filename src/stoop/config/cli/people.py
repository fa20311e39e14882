"""`stoop invite`: the first administrator, and anybody else, from the command line."""

from typing import Annotated, Any

import typer
from django.conf import settings

from stoop.accounts import actions as accounts
from stoop.accounts import queries
from stoop.accounts.permissions import ROLES, SYSTEM, Role, within
from stoop.config.cli import serve, show
from stoop.kernel.errors import Refusal

CONSOLE = "django.core.mail.backends.console.EmailBackend"
OFFICES = {
    "agency_liaison": ("agency", "City agency"),
    "police_liaison": ("police", "Police"),
    "researcher": ("research", "Research"),
}
CITY = ("city", "City office")


def invite(
    email: Annotated[str, typer.Argument(help="Where the invitation goes.")],
    role: Annotated[str, typer.Option("--role", help="Code of the role, such as administrator.")],
    name: Annotated[
        str, typer.Option("--name", help="What people call her; can be left out the second time.")
    ] = "",
    site: Annotated[str, typer.Option("--site", help="Code of the site, for its roles.")] = "",
    organization: Annotated[
        str, typer.Option("--organization", help="Whom she works for; made when it is new.")
    ] = "",
    show_link: Annotated[
        bool, typer.Option("--print", help="Print the mail with its link instead of sending it.")
    ] = False,
) -> None:
    """Invite somebody by a link that works once. For who is invited already: send it anew.

    The first administrator comes this way; all others can be invited on the page People.
    """
    chosen = ROLES.get(role)
    if chosen is None:
        raise Refusal(f"There is no role {role}; choose one of {', '.join(sorted(ROLES))}.")
    serve.ready()
    serve.take_key()
    if show_link:
        settings.EMAIL_BACKEND = CONSOLE
    with within(SYSTEM):
        known = queries.people(SYSTEM).filter(email__iexact=email.strip()).first()
        if known is not None:
            accounts.send_invitation(person=known, by=SYSTEM)
        else:
            _invite(email, name, chosen, site, organization)
    show.say(f"Invited: {email}, {chosen.label}. The link works once, for three days.")


def _invite(email: str, name: str, role: Role, code: str, organization: str) -> None:
    if not name:
        raise Refusal("Say what people call her: --name NAME.")
    where = _site(role, code)
    kind, office = OFFICES.get(role.code, CITY)
    works_for = (
        where.organization
        if where is not None
        else accounts.add_organization(name=organization or office, kind=kind, by=SYSTEM)
    )
    accounts.invite(
        email=email, name=name, role=role.code, organization=works_for, site=where, by=SYSTEM
    )


def _site(role: Role, code: str) -> Any:
    if not role.at_site:
        if code:
            raise Refusal(f"{role.label} holds in the whole city; leave --site out.")
        return None
    found = queries.site(code)
    if found is None:
        known = ", ".join(site.code for site in queries.sites(SYSTEM)[:20])
        raise Refusal(
            f"{role.label} holds at a site: name it with --site; there are {known or 'none yet'}."
        )
    return found
