"""A platform as an operator starts it: real processes, asked over HTTP, stopped by signals."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RUN = [sys.executable, "-m", "stoop.config.cli"]
PATIENCE_S = 240  # a machine may have other things to do


def stoop(*words: object, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command as it is typed in a folder; what it says, and how it ends."""
    return subprocess.run(
        [*RUN, *map(str, words)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Platform:
    """`stoop WORDS` with a home of its own; what it says on standard error is kept."""

    home: Path
    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None
    port: int = 0
    listener: threading.Thread | None = None

    def __enter__(self) -> "Platform":
        self.process = subprocess.Popen(
            [*RUN, *self.words],
            cwd=self.home.parent,
            env=os.environ | {"STOOP_HOME": str(self.home)} | self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        return self

    def _listen(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        with self.process.stderr as words:
            for line in words:
                self.said.append(line)

    def __exit__(self, *_error: object) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        self.ended()

    def ended(self) -> int:
        """Wait for its end and for its last word; the exit code."""
        assert self.process is not None
        code = self.process.wait(PATIENCE_S)
        if self.listener:
            self.listener.join(PATIENCE_S)
        return code

    def answering(self) -> "Platform":
        """Wait until it says its address."""
        found = until(lambda: re.search(r"http://127\.0\.0\.1:(\d+)/", "".join(self.said)), self)
        self.port = int(found[1])
        return self

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.ended()

    def lines(self) -> list[dict[str, Any]]:
        """The log: what of standard error is JSON."""
        return [json.loads(line) for line in list(self.said) if line.startswith("{")]

    def pid(self, part: str) -> int:
        """The process that runs a part now."""
        started = [
            e for e in self.lines() if e.get("event") == "part.started" and e["part"] == part
        ]
        return int(started[-1]["pid"])

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.putrequest(method, path, skip_host="Host" in (headers or {}))
            for name, value in (headers or {}).items():
                link.putheader(name, value)
            if body is not None:
                link.putheader("Content-Length", str(len(body)))
            link.endheaders(body)
            if raw is not None:
                with contextlib.suppress(ConnectionError):  # refused before it was all sent
                    link.send(raw)
            answer = link.getresponse()
            told = {k.lower(): v for k, v in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            link.close()

    def healthy(self) -> bool:
        return self.ask("/health").status == 200


def until(found: Callable[[], Any], platform: Platform | None = None) -> Any:
    """Wait until something is there; fail with what the platform said when it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            value = found()
        except OSError:
            value = None
        if value:
            return value
        if platform and platform.process and platform.process.poll() is not None:
            break
        threading.Event().wait(0.05)
    raise AssertionError("it did not come: " + "".join(platform.said if platform else []))


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
