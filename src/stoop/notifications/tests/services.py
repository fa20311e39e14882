"""A gateway for text messages, a push service and a mail server, on this machine, that remember.

Run as a program it opens all three, prints their ports as JSON, and writes each message that it
took as a line "channel key" to the file that is named, before it answers: what kills its customers
does not make it forget.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Web:
    """An HTTP service that takes POSTs; `answers` are statuses for the next ones, then 201."""

    took: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    connections: int = 0
    url: str = ""
    tell: Any = None


@contextmanager
def web(path: str = "/") -> Iterator[Web]:
    """A service at `url` within the block."""
    service = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            service.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if service.slow_s:
                time.sleep(service.slow_s)
            status = service.answers.pop(0) if service.answers else 201
            letter = {"path": self.path, "headers": dict(self.headers.items()), "body": body}
            if status < 300:
                service.took.append(letter)
                if service.tell:
                    service.tell(letter)
            self.send_response(status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # a customer that was killed
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mail:
    """A mail server; `refuses` are answers to the next messages instead of taking them."""

    took: list[Any] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    port: int = 0
    tell: Any = None


class _Box:
    def __init__(self, mail: Mail) -> None:
        self.mail = mail

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address.startswith("unknown"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.mail.refuses:
            return self.mail.refuses.pop(0)
        self.mail.sessions.add(id(session))
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.mail.took.append(letter)
        if self.mail.tell:
            self.mail.tell(letter)
        return "250 OK"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mail]:
    """A mail server at `port` within the block."""
    mail = Mail()
    controller = _AnyPort(_Box(mail), hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mail.port = controller.port
        yield mail
    finally:
        controller.stop()


def main(out: Path) -> None:
    lock = threading.Lock()
    with ExitStack() as stack:
        file = stack.enter_context(out.open("a", buffering=1))
        sms, push = stack.enter_context(web("/sms")), stack.enter_context(web("/p/"))
        mail = stack.enter_context(mail_server())

        def write(kind: str, key: str) -> None:
            with lock:
                file.write(f"{kind} {key}\n")

        sms.tell = lambda letter: write("sms", letter["headers"]["Idempotency-Key"])
        push.tell = lambda letter: write("push", letter["headers"]["Topic"])
        mail.tell = lambda letter: write("email", letter["Message-ID"][1:33])
        print(json.dumps({"sms": sms.url, "push": push.url, "mail": mail.port}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
