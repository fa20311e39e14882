"""What may be done to people, organizations and sites."""

from stoop.accounts.actions.invitations import (
    accept_invitation,
    invite,
    invited,
    send_invitation,
)
from stoop.accounts.actions.lists import SitesLoaded, load_sites
from stoop.accounts.actions.memberships import add_membership, end_membership
from stoop.accounts.actions.people import (
    add_person,
    deactivate,
    drop_second_factor,
    edit_self,
    note,
    reactivate,
)
from stoop.accounts.actions.sessions import begin_session, end_session, end_sessions
from stoop.accounts.actions.sites import (
    add_organization,
    add_program,
    add_site,
    close_program,
    edit_site,
)

__all__ = [
    "SitesLoaded",
    "accept_invitation",
    "add_membership",
    "add_organization",
    "add_person",
    "add_program",
    "add_site",
    "begin_session",
    "close_program",
    "deactivate",
    "drop_second_factor",
    "edit_self",
    "edit_site",
    "end_membership",
    "end_session",
    "end_sessions",
    "invite",
    "invited",
    "load_sites",
    "note",
    "reactivate",
    "send_invitation",
]
