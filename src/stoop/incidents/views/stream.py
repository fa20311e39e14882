"""Server-sent events: what has happened, as it happens, to those who may know."""

import asyncio
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from stoop.accounts.permissions import Permission, page
from stoop.incidents.views.fanout import Hub, Listener, hub

BEAT_S = 15.0
MOST_MISSED = 5000  # events that are told again; who missed more looks at the page anew
_LONGEST = 18  # digits of an event's number


@require_GET
@page(Permission.SELF)
def stream(request: HttpRequest) -> HttpResponse:
    """Events from now on, or after `Last-Event-ID`, or after `?since=`.

    Each event has its number in the ledger as its id and says kind, subject and moment; nothing is
    in it that one would not see by asking. "ready" comes first; with `gap` in it, more was missed
    than is told again.
    """
    said = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    if said and not (said.isascii() and said.isdigit() and len(said) <= _LONGEST):
        return HttpResponseBadRequest("since is the number of an event", content_type="text/plain")
    actor = request.actor
    listener = Listener(actor, request.session.session_key or "")
    response = StreamingHttpResponse(
        _events(listener, int(said) if said else None), content_type="text/event-stream"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"  # a proxy in front must pass each event on at once
    response["Content-Encoding"] = "identity"  # and nobody may hold it back to compress it
    return response


async def _events(listener: Listener, since: int | None) -> AsyncIterator[bytes]:
    ours = hub()
    try:
        joined = await ours.join(listener)
        start = joined if since is None or since > joined else since
        gap = start < joined - MOST_MISSED
        start = joined if gap else start
        said = '{"gap":true}' if gap else "{}"
        yield f"retry: 3000\nevent: ready\nid: {start}\ndata: {said}\n\n".encode()
        while start < joined:
            start, news = await ours.news_after(start, joined)
            texts = [each.text_for(listener) for each in news if each.noun in _STREAMED]
            yield b"".join(text for text in texts if text) or b":\n\n"
        async for text in _live(ours, listener):
            yield text
    finally:
        ours.leave(listener)


_STREAMED = frozenset({"incident", "alert", "response"})


async def _live(ours: Hub, listener: Listener) -> AsyncIterator[bytes]:
    """What is handed out, and a sign of life with the newest number when there is nothing."""
    while True:
        try:
            await asyncio.wait_for(listener.awake.wait(), BEAT_S)
        except TimeoutError:
            if not (listener.waiting or listener.ended):
                yield f"id: {ours.seq}\n\n".encode()
                continue
        if listener.ended:
            if listener.crowded_out:  # or the two would push each other out every three seconds
                yield b"retry: 60000\n\n"
            return
        listener.awake.clear()
        texts = list(listener.waiting)
        listener.waiting.clear()
        if texts:
            yield b"".join(texts)
