"""Several processes as one: started together, started again when one dies, stopped together."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

from stoop.config.middleware import metrics
from stoop.kernel.logs import LOGGER, log

GRACE_S = 20.0  # to finish what is in hand after a stop
QUICK_S = 5.0  # a process that dies sooner has not really begun
TRIES = 5  # quick deaths in a row after which the whole gives up
LONGEST_WAIT_S = 30.0
TICK_S = 0.1
REFUSED = 2


@dataclass
class Part:
    """One process of the tree: its name and the words after `stoop`."""

    name: str
    words: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    log: Path | None = None
    """file for what it writes on standard error; None for ours"""
    words_to: Path | None = None
    """the same for standard output"""
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    began: float = 0.0
    deaths: int = 0
    quick_deaths: int = 0
    start_at: float = 0.0


def run(
    parts: Sequence[Part], *, after_start: Callable[[], None] | None = None, quiet: bool = False
) -> int:
    """Keep the parts running until this process is told to stop; its exit code.

    0 after a stop in which every part ended by itself; 1 when one had to be killed or died again
    and again; 2 when one refused to begin at all, which it has said itself. Each part has a process
    group of its own, so that Ctrl+C comes here first, and ends by itself if this process is killed:
    it reads a pipe whose other end only this process holds.
    """
    if quiet:
        logging.getLogger(LOGGER).setLevel(logging.WARNING)
    stop = threading.Event()
    before = {s: signal.signal(s, lambda *_: stop.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    lifeline, held = os.pipe()
    try:
        with metrics.shared(Path(settings.STOOP_HOME) / "run") as shared:
            tree = _Tree(parts, lifeline, os.environ | shared, stop)
            for part in parts:
                tree.start(part)
            if after_start:
                threading.Thread(target=after_start, daemon=True).start()
            code = tree.watch()
            return max(code, _stop(parts))
    finally:
        _kill(parts)
        for number in (lifeline, held):
            os.close(number)
        for each, handler in before.items():
            signal.signal(each, handler)


@dataclass
class _Tree:
    parts: Sequence[Part]
    lifeline: int
    environment: dict[str, str]
    stop: threading.Event

    def start(self, part: Part) -> None:
        command = [sys.executable, "-m", "stoop.config.cli", *part.words]
        with ExitStack() as files:
            part.process = subprocess.Popen(  # noqa: S603 (our own program and options)
                command,
                stdin=self.lifeline,
                stdout=_into(part.words_to, files),
                stderr=_into(part.log, files),
                process_group=0,
                pass_fds=part.pass_fds,
                env=self.environment,
            )
        part.began, part.start_at = time.monotonic(), 0.0
        log("part.started", part=part.name, pid=part.process.pid)

    def watch(self) -> int:
        """Until a stop: start again what died. 0, or why the whole gives up."""
        while not self.stop.wait(TICK_S):
            for part in self.parts:
                if part.process is None:
                    if time.monotonic() >= part.start_at:
                        self.start(part)
                elif (code := part.process.poll()) is not None:
                    metrics.forget(part.process.pid, self.environment[metrics.FOLDER])
                    pid = part.process.pid
                    log("part.died", logging.WARNING, part=part.name, pid=pid, code=code)
                    part.process = None
                    if why := _plan(part, code):
                        return why
        return 0


def _into(file: Path | None, files: ExitStack) -> IO[bytes] | None:
    return files.enter_context(file.open("ab")) if file else None


def _plan(part: Part, code: int) -> int:
    """Say when a dead part starts again; else the exit code with which the whole gives up.

    One that refuses only now, after it had begun, waits for what it misses, such as a database that
    is away for an hour: the others do so too, and are not stopped for its sake.
    """
    part.deaths += 1
    if code == REFUSED and part.deaths == 1:
        return REFUSED
    quick = time.monotonic() - part.began < QUICK_S
    part.quick_deaths = part.quick_deaths + 1 if quick else 0
    if part.quick_deaths >= TRIES and code != REFUSED:
        log("part.given_up", logging.ERROR, part=part.name)
        return 1
    wait = min(0.2 * 4 ** min(part.quick_deaths, TRIES), LONGEST_WAIT_S)
    part.start_at = time.monotonic() + wait
    return 0


def _stop(parts: Sequence[Part]) -> int:
    """Ask all to end, wait, kill what stays; 1 if anything had to be killed."""
    running = [part.process for part in parts if part.process is not None]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    code = 0
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log("part.killed", logging.WARNING, pid=process.pid)
            code = 1
    _kill(parts)
    return code


def _kill(parts: Sequence[Part]) -> None:
    for part in parts:
        if part.process is not None and part.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()


def end_with_parent() -> None:
    """In a part: stop like on SIGTERM when the process that started it is gone."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()
