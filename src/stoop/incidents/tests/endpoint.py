"""An open-data endpoint of the Socrata kind on this machine, that can be told to misbehave.

It understands the few questions that the poller asks: $where with >= or `in`, $order, $limit,
$offset. `mischief` holds what to do with the next answers, one each.
"""

import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Endpoint:
    """Rows, what was asked, and mischief to come."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.mischief: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.release = threading.Event()
        self.url = ""
        self.dripped = 0

    def answer(self, question: dict[str, str]) -> list[dict[str, Any]]:
        rows = sorted(self.rows, key=lambda row: (row[":updated_at"], row[":id"]))
        where = question.get("$where", "")
        if found := re.fullmatch(r"(\S+) >= '(.*)'", where):
            rows = [row for row in rows if row[found[1]] >= found[2]]
        elif found := re.fullmatch(r"(\S+) in \((.*)\)", where):
            wanted = re.findall(r"'([^']*)'", found[2])
            rows = [row for row in rows if row.get(found[1]) in wanted]
        start, size = int(question["$offset"]), int(question["$limit"])
        return rows[start : start + size]


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            question = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            endpoint.asked.append(question)
            how = endpoint.mischief.pop(0) if endpoint.mischief else ""
            rows = endpoint.answer(question)
            if how == "overlap" and rows:
                rows = [*rows, *rows[:2]]
            body = json.dumps(rows).encode()
            if how.startswith("drips"):
                self._drip(how, body)
                return
            if how == "shift":  # a row changes between two pages and moves to the end
                endpoint.rows[0][":updated_at"] = "2026-11-21T00:30:00.000Z"
            self._send(how, body)

        def _drip(self, how: str, body: bytes) -> None:
            """Never silent, never done: a byte of the headers, or of the body, now and then."""
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            if how == "drips body":
                self.wfile.write(head + b"Content-Length: 1000000\r\n\r\n" + body)
            else:
                self.wfile.write(head + b"X-Slow: ")
            with suppress(OSError):
                while not endpoint.release.wait(0.02):
                    self.wfile.write(b"x")
                    endpoint.dripped += 1

        def _send(self, how: str, body: bytes) -> None:
            if how.isdigit():
                self.send_response(int(how))
                self.send_header("Retry-After", "2")
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = {"wrong": b'{"error": true}', "half": body[: len(body) // 2]}.get(how, body)
            self.send_response(200)
            for packing in how.split(", ") if how.startswith("gzip") else ():
                body = gzip.compress(body)
                self.send_header("Content-Encoding", packing)
            promised = len(body) + (1000 if how == "cut" else 0)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            if how == "slow":
                endpoint.release.wait(20)
                return
            self.wfile.write(body)
            if how == "cut":
                self.connection.close()

    return Handler


@contextmanager
def serving() -> Iterator[Endpoint]:
    """An endpoint that answers at `url` until the block ends."""
    endpoint = Endpoint()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint))
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_port}/resource/rows.json"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
