"""A finished brief at an address: its page, and the files beside it."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

# A brief is one file that needs nothing else; the browser is told to fetch and run nothing.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@require_safe
def brief_file(request: HttpRequest, path: str = "index.html") -> HttpResponseBase:
    """A file of the brief in settings.STOOP_HOME; 404 for anything else."""
    if any(part.startswith(".") for part in path.split("/")):
        raise Http404
    try:
        response = serve(request, path, document_root=str(settings.STOOP_HOME))
    except OSError as error:  # a name that no file system takes
        raise Http404 from error
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response
