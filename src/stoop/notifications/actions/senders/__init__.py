"""The ways a message leaves the house: a sender knows no table, and says how it went."""

from stoop.notifications.actions.senders.message import Message, Outcome, dead, later, sent

__all__ = ["Message", "Outcome", "dead", "later", "sent"]
