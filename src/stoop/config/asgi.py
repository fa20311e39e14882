"""The ASGI application: `uvicorn stoop.config.asgi:application`."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BYTES = 10 * 1024 * 1024
THREADS = 4
_TOO_MUCH = b"That is too much at once. Send less, or ask whoever runs this system to load it.\n"


def limited(app: App, most: int = MOST_BYTES) -> App:
    """Refuse a body of more than so many bytes with 413, without keeping it.

    Django writes a whole body to disk before it looks at it; a body that never ends would fill it.
    """

    async def limit(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if _said_length(scope) > most:
            await _refuse(send)
            return
        seen, refused = 0, False

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most and not refused:
                refused = True
                await _refuse(send)
            # To Django the visitor has gone.
            return {"type": "http.disconnect"} if refused else message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        await app(scope, counted, unless_refused)

    return limit


def _said_length(scope: Message) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said) if said.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_TOO_MUCH)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_MUCH})


class InOnePiece(ASGIHandler):
    """Django's own handler, with each page made by one call on one thread.

    All our pages are synchronous. Django's handler would make the innermost step of the middleware
    asynchronous all the same, and each request would change its thread six times.
    """

    def __init__(self) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponse:
        """As in the parent class, which calls it once for each request."""
        return await sync_to_async(self.get_response)(request)


def on_few_threads(app: App, many: int = THREADS) -> App:
    """Answer all requests on so many threads, each with a connection to the database kept open.

    Left alone, Django begins a thread and a connection for each request, and fifty at a time then
    take the interpreter from each other. A page is made in one piece on one thread; while a request
    is read, its answer sent, or a stream open, it holds none.
    """
    threads = [ThreadPoolExecutor(1, thread_name_prefix="pages") for _ in range(many)]
    under_way = [0] * many

    async def choose(scope: Message, receive: Receive, send: Send) -> None:
        least = under_way.index(min(under_way))
        under_way[least] += 1
        try:
            async with ThreadSensitiveContext(executor=threads[least]):
                await app(scope, receive, send)
        finally:
            under_way[least] -= 1

    return choose


django.setup(set_prefix=False)
application = limited(on_few_threads(InOnePiece()))
