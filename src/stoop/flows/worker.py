"""What a worker does: follow events, hand messages to their channels.

Any number of workers may run, on any number of machines: each piece of work is leased.
"""

import math
import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils.module_loading import import_string

from stoop.accounts.permissions import SYSTEM, within
from stoop.flows import loops
from stoop.kernel import clock
from stoop.kernel.logs import log, log_error
from stoop.ledger import actions as ledger
from stoop.ledger import queries as events
from stoop.notifications import actions as notifications

POLL_S = 0.1
GATHER_S = 0.04  # meanwhile messages gather: a round for several costs little more than for one
URGENT = frozenset({"alert", "intake", "rota"})  # flows that wake or tell somebody
AT_ONCE = 20  # of these, duties taken up together: several cost little more than one
LEASE_S = 15.0  # a duty takes milliseconds; after this another worker believes that we are dead
LOOK_S = 1.0  # between looks for an alert that nobody took
CALM_S = 0.5  # without anybody to tell, after which a rush is over
LONGEST_RUSH_S = 60.0


class Rush:
    """Whether people are being told one after the other: then the paperwork waits.

    Alerts leave no processor idle when many come at once, and each response opened meanwhile
    would make somebody hear later. LONGEST_RUSH_S at most: what never ends is no rush. Moments are
    seconds of a clock that never goes back.

    >>> rush = Rush()
    >>> rush.told(1.0); rush.on(1.1)
    False
    >>> rush.told(1.2); rush.on(1.3), rush.on(1.8)
    (True, False)
    """

    def __init__(self) -> None:
        self._began = self._last = -math.inf

    def told(self, at: float) -> None:
        """Somebody was told just now."""
        if at - self._last > CALM_S:
            self._began = at
        self._last = at

    def on(self, at: float) -> bool:
        """One shooting alone is no rush."""
        many = self._last > self._began
        return many and at - self._last <= CALM_S and at - self._began <= LONGEST_RUSH_S


_rush = Rush()


class _NotOurs(Exception):  # noqa: N818 (no error: another worker has it by now)
    pass


def work(stop: threading.Event, tell: loops.Tell = lambda *_: None) -> None:
    """Do all work of a worker until `stop` is set."""
    loops.run(
        [
            loops.Loop("alerts", do_alerts, POLL_S, pause_s=GATHER_S),
            loops.Loop("deliveries", _deliver, POLL_S, pause_s=GATHER_S),
            loops.Loop("duties", do_others, POLL_S, gentle=True),
            loops.Loop("escalations", notifications.escalate_due, LOOK_S),
        ],
        stop,
        tell,
    )
    close_old_connections()  # this thread's is as old as the process, the database may be newer
    with within(SYSTEM):
        notifications.drain()


def _deliver() -> int:
    """Do not wait for a channel that hangs: the others are served meanwhile."""
    return notifications.deliver_due(patience_s=POLL_S)


def do_alerts() -> int:
    """Tell people what they are to be told now; how many duties were taken up."""
    done = _do(_due() & URGENT, AT_ONCE)
    if done:
        _rush.told(monotonic())
    return done


def do_others() -> int:
    """Do the next duty of all that can wait until people are told; how many were taken up."""
    due = _due()
    return 0 if due & URGENT or _rush.on(monotonic()) else _do(due, 1)


def do_duties() -> int:
    """Do some of what is due now, in a single thread; how many duties were taken up."""
    return do_alerts() or _do(_due(), 1)


def _due() -> frozenset[str]:
    return frozenset(events.flows_due(clock.now()))  # without asking for the right to write


def _do(flows: frozenset[str], at_once: int) -> int:
    for flow in sorted(flows):
        duties = ledger.lease_duties(flow=flow, limit=at_once, for_s=LEASE_S)
        if duties:
            do(duties)
            return len(duties)
    return 0


def do(duties: Sequence[Any]) -> None:
    """Do duties that were leased together, of one flow, and strike them off, both or neither.

    If something is wrong with one of several, each is done by itself, and that one tried later.
    """
    flow = duties[0].flow
    try:
        function, _kinds = settings.STOOP_FLOWS[flow]
        about = events.events_numbered(duty.event for duty in duties)
        with transaction.atomic():
            import_string(function)([about[duty.event] for duty in duties])
            if not ledger.finish(*duties):
                raise _NotOurs
    except Exception as error:
        if len(duties) > 1:
            log_error("duties.apart", error, flow=flow, many=len(duties))
            for duty in duties:
                do([duty])
        elif isinstance(error, _NotOurs):
            log("duty.late", flow=flow, seq=duties[0].event)
        else:
            _failed(duties[0], error)


def _failed(duty: Any, error: Exception) -> None:
    log_error("duty.failed", error, flow=duty.flow, seq=duty.event, attempts=duty.attempts + 1)
    ledger.fail(duty, error)
