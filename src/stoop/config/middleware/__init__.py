"""What happens around every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from stoop.accounts import permissions
from stoop.kernel import walls


def actors(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give each request its `actor`: who asks, and what they may do.

    Until somebody asks for it, the database's own wall shows nothing; from then on the actor's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        def actor() -> permissions.Actor:
            return permissions.enter(permissions.actor_of(request.user))

        request.actor = SimpleLazyObject(actor)
        with walls.within(walls.OUTSIDE):
            return get_response(request)

    return middleware
