"""`stoop demo` and `stoop serve`: a real server on this machine, asked over HTTP."""

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from stoop.config.cli import main; main()"]


@pytest.fixture(scope="module")
def port(sample_city: Path) -> Iterator[int]:
    command = [*RUN, "serve", str(sample_city / "brief"), "--port", "8790"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = ""
        for line in server.stderr:
            said += line
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                yield int(found[1])
                break
        else:
            pytest.fail(f"the server said no address: {said}")
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0, "Ctrl+C is how one leaves, no failure"


def ask(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


def test_first_page_is_the_brief(port: int, sample_city: Path) -> None:
    status, headers, body = ask(port, "/")
    assert status == 200
    assert body == (sample_city / "brief" / "index.html").read_bytes()
    assert "script-src" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


def test_files_beside_the_page(port: int, sample_city: Path) -> None:
    status, _, body = ask(port, "/brief.json")
    assert status == 200
    assert body == (sample_city / "brief" / "brief.json").read_bytes()


@pytest.mark.parametrize(
    "path",
    ["/../city/truth.json", "/%2e%2e/city/truth.json", "/..%2fcity/truth.json", "/.made-by",
     "//etc/passwd", "/%00", "/" + "a" * 3000],
)  # fmt: skip
def test_nothing_outside_the_folder(port: int, path: str) -> None:
    assert ask(port, path)[0] in (400, 404)


def test_only_looking_is_allowed(port: int) -> None:
    assert ask(port, "/", "HEAD")[0] == 200
    assert ask(port, "/", "POST")[0] in (403, 405)
