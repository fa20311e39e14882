"""Door for questions about shootings, as far as the one who asks may see."""

from django.db.models import QuerySet

from stoop.accounts.permissions import Actor, Permission, can
from stoop.incidents.models import Incident

__all__ = ["incidents"]


def incidents(actor: Actor) -> QuerySet[Incident]:
    """All incidents; none for somebody who may not see them."""
    held = Incident.objects.all()
    return held if can(actor, Permission.INCIDENTS_VIEW) else held.none()
