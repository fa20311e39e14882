"""Background tasks whose process was killed: begun anew, or given up in words."""

from django_tasks_db.models import DBTaskResult

from stoop.config.queries import tasks
from stoop.kernel import clock
from stoop.kernel.logs import log

ATTEMPTS = 3  # what was killed as often is perhaps what gets it killed
_WORDS = f"The process that did this was killed {ATTEMPTS} times before it was done."


def take_up_lost() -> int:
    """Have done again what a killed process left as running; how many tasks.

    Each of our tasks may be done twice: a poll finds the same rows, a watch zone that is fresh is
    not sought again, a study that was begun is left to `evaluation.end_lost_runs`.
    """
    taken_up = 0
    for lost in tasks.lost():
        same = DBTaskResult.objects.running().filter(pk=lost.pk, started_at=lost.started_at)
        if len(lost.worker_ids) < ATTEMPTS:
            changed = same.update(status="READY", started_at=None)
        else:
            now = clock.now()
            changed = same.update(
                status="FAILED",
                finished_at=now,
                exception_class_path=tasks.GIVEN_UP,
                traceback=_WORDS,
            )
        taken_up += changed
        if changed:
            log("task.lost", task=lost.task_name, attempts=len(lost.worker_ids))
    return taken_up
