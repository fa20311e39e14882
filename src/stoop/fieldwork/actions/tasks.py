"""Tasks: added from the plan's list, given to somebody, ended."""

from datetime import datetime
from typing import Any

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.responses import locked, member, must_be_open, note
from stoop.fieldwork.actions.words import checked_key
from stoop.fieldwork.models import Response, Task
from stoop.kernel import clock
from stoop.kernel.errors import Refusal


@transaction.atomic
def add_task(
    *,
    response: Response,
    code: str,
    by: Actor,
    owner: Any = None,
    due_at: datetime | None = None,
    once: str = "",
) -> Task:
    """A task of the response's plan, once for each form."""
    require(by, Permission.RESPONSES_WORK, response.site_id)
    response = locked(response)
    must_be_open(response)
    line = next((each for each in response.plan.tasks if each["code"] == code), None)
    if line is None:
        raise Refusal("Choose a task from the plan's list.")
    once = checked_key(once)
    held = response.tasks.filter(once=once).first() if once else None
    if held:
        return held
    task = Task.objects.create(
        response=response,
        code=code,
        label=line["label"],
        owner=member(response.site_id, owner),
        due_at=due_at,
        once=once,
    )
    note("task.added", response, by, task=code)
    return task


@transaction.atomic
def change_task(*, task: Task, seen: int, by: Actor, **wanted: Any) -> Task:
    """Give it to somebody (`owner`) or say how it ended (`outcome`; empty opens it again).

    When somebody changed it since `seen`: what they left alone is changed all the same, what they
    changed too is refused, unless both want the same.
    """
    require(by, Permission.RESPONSES_WORK, task.response.site_id)
    response = locked(task.response)
    must_be_open(response)
    task = Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    if "owner" in wanted:
        wanted["owner_id"] = getattr(member(response.site_id, wanted.pop("owner")), "pk", None)
    if wanted.get("outcome", "") not in ("", *Task.Outcome.values):
        raise Refusal("Choose from the list how the task ended.")
    news = {name: value for name, value in wanted.items() if getattr(task, name) != value}
    if not news:
        return task
    if task.version != seen and (task.outcome or "owner_id" in news):
        raise Refusal(
            "Somebody changed this task since you opened the page; look at it as it is now, and "
            "send again if you still want to."
        )
    for name, value in news.items():
        setattr(task, name, value)
    if "outcome" in news:
        task.ended_at = clock.now() if news["outcome"] else None
    task.version += 1
    task.save()
    note("task.changed", response, by, task=task.code, outcome=task.outcome)
    return task
