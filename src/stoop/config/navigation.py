"""What every page shows besides its own matter: where one can go from here.

An item is the name of an address. It is shown when the address exists and the actor has the
permission that its view declares, so a menu never leads to a door that is shut.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from stoop.accounts.permissions import Actor, Permission, can
from stoop.kernel import clock

# Name of the address, what it is called, its picture; in the order of need on a night shift.
PLACES: tuple[tuple[str, str, str], ...] = (
    ("board", gettext_noop("Board"), "board"),
    ("city-board", gettext_noop("City"), "board"),
    ("incident-report", gettext_noop("Report"), "add"),
    ("incidents-waiting", gettext_noop("To decide"), "check"),
    ("map", gettext_noop("Map"), "map"),
    ("alerts", gettext_noop("Alerts"), "bell"),
    ("incidents", gettext_noop("Shootings"), "list"),
    ("responses", gettext_noop("Responses"), "list"),
    ("alerts-all", gettext_noop("All alerts"), "bell"),
    ("week", gettext_noop("Week"), "week"),
    ("rota", gettext_noop("Who is on call"), "week"),
    ("matches", gettext_noop("Matches"), "check"),
    ("brief", gettext_noop("Brief"), "page"),
    ("studies", gettext_noop("Studies"), "page"),
    ("sites", gettext_noop("Sites"), "list"),
    ("people", gettext_noop("People"), "people"),
    ("sources", gettext_noop("Sources"), "list"),
    ("plans", gettext_noop("Plans"), "list"),
    ("undone", gettext_noop("Left undone"), "check"),
    ("channels", gettext_noop("How I am told"), "bell"),
    ("me", gettext_noop("My account"), "people"),
)
# So many fit under a thumb on a narrow phone, beside "More".
FIRST = 4


@dataclass(frozen=True)
class Item:
    """A place that the reader may go to; `here` when this page belongs to it."""

    path: str
    label: str
    icon: str
    here: bool


@dataclass(frozen=True)
class Navigation:
    """The places at hand, the others, and where signing out is posted to."""

    first: tuple[Item, ...]
    rest: tuple[Item, ...]
    sign_out: str

    @property
    def deeper(self) -> bool:
        """Whether this page belongs to one of the others."""
        return any(item.here for item in self.rest)


def path_of(name: str) -> str:
    """The path of an address without parts; empty when there is none of that name."""
    try:
        return str(reverse(name))
    except NoReverseMatch:
        return ""


@cache
def _door(name: str, _addresses: str | None) -> tuple[str, Permission | None]:
    """Path and permission of an address, the same for every request."""
    target = path_of(name)
    return target, getattr(resolve(target).func, "permission", None) if target else None


def places(actor: Actor, path: str) -> tuple[Item, ...]:
    """Where the actor may go, seen from the page at `path`."""
    found = []
    for name, label, icon in PLACES:
        target, permission = _door(name, get_urlconf())
        if target and (permission is None or can(actor, permission)):
            found.append(Item(target, _(label), icon, path.startswith(target)))
    here = max((item.path for item in found if item.here), key=len, default="")
    return tuple(Item(i.path, i.label, i.icon, i.path == here) for i in found)


def of_the_page(request: HttpRequest) -> dict[str, Any]:
    """The context of `ui/page.html`."""
    actor = getattr(request, "actor", None)
    context: dict[str, Any] = {"actor": actor, "now": clock.now(), "navigation": None}
    notice, _line, more = settings.STOOP_NOTICE.partition("\n")
    context |= {"standing_notice": notice, "sign_in_notice": more, "stream": ""}
    if actor and actor.person:
        context["stream"] = path_of("stream")
        found = places(actor, request.path)
        context["navigation"] = Navigation(found[:FIRST], found[FIRST:], path_of("account_logout"))
    return context
