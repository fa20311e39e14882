"""Work that never ends: several loops side by side, each going on whatever happens to it."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connections

from stoop.accounts.permissions import SYSTEM, enter
from stoop.kernel.logs import log_error

LONGEST_WAIT_S = 30.0

# Told after each round: name of the loop, how much it did, whether it failed.
Tell = Callable[[str, int, bool], None]


@dataclass(frozen=True)
class Loop:
    """A round of work to be done again and again: how much it did, and how long to rest after it.

    After a round that did something the next begins after `pause_s`; a `gentle` loop rests for as
    long as that round took, and leaves half of the time to whatever is more urgent.
    """

    name: str
    round: Callable[[], int]
    rest_s: float
    pause_s: float = 0.0
    gentle: bool = False


def run(loops: Sequence[Loop], stop: threading.Event, tell: Tell = lambda *_: None) -> None:
    """Run each loop in a thread of its own until `stop` is set; what is in hand is finished.

    An error ends a round, never a loop: it is logged without its text and tried again after 0.5,
    1, 2 seconds and so on, with a new connection to the database.
    """
    threads = [
        threading.Thread(target=_keep_on, args=(each, stop, tell), name=each.name) for each in loops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep_on(loop: Loop, stop: threading.Event, tell: Tell) -> None:
    failures = 0
    enter(SYSTEM)  # a thread begins outside every wall
    try:
        while not stop.is_set():
            rest = loop.rest_s
            close_old_connections()
            try:
                began = time.monotonic()
                done = loop.round()
                failures = 0
                if done:
                    rest = time.monotonic() - began if loop.gentle else loop.pause_s
                tell(loop.name, done, False)
            except Exception as error:
                failures += 1
                log_error("loop.failed", error, loop=loop.name, failures=failures)
                tell(loop.name, 0, True)
                rest = min(0.5 * 2 ** (failures - 1), LONGEST_WAIT_S)
                connections.close_all()
            if rest:
                stop.wait(rest)
    finally:
        connections.close_all()


def every(seconds: float, work: Callable[[], object]) -> Callable[[], int]:
    """A round that does `work` at once and then once in so many seconds."""
    last = -seconds

    def round_() -> int:
        nonlocal last
        if time.monotonic() - last >= seconds:
            work()
            last = time.monotonic()
        return 0

    return round_
