"""What may be done to people, organizations and sites."""

from stoop.accounts.actions.invitations import (
    accept_invitation,
    invite,
    invited,
    send_invitation,
)
from stoop.accounts.actions.memberships import add_membership, end_membership
from stoop.accounts.actions.people import (
    add_person,
    deactivate,
    drop_second_factor,
    edit_self,
    end_session,
    end_sessions,
    note,
    reactivate,
)

__all__ = [
    "accept_invitation",
    "add_membership",
    "add_person",
    "deactivate",
    "drop_second_factor",
    "edit_self",
    "end_membership",
    "end_session",
    "end_sessions",
    "invite",
    "invited",
    "note",
    "reactivate",
    "send_invitation",
]
