"""What every page shows besides its own matter: where one can go from here."""

from typing import Any

from django.http import HttpRequest


def of_the_page(request: HttpRequest) -> dict[str, Any]:
    """The context of `ui/page.html`."""
    return {"actor": getattr(request, "actor", None)}
