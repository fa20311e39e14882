"""What a worker does: follow events, hand messages to their channels, work in the background.

Any number of workers may run, on any number of machines: each piece of work is leased.
"""

import threading
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from stoop.accounts.permissions import SYSTEM, within
from stoop.flows import loops
from stoop.kernel import clock, ids
from stoop.kernel.logs import log, log_error
from stoop.ledger import actions as ledger
from stoop.ledger import queries as events
from stoop.notifications import actions as notifications

POLL_S = 0.1
AT_ONCE = 5  # duties taken up together
LEASE_S = 15.0  # a duty takes milliseconds; after this another worker believes that we are dead
HOUSEKEEPING_S = 3600.0
SLOW_S = 2.0  # between looks at what need not be at once


class _NotOurs(Exception):  # noqa: N818 (no error: another worker has it by now)
    pass


def work(stop: threading.Event, tell: loops.Tell = lambda *_: None) -> None:
    """Do all work of a worker until `stop` is set."""
    loops.run(
        [
            loops.Loop("duties", do_duties, POLL_S),
            loops.Loop("deliveries", _deliver, POLL_S),
            loops.Loop("escalations", notifications.escalate_due, SLOW_S / 2),
            loops.Loop("tasks", _Tasks().do_one, SLOW_S / 4),
            loops.Loop("housekeeping", loops.every(HOUSEKEEPING_S, tidy), SLOW_S),
        ],
        stop,
        tell,
    )
    with within(SYSTEM):
        notifications.drain()


def _deliver() -> int:
    """Do not wait for a channel that hangs: the others are served meanwhile."""
    return notifications.deliver_due(patience_s=POLL_S)


def do_duties() -> int:
    """Do what is due now, the most urgent flow first, oldest first; how many were taken up."""
    due = events.flows_due(clock.now())  # without asking for the right to write
    for flow in sorted(due, key=_urgency):
        duties = ledger.lease_duties(flow=flow, limit=AT_ONCE, for_s=LEASE_S)
        about = events.events_numbered(duty.event for duty in duties)
        for duty in duties:
            do(duty, about[duty.event])
        if duties:
            return len(duties)
    return 0


def _urgency(flow: str) -> int:
    """People are told before anything is filed; a flow that is not known any more comes last."""
    order = list(settings.STOOP_FLOWS)
    return order.index(flow) if flow in order else len(order)


def do(duty: Any, event: Any) -> bool:
    """Do a leased duty and strike it off, both or neither; False when it has to be tried again."""
    try:
        with transaction.atomic():
            function, _kinds = settings.STOOP_FLOWS[duty.flow]
            import_string(function)(event)
            if not ledger.finish(duty):
                raise _NotOurs
    except _NotOurs:
        log("duty.late", flow=duty.flow, seq=duty.event)
        return False
    except Exception as error:
        log_error("duty.failed", error, flow=duty.flow, seq=duty.event, attempts=duty.attempts + 1)
        ledger.fail(duty, error)
        return False
    return True


def tidy() -> None:
    """Remove sessions that have run out, and background tasks that ended two weeks ago."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    call_command("prune_db_task_results", verbosity=0)


class _Tasks:
    """Background tasks, one at a time."""

    def __init__(self) -> None:
        self.worker = TaskWorker(
            queue_names=["*"],
            interval=0,
            batch=True,  # come back when there is nothing to do
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=ids.new().hex,
            excluded_queue_names=[],
        )

    def do_one(self) -> int:
        """Do the next task if there is one; how many were done."""
        if not DBTaskResult.objects.ready().exists():
            return 0  # without asking for the right to write
        self.worker._run_tasks = 0
        self.worker.run()
        return int(self.worker._run_tasks)
