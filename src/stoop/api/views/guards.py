"""Who may ask: a source by its key, a person by the session. Default deny."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer

from stoop.accounts.permissions import Actor, Permission, enter, require
from stoop.incidents import queries as incidents

Operation = Callable[..., Any]


class SourceKey(HttpBearer):
    """The key of a source. `request.auth` is the source; `request.source_actor` acts for it."""

    openapi_description = "A source's key, made by an administrator."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        source = incidents.source_by_key(token)
        if source is None:
            raise AuthenticationError
        request.source_actor = enter(incidents.actor_of_source(source))
        return source


class Session(APIKeyCookie):
    """A person's session in the browser, for reading."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # nothing is changed with a session here

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if request.actor.person is None:
            raise AuthenticationError
        return request.actor.person


def needs(permission: Permission) -> Callable[[Operation], Operation]:
    """Declare the permission of an operation; its address carries it, `checked` asks for it."""

    def mark(operation: Operation) -> Operation:
        operation.permission = permission  # type: ignore[attr-defined]
        return operation

    return mark


def checked(actor: Actor, operation: Operation) -> Actor:
    """The actor, if it has what the operation declares; 404 otherwise."""
    require(actor, operation.permission)  # type: ignore[attr-defined]
    return actor
