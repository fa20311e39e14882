"""The script that stands by in a browser and shows what is pushed."""

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

SCRIPT = Path(__file__).resolve().parent.parent / "static" / "notifications" / "worker.js"


@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """At the root, so that it answers for every page; it holds nothing about anybody."""
    answer = HttpResponse(_text(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@cache
def _text() -> str:
    return SCRIPT.read_text(encoding="utf-8")
