"""Each request: a line in the log, a count, a few headers.

Told are the name of the address, never its path or its query, and who asked as the ledger names
them: an address or a form may hold what a person wrote.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

from stoop.config.middleware import metrics
from stoop.kernel import ids
from stoop.kernel.logs import log

# Sensors and payment that no page of ours asks for; a phone's position is for the report form.
POLICY = "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"


def told(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Outermost: log, count, give the request an id."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = ids.new().hex[-12:]
        began = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - began
        response.headers.setdefault("X-Request-ID", request.id)
        response.headers.setdefault("Permissions-Policy", POLICY)
        if has_vary_header(response, "Cookie"):  # it may be about who asks: nobody keeps it
            response.headers.setdefault("Cache-Control", "private, no-store")
        kind = response.headers.get("Content-Type", "")
        if response.streaming and kind.startswith("text/event-stream"):
            response.streaming_content = _counted(response.streaming_content)
        view = name_of(request)
        metrics.REQUESTS.labels(view, _method(request), response.status_code).inc()
        metrics.SECONDS.labels(view).observe(seconds)
        log(
            "request",
            id=request.id,
            view=view,
            method=_method(request),
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            by=_actor(request),
        )
        return response

    return middleware


async def _counted(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same events; while they flow a stream is open."""
    metrics.STREAMS.inc()
    try:
        async for each in events:
            yield each
    finally:
        metrics.STREAMS.dec()
        if isinstance(events, AsyncGenerator):
            await events.aclose()  # now, not when somebody collects it


def name_of(request: HttpRequest) -> str:
    """Name of the address that was asked for; "none" where there is no such address."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return "none"
    return str(match.view_name or getattr(match.func, "__name__", "unnamed"))


def _method(request: HttpRequest) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return request.method if request.method in known else "other"


def _actor(request: HttpRequest) -> str:
    """Who asked, if that was looked up anyway; logging looks nobody up."""
    actor: Any = getattr(request, "source_actor", None) or request.__dict__.get("actor")
    wrapped = getattr(actor, "_wrapped", actor)
    return str(getattr(wrapped, "ref", "")) or "nobody"
