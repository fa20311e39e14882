"""Work for a cluster's worker to die of; without Django, which workers do not have."""

import os
import signal
from pathlib import Path


def squared(died: Path, number: int) -> int:
    """The square; the worker that is the first to be asked for 7 dies in the middle of it."""
    if number == 7 and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number
