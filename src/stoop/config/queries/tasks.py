"""Background tasks that stand still, because the process that had them was killed."""

from django_tasks_db.models import DBTaskResult

from stoop.config.models import Beat
from stoop.config.queries.health import FRESH
from stoop.kernel import clock

GIVEN_UP = "builtins.ProcessLookupError"  # stands with a task that got its process killed


def lost() -> list[DBTaskResult]:
    """Background tasks that stand as running though the process that had them is gone.

    A process that began after the task did is another one, though it may have the old one's name:
    in a container each has the same number.
    """
    fresh = Beat.objects.filter(at__gt=clock.now() - FRESH)
    alive = dict(fresh.values_list("name", "began_at"))
    return [
        each
        for each in DBTaskResult.objects.running().order_by("started_at")
        if (began := alive.get(each.worker_ids[-1])) is None or began > each.started_at
    ]


def given_up() -> list[DBTaskResult]:
    """Tasks of the last two weeks whose process was killed again and again."""
    return list(DBTaskResult.objects.failed().filter(exception_class_path=GIVEN_UP))
