"""Open-data endpoints of the Socrata kind: one page of rows over HTTPS, however badly it answers.

An address comes from an administrator, so this is a door to the network that somebody could try to
turn inwards. Only https is spoken, except with this machine itself; a name that leads to a private
network is refused unless STOOP_FEED_HOSTS names it; redirects are not followed; and the machine
that answered is looked at again, for a name may lead elsewhere the second time.
"""

import asyncio
import ipaddress
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from stoop.kernel.errors import Refusal

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_BYTES = 64_000_000
REQUEST_S = 20.0
# Seconds before the second, third and fourth try: long enough for a restart, no longer.
PAUSES = (1.0, 3.0, 9.0)
LONGEST_PAUSE = 30.0
_SLOW = "The endpoint is too slow; what came so far is kept."
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}

Row = Mapping[str, Any]


class Trouble(Refusal):
    """An endpoint that did not give what it should; `passing` if a later try may go better."""

    def __init__(self, sentence: str, *, passing: bool = True, after: float | None = None):
        super().__init__(sentence)
        self.passing, self.after = passing, after


@dataclass
class Endpoint:
    """One endpoint and the time that is left for it. `wait` sleeps; a test says otherwise."""

    url: str
    until: float
    wait: Callable[[float], None]
    allowed: frozenset[str] = frozenset()
    requests: int = field(default=0)

    def page(self, question: Mapping[str, str]) -> list[Row]:
        """Rows of one question, asked again after a pause while it may still go well."""
        for pause in (*PAUSES, None):
            try:
                return self._once(question)
            except Trouble as trouble:
                if pause is None or not trouble.passing:
                    raise
                wanted = max(pause, min(trouble.after or 0.0, LONGEST_PAUSE))
                if monotonic() + wanted > self.until:
                    raise
                self.wait(wanted)
        raise AssertionError("unreachable")

    def _once(self, question: Mapping[str, str]) -> list[Row]:
        checked(self.url, self.allowed)
        self.requests += 1
        try:
            return _rows(asyncio.run(self._answer(question)))
        except TimeoutError as error:
            raise Trouble(_SLOW, passing=False) from error
        except httpx.TimeoutException as error:
            raise Trouble("The endpoint did not answer in time; it will be asked again.") from error
        except httpx.TransportError as error:
            raise Trouble("The connection was cut or refused; it will be asked again.") from error
        except (httpx.InvalidURL, httpx.DecodingError, UnicodeError) as error:
            raise Trouble("The endpoint's answer cannot be read; check its address.") from error

    async def _answer(self, question: Mapping[str, str]) -> bytes:
        """The body of one answer; TimeoutError when the poll's time is over.

        REQUEST_S bounds each silence; an endpoint that sends a byte now and then, of its name, its
        headers or its body, is never silent, so the whole is bounded besides.
        """
        async with (
            asyncio.timeout(self.until - monotonic()),
            httpx.AsyncClient(timeout=REQUEST_S, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", self.url, params=dict(question), headers=_HEADERS) as response,
        ):
            self._check_peer(response)
            _check_status(response)
            _check_packing(response)
            return await self._body(response)

    async def _body(self, response: httpx.Response) -> bytes:
        kept = bytearray()
        async for chunk in response.aiter_bytes(65_536):
            kept += chunk
            if len(kept) > MOST_BYTES:
                raise Trouble(
                    "The endpoint sends more than a page; check its address.", passing=False
                )
        return bytes(kept)

    def _check_peer(self, response: httpx.Response) -> None:
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream else None
        if peer:
            _check_address(str(peer[0]), urlsplit(self.url).hostname or "", self.allowed)


def checked(url: str, allowed: frozenset[str] = frozenset()) -> str:
    """The address, if it may be asked; raises Trouble for one that may not."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Trouble("That is no address; it begins with https://.", passing=False) from error
    loopback = host in LOOPBACK
    if not host or parts.scheme not in ("http", "https"):
        raise Trouble("That is no address; it begins with https://.", passing=False)
    if parts.scheme == "http" and not loopback:
        raise Trouble("Only https is asked; write the address with https://.", passing=False)
    if parts.username or parts.password:
        raise Trouble("Leave name and password out of the address.", passing=False)
    if parts.query or parts.fragment:
        raise Trouble("Give the address without what follows a ? or #.", passing=False)
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Trouble("That name is not known on the network; check the address.") from error
    for _family, _type, _proto, _name, address in found:
        _check_address(str(address[0]), host, allowed)
    return url


def _check_address(text: str, host: str, allowed: frozenset[str]) -> None:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    if host in allowed or (host in LOOPBACK and mapped.is_loopback):
        return
    if not mapped.is_global or mapped.is_multicast:
        raise Trouble(
            "That address leads into a private network; name its host in STOOP_FEED_HOSTS if it is "
            "meant.",
            passing=False,
        )


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if 300 <= status < 400:
        raise Trouble("The endpoint has moved; put its new address in.", passing=False)
    if status == 429 or status >= 500:
        after = response.headers.get("retry-after", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        raise Trouble(f"The endpoint is in trouble (status {status}).", after=seconds)
    raise Trouble(
        f"The endpoint refuses the question (status {status}); check address and column.",
        passing=False,
    )


def _check_packing(response: httpx.Response) -> None:
    """Packed once at most: of an answer packed twice, a kilobyte unpacks to gigabytes at once."""
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", "gzip"):
        raise Trouble("The endpoint packs its answer in a way that was not asked for.")


def _rows(body: bytes) -> list[Row]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Trouble("The endpoint's answer is no JSON, or only a part of it.") from error
    if not isinstance(said, list) or not all(isinstance(row, dict) for row in said):
        raise Trouble("The endpoint's answer is no list of rows; check its address.", passing=False)
    return said
