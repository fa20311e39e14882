"""Web push: encrypted to the browser, handed to the push service that the browser named.

The address comes from a person's browser, so it is not trusted: https only, a known push service
only, no private address, no redirect, and the address that was looked at is the one connected to.
"""

import ipaddress
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

from stoop.notifications.actions.senders import vapid
from stoop.notifications.actions.senders.message import (
    Message,
    Outcome,
    Reason,
    dead,
    later,
    one_line,
)
from stoop.notifications.actions.senders.sms import judged

# Where browsers' push services live; STOOP_PUSH_HOSTS adds others.
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
LIFE_S = {True: 4 * 3600, False: 12 * 3600}
LOOKED_UP_S = 300.0
TIMEOUT = urllib3.Timeout(connect=3.0, read=8.0)
_lock = threading.Lock()
_pools: dict[tuple[str, str, int], tuple[urllib3.HTTPConnectionPool, float]] = {}


class NotAllowedError(ValueError):
    """An address that is no push service's."""


def checked(endpoint: str) -> str:
    """The endpoint, when it may be one of a push service; raises NotAllowedError."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowedError(endpoint[:20]) from None
    if len(endpoint) > 500 or not endpoint.isascii() or any(c <= " " for c in endpoint):
        raise NotAllowedError("length or signs")
    if settings.STOOP_PUSH_LOOPBACK and host == "127.0.0.1":
        return endpoint
    if parts.scheme != "https" or parts.username is not None or port not in (None, 443):
        raise NotAllowedError("not plain https")
    names = (*SERVICES, *settings.STOOP_PUSH_HOSTS)
    if not any(host == name or host.endswith(f".{name}") for name in names):
        raise NotAllowedError("no push service")
    return endpoint


def send(message: Message) -> Outcome:
    """Encrypt a message to its browser and hand it to the push service."""
    try:
        endpoint = checked(message.address)
        pool, path = _way(endpoint)
        body = _encrypted(message)
        parts = urlsplit(endpoint)
        headers = {
            "Host": parts.netloc,
            "Authorization": vapid.authorization(f"{parts.scheme}://{parts.netloc}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE_S[message.urgent]),
            "Urgency": "high" if message.urgent else "normal",
            "Topic": message.key.hex,
        }
    except NotAllowedError:
        return dead(Reason.NOT_ALLOWED)
    except OSError:  # the name could not be looked up
        return later(Reason.UNREACHABLE)
    try:
        answer = pool.urlopen(
            "POST", path, body=body, headers=headers, redirect=False, preload_content=False
        )
    except urllib3.exceptions.NewConnectionError:
        return later(Reason.UNREACHABLE)
    except urllib3.exceptions.TimeoutError:
        return later(Reason.TIMEOUT)
    except urllib3.exceptions.HTTPError:
        return later(Reason.UNREACHABLE)
    return judged(answer)


def load() -> None:
    """Load what is slow to load and needed by no page."""
    import py_vapid
    import pywebpush

    assert py_vapid
    assert pywebpush


def _encrypted(message: Message) -> bytes:
    from pywebpush import WebPusher

    text = json.dumps(
        {
            "title": one_line(message.line),
            "body": one_line(message.text, 400),
            "tag": message.tag,
            "key": message.key.hex,
            "link": urlsplit(message.link).path,
            "urgent": message.urgent,
        },
        ensure_ascii=False,
    ).encode()
    pusher = WebPusher({"endpoint": message.address, "keys": message.keys})
    body: Any = pusher.encode(text)["body"]
    return bytes(body)


def _way(endpoint: str) -> tuple[urllib3.HTTPConnectionPool, str]:
    """Open connections to the address that was checked, by the name that was asked for."""
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    known = parts.scheme, host, port
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    pool, until = _pools.get(known, (None, 0.0))
    if pool is None or until < time.monotonic():
        address = _public_address(host, port)
        common: dict[str, Any] = {"maxsize": 32, "timeout": TIMEOUT, "retries": False}
        with _lock:
            pool = (
                urllib3.HTTPSConnectionPool(
                    address, port, server_hostname=host, assert_hostname=host, **common
                )
                if parts.scheme == "https"
                else urllib3.HTTPConnectionPool(address, port, **common)
            )
            _pools[known] = pool, time.monotonic() + LOOKED_UP_S
    return pool, path


def _public_address(host: str, port: int) -> str:
    """An address of the host; raises NotAllowedError when any of them is not a public one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if settings.STOOP_PUSH_LOOPBACK and addresses == ["127.0.0.1"]:
        return addresses[0]
    if not all(ipaddress.ip_address(each).is_global for each in addresses):
        raise NotAllowedError("no public address")
    return min(addresses, key=lambda each: ":" in each)
