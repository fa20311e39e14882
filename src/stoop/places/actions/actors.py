"""Who may change places. Accounts stand a floor above, so an actor is known here by its shape."""

from typing import Any, Protocol

from django.http import Http404

# The value of accounts.permissions.Permission.SITES_EDIT, a text like every permission.
_EDIT = "sites.edit"


class Actor(Protocol):
    """What accounts.permissions.Actor is to this module."""

    @property
    def ref(self) -> str: ...

    def sites(self, permission: Any) -> frozenset[int | None]: ...


def require_edit(by: Actor) -> None:
    """Raise Http404 unless the actor may change the places of the whole city."""
    if None not in by.sites(_EDIT):
        raise Http404
