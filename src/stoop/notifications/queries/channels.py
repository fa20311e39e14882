"""By which ways a person can be reached."""

from django.db.models import QuerySet

from stoop.accounts.permissions import Actor
from stoop.notifications.models import Channel, Preference


def channels(actor: Actor) -> QuerySet[Channel]:
    """The actor's own ways, in the order in which they were given."""
    return Channel.objects.filter(person=actor.person).order_by("added_at", "pk")


def preference(actor: Actor) -> Preference:
    """How the actor wants to be told; what holds without a choice when there was none."""
    kept = Preference.objects.filter(person=actor.person).first()
    return kept or Preference(person=actor.person)
