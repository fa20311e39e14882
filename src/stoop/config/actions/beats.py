"""Heartbeats: each process says every few seconds that it is there."""

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections

from stoop import __version__
from stoop.config.models import Beat
from stoop.kernel import clock
from stoop.kernel.logs import log_error

EVERY_S = 5.0
FORGOTTEN = timedelta(days=1)


def beat(part: str, began_at: object, *, failures: int = 0) -> None:
    """Say that this process is there."""
    Beat.objects.update_or_create(
        name=name_of(part),
        defaults={
            "part": part,
            "version": __version__,
            "began_at": began_at,
            "at": clock.now(),
            "failures": failures,
        },
    )


def stop_beating(part: str) -> None:
    """This process ends; what has not beaten for a day is forgotten with it."""
    Beat.objects.filter(name=name_of(part)).delete()
    Beat.objects.filter(at__lt=clock.now() - FORGOTTEN).delete()


def name_of(part: str) -> str:
    """What this process is called among those that beat."""
    return f"{part} {platform.node()[:60]} {os.getpid()}"


class Pulse:
    """Counts failures between two beats."""

    def __init__(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        """A round of work failed."""
        self.failures += 1


@contextmanager
def beating(part: str) -> Iterator[Pulse]:
    """Beat from a thread of its own while the block lasts."""
    pulse, stop, began_at = Pulse(), threading.Event(), clock.now()

    def go_on() -> None:
        while not stop.is_set():
            try:
                failures, pulse.failures = pulse.failures, 0
                beat(part, began_at, failures=failures)
            except Exception as error:
                log_error("beat.failed", error, part=part)
                connections.close_all()
            stop.wait(EVERY_S)
        try:
            stop_beating(part)
        except Exception as error:
            log_error("beat.failed", error, part=part)
        connections.close_all()

    thread = threading.Thread(target=go_on, name="beat", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        stop.set()
        thread.join(timeout=5)
