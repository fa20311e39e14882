"""The web process: a page is made in one piece, on one of a few threads."""

import asyncio
import threading
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import path

from stoop.config import asgi

MADE_ON: list[int] = []


def page(_request: Any) -> HttpResponse:
    MADE_ON.append(threading.get_ident())
    return HttpResponse("made")


urlpatterns = [path("page/", page)]


async def ask(app: asgi.App) -> bytes:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/page/",
        "raw_path": b"/page/",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
    }
    said: list[Any] = []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if not asked:
            await asyncio.Event().wait()
        return asked.pop()

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    return b"".join(each.get("body", b"") for each in said)


@pytest.mark.django_db(transaction=True)
def test_many_requests_are_answered_on_few_threads(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    MADE_ON.clear()
    app = asgi.on_few_threads(asgi.InOnePiece(), many=3)

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(ask(app) for _ in range(30)))

    assert asyncio.run(all_of_them()) == [b"made"] * 30
    assert len(MADE_ON) == 30
    assert len(set(MADE_ON)) == 3, "each of the three takes its share"


def test_the_innermost_step_is_not_asynchronous() -> None:
    app = asgi.InOnePiece()
    assert not asyncio.iscoroutinefunction(app._middleware_chain)


def test_a_body_that_never_ends_is_refused() -> None:
    reached = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            reached.append(len(message["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(asgi.limited(app, most=1000)({"type": "http", "headers": []}, receive, send))
    assert sum(reached) <= 1000
    assert said[0]["status"] == 413
