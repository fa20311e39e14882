"""A thin line between a browser and the platform, on which a page comes in pieces."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE, PAUSE_S = 1200, 0.05  # bytes, and how long the next ones take
AS_IT_WAS = ("content-type", "content-security-policy", "cache-control", "location", "etag")


@contextmanager
def thin_line(port: int) -> Iterator[str]:
    """An address that answers a GET as the platform on this port does, its pages slowly.

    Events do not come over it: a page that listens is told that there are none.
    """

    class Line(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "text/event-stream" in self.headers.get("Accept", ""):
                self.send_response(204)
                self.end_headers()
            else:
                self._pass_on()

        def _pass_on(self) -> None:
            asked = http.client.HTTPConnection("127.0.0.1", port)
            headers = {"Cookie": self.headers.get("Cookie", ""), "Host": f"127.0.0.1:{port}"}
            asked.request("GET", self.path, headers=headers)
            answer = asked.getresponse()
            body = answer.read()
            asked.close()
            self.send_response(answer.status)
            for name in AS_IT_WAS:
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if "text/html" not in answer.headers.get("content-type", ""):
                self.wfile.write(body)
                return
            for start in range(0, len(body), PIECE):
                self.wfile.write(body[start : start + PIECE])
                time.sleep(PAUSE_S)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
