"""What a page needs from here besides its template."""

from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

STYLESHEETS = ("tokens.css", "document.css", "charts.css", "maps.css")
# A document is one file that needs nothing else; the browser is told to fetch and run nothing.
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STATIC = Path(__file__).parent / "static" / "ui"


@cache
def styles() -> SafeString:
    """All style sheets as one text, for the `styles` variable of ui/document.html.

    The text is ours, from this folder; nothing of a reader's input ever enters it.
    """
    text = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in STYLESHEETS)
    return mark_safe(text)  # noqa: S308
