"""Our own files on their way to a browser: small, and asked for once.

Every address of a static file ends in a mark of its content, so a browser may keep the file for a
year and still gets a new one at once. Texts are compressed when they are first asked for.
"""

import gzip
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

_TEXTS = ("text/", "application/javascript", "application/manifest+json", "image/svg+xml")
_YEAR_S = 365 * 24 * 3600


class Marked(StaticFilesStorage):
    """Addresses of static files with a mark of their content behind them."""

    def url(self, name: str | None) -> str:
        plain = str(super().url(name))
        found = finders.find(name or "")
        if not found:
            return plain
        path = Path(str(found))
        return f"{plain}?v={_mark(path, path.stat().st_mtime_ns)}"


@lru_cache(maxsize=1000)
def _mark(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def whole(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., object]:
    """Send a static file in one piece, compressed where the browser takes it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        ours = request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/")
        if not ours or response.status_code != 200 or not response.streaming:
            return response
        return _whole(request, response)

    return middleware


def _whole(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    body = b"".join(response)
    response.close()
    sent = HttpResponse(body, headers=dict(response.items()))
    if "v" in request.GET:
        sent["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    if sent["Content-Type"].startswith(_TEXTS):
        patch_vary_headers(sent, ["Accept-Encoding"])
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) > 200:
            sent.content = _small(body)
            sent["Content-Encoding"] = "gzip"
            if "ETag" in sent:
                sent["ETag"] = f"W/{sent['ETag'].removeprefix('W/')}"
    if request.method != "HEAD":
        sent["Content-Length"] = str(len(sent.content))
    return sent


@lru_cache(maxsize=200)
def _small(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
