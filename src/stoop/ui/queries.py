"""What a page needs from here besides its template."""

from functools import cache
from pathlib import Path

from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe

STYLESHEETS = ("tokens.css", "document.css", "charts.css", "maps.css")
# A document is one file that needs nothing else; the browser is told to fetch and run nothing.
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The kinds of file that a document may be; any other is not shown.
DOCUMENT_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".toml": "text/plain; charset=utf-8",
}
_STATIC = Path(__file__).parent / "static" / "ui"


@cache
def styles() -> SafeString:
    """All style sheets as one text, for the `styles` variable of ui/document.html.

    The text is ours, from this folder; nothing of a reader's input ever enters it.
    """
    text = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in STYLESHEETS)
    return mark_safe(text)  # noqa: S308


def document_response(data: bytes, kind: str) -> HttpResponse:
    """A file of a study as it was made, at an address: it fetches, runs and reveals nothing.

    kind: its suffix, a key of DOCUMENT_KINDS.
    """
    answer = HttpResponse(data, content_type=DOCUMENT_KINDS[kind])
    answer["Content-Security-Policy"] = DOCUMENT_POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
