"""What may be done to people, organizations and sites."""

from stoop.accounts.actions.memberships import add_membership, end_membership
from stoop.accounts.actions.people import add_person, invite

__all__ = ["add_membership", "add_person", "end_membership", "invite"]
