"""Tools of these tests: a mailbox on loopback, an authenticator app, an OpenID provider."""

import base64
import hashlib
import hmac
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps the messages that an SMTP server on this machine takes."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def link(self) -> str:
        """The path of the link in the last message."""
        text = self.got[-1].get_content()
        return re.search(r"https?://[^/\s]+(/\S+)", text)[1]


@contextmanager
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """Django sends its mail to a server on loopback until the block ends."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield box
    finally:
        server.stop()


def code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows (RFC 6238), now or some half minutes from now."""
    key = base64.b32decode(secret, casefold=True)
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def wait_for(done: Any, limit_s: float = 5.0) -> None:
    """Until `done()` says yes; what runs in a thread has that long."""
    end = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        threading.Event().wait(0.01)
