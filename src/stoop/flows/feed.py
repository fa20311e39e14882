"""What a feed does: ask the endpoints of the sources for what is new, and background tasks.

These are apart from the worker, so that no long calculation holds up an alert.
"""

import threading
from collections.abc import Sequence
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions as evaluation
from stoop.flows import loops
from stoop.incidents import actions as incidents
from stoop.kernel import ids

LOOK_S = 5.0  # between looks for a source whose time has come
TASK_S = 0.5  # and for a background task
HOUSEKEEPING_S = 3600.0
LOST_S = 20.0  # between looks for what a killed process left


def feed(
    stop: threading.Event,
    tell: loops.Tell = lambda *_: None,
    *,
    name: str = "",
    besides: Sequence[loops.Loop] = (),
) -> None:
    """Do all work of a feed until `stop` is set.

    `name` is what stands with the tasks that it takes up, so that they can be found when it is
    killed; `besides` are rounds that a floor above adds.
    """
    name = name or ids.new().hex
    loops.run(
        [
            loops.Loop("poll", incidents.poll_due, LOOK_S),
            *(
                loops.Loop(f"tasks {queue}", _Tasks(queue, name).do_one, TASK_S)
                for queue in settings.TASKS["default"]["QUEUES"]
            ),
            loops.Loop("lost studies", loops.every(LOST_S, _end_lost), LOOK_S),
            *besides,
            loops.Loop("housekeeping", loops.every(HOUSEKEEPING_S, tidy), LOOK_S),
        ],
        stop,
        tell,
    )


def _end_lost() -> None:
    evaluation.end_lost_runs(by=SYSTEM)


def tidy() -> None:
    """Remove sessions that have run out, background tasks that ended two weeks ago, and what went
    into runs of studies that nobody needs any more."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    call_command("prune_db_task_results", verbosity=0)
    evaluation.forget_inputs(by=SYSTEM)


class _Tasks:
    """Background tasks of a queue, or of all, one at a time."""

    def __init__(self, queue: str = "*", name: str = "") -> None:
        self.queue = queue
        self.worker = TaskWorker(
            queue_names=[queue],
            interval=0,
            batch=True,  # come back when there is nothing to do
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=name or ids.new().hex,
            excluded_queue_names=[],
        )

    def do_one(self) -> int:
        """Do the next task if there is one; how many were done."""
        ready = DBTaskResult.objects.ready()  # by now
        if self.queue != "*":
            ready = ready.filter(queue_name=self.queue)
        if not ready.exists():
            return 0  # without asking for the right to write
        self.worker._run_tasks = 0
        self.worker.run()
        return int(self.worker._run_tasks)
