"""What a feed does: ask the open-data endpoints of the sources for what is new."""

import threading

from stoop.flows import loops
from stoop.incidents import actions as incidents

LOOK_S = 5.0  # between looks for a source whose time has come


def feed(stop: threading.Event, tell: loops.Tell = lambda *_: None) -> None:
    """Poll the sources whose time has come until `stop` is set."""
    loops.run([loops.Loop("poll", incidents.poll_due, LOOK_S)], stop, tell)
