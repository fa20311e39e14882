"""A finished brief at an address: its page, and the files beside it."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, page
from stoop.ui.queries import DOCUMENT_POLICY

# What a brief is made of; a file of any other kind in its folder is not shown.
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
}


@require_safe
@page(Permission.BRIEF_READ)
def brief_file(request: HttpRequest, path: str = "index.html") -> HttpResponse:
    """A file of the brief in STOOP_HOME/brief; 404 for anything else."""
    home = (Path(settings.STOOP_HOME) / "brief").resolve()
    hidden = any(part.startswith(".") for part in path.split("/"))
    kind = _KINDS.get(Path(path).suffix)
    try:
        file = (home / path).resolve()
        if hidden or kind is None or not file.is_relative_to(home):
            raise Http404
        content = file.read_bytes()
    except (OSError, ValueError) as error:  # not there, or a name that no file system takes
        raise Http404 from error
    response = HttpResponse(content, content_type=kind)
    response["Content-Security-Policy"] = DOCUMENT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response
