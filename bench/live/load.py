"""What stands around the platform: a push service, users, senders, and open streams."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import numpy as np

Ask = Callable[[aiohttp.ClientSession, int], Awaitable[None]]


@dataclass(frozen=True)
class Times:
    """Seconds that each request took, and how long all of them took together."""

    seconds: tuple[float, ...]
    wall_s: float

    @property
    def p50_ms(self) -> float:
        return 1000 * float(np.percentile(self.seconds, 50))

    @property
    def p99_ms(self) -> float:
        return 1000 * float(np.percentile(self.seconds, 99))

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.wall_s


class PushService:
    """Takes encrypted messages for a browser and notes when each came; the same key counts once."""

    def __init__(self) -> None:
        self.came: dict[str, tuple[float, bytes]] = {}
        self.twice = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["Topic"]
                service.twice += key in service.came
                service.came.setdefault(key, (time.perf_counter(), body))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextmanager
def push_service() -> Iterator[PushService]:
    made = PushService()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


async def users(
    ask: Ask, *, many: int, each: int, cookies: dict[str, str], reads_s: float = 0.0
) -> Times:
    """`many` users beside each other, each asking `each` times and reading `reads_s` in between."""
    took: list[float] = []

    async def one(session: aiohttp.ClientSession, number: int) -> None:
        await asyncio.sleep(reads_s * number / many)
        for turn in range(each):
            await asyncio.sleep(reads_s if turn else 0.0)
            begun = time.perf_counter()
            await ask(session, number * each + turn)
            took.append(time.perf_counter() - begun)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookies=cookies) as session:
        begun = time.perf_counter()
        await asyncio.gather(*(one(session, number) for number in range(many)))
        return Times(tuple(took), time.perf_counter() - begun)


async def steadily(ask: Ask, *, a_second: float, many: int) -> list[float]:
    """Ask `many` times at an even pace, whether or not the last answer has come; moments asked."""
    moments: list[float] = []

    async def one(session: aiohttp.ClientSession, number: int, at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        moments.append(time.perf_counter())
        await ask(session, number)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        first = time.perf_counter() + 0.1
        await asyncio.gather(
            *(one(session, number, first + number / a_second) for number in range(many))
        )
    return moments


def getting(paths: Sequence[str], url: str) -> Ask:
    """Ask for the paths in turn; anything but 200 ends the measurement."""

    async def ask(session: aiohttp.ClientSession, number: int) -> None:
        path = paths[number % len(paths)]
        async with session.get(url + path, allow_redirects=False) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")

    return ask


@dataclass(frozen=True)
class Streams:
    """How many streams were open, and within how many seconds all of them heard of one event."""

    opened: int
    heard: int
    opening_s: float
    last_heard_s: float


async def streams(
    url: str, *, many: int, sessions: Sequence[str], happen: Callable[[], Awaitable[None]]
) -> Streams:
    """Open `many` event streams, let something happen, and wait until each has heard of it.

    The streams are shared out among the sessions, whose persons may each have so many open.
    """
    heard: list[float] = []
    ready = 0
    ends = asyncio.Event()

    async def listen(session: aiohttp.ClientSession, whose: str) -> None:
        nonlocal ready
        headers = {"Cookie": f"sessionid={whose}"}
        asked = session.get(url + "/stream/", headers=headers, allow_redirects=False)
        async with asked as answer:
            if answer.status != 200:
                raise RuntimeError(f"the stream answered {answer.status}")
            ready += 1
            async for line in answer.content:
                if line.startswith(b"data:") and b"incident." in line:
                    heard.append(time.perf_counter())
                    if len(heard) == many:
                        ends.set()
                    return

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=60)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        begun = time.perf_counter()
        listening = []
        for number in range(many):
            whose = sessions[number % len(sessions)]
            listening.append(asyncio.ensure_future(listen(session, whose)))
            if len(listening) % 100 == 0:
                await asyncio.sleep(0.05)
        while ready < many and time.perf_counter() - begun < 180:
            await asyncio.sleep(0.1)
        opening = time.perf_counter() - begun
        happened = time.perf_counter()
        await happen()
        await asyncio.wait([asyncio.ensure_future(ends.wait())], timeout=30)
        for each in listening:
            each.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return Streams(ready, len(heard), opening, max(heard, default=happened) - happened)
