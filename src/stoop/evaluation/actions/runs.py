"""A registered study is worked out in the background, by the very road of `stoop evaluate`."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.evaluation import queries
from stoop.evaluation.actions.inputs import STUDY, write_inputs
from stoop.evaluation.actions.publish import publish_study
from stoop.evaluation.models import Publication, Run, Study
from stoop.evaluation.studies import Study as Made
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.kernel.files import folder_in_one_move
from stoop.kernel.logs import log_error
from stoop.ledger.actions import record

REGISTER = "registration.json"
_LOST = "The program that worked on it was stopped before the end; run it again."
_BROKEN = "Something in the program went wrong; the log says what. Run it again, or ask for help."


@transaction.atomic
def start_run(*, study: Study, by: Actor, enqueue: Callable[[str], Any]) -> Run:
    """Have the newest registered version worked out; `enqueue` gives a worker the run's key.

    While a run is on that run is given back, and a worker is asked for again where it waits long.
    One whose worker is gone is ended first. Raises Refusal for a draft: what is run must be
    registered.
    """
    require(by, Permission.STUDIES_WORK)
    held = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    newest = held.registrations.order_by("-number").first()
    if newest is None:
        raise Refusal("Register the study first: its design is frozen before it is worked out.")
    on = Run.objects.filter(registration__study=held, finished_at=None).first()
    now = clock.now()
    if on is not None and on.is_stale():
        _end(on, failure=_LOST)
    elif on is not None:
        if on.waits_long():  # two workers with one key are one: the second finds it taken
            Run.objects.filter(pk=on.pk).update(seen_at=now)
            enqueue(str(on.key))
        return on
    run = Run.objects.create(registration=newest, asked_at=now, seen_at=now, by=by.ref)
    held.state = Study.State.RUNNING
    held.save(update_fields=["state"])
    enqueue(str(run.key))
    record(
        kind="study.run",
        subject=f"study:{held.slug}",
        by=by.ref,
        data={"run": str(run.key), "number": newest.number},
    )
    return run


def work_on(
    *, key: UUID | str, by: Actor, render: Callable[[Made], str], says: Callable[[Made], str]
) -> None:
    """What a worker does: inputs out of the database, a study out of them, the answer kept.

    A run that somebody else has taken, or that is over, is left alone. Whatever goes wrong, the
    run ends with a sentence.
    """
    require(by, Permission.STUDIES_WORK)
    run = _taken(key)
    if run is None:
        return
    try:
        made, failure = _made(run, render), ""
    except _OverError:
        return
    except Refusal as refusal:
        made, failure = None, str(refusal)
    except Exception as error:
        log_error("study.failed", error)
        made, failure = None, _BROKEN
    _ended(run, by=by, failure=failure[:500], made=made, says=says)


class _OverError(Exception):
    """The run was ended by somebody who thought that this worker was gone."""


def _taken(key: UUID | str) -> Run | None:
    """The run, marked as begun; None for one that another worker has, or that is over."""
    now = clock.now()
    waits = Run.objects.filter(key=key, started_at=None, finished_at=None)
    if not waits.update(started_at=now, seen_at=now):
        return None
    return Run.objects.select_related("registration__study").get(key=key)


def _made(run: Run, render: Callable[[Made], str]) -> Made:
    """The study, with its folder in place: inputs, and what came of them."""
    study = run.registration.study
    folder = queries.folder_of(study.slug, run)
    with folder_in_one_move(folder / queries.INPUTS, made_by=REGISTER) as inputs:
        write_inputs(inputs, run.registration.text)
        told = queries.register_of(study.slug, queries.registrations(study))
        text = json.dumps(told, indent=1, ensure_ascii=False)
        (inputs / REGISTER).write_text(text + "\n", encoding="utf-8")
    return _worked_out(folder, run, render)


def _worked_out(folder: Path, run: Run, render: Callable[[Made], str]) -> Made:
    def alive(**more: Any) -> None:
        on = Run.objects.filter(pk=run.pk, finished_at=None)
        if not on.update(seen_at=clock.now(), **more):
            raise _OverError

    def progress(step: str, number: int, of: int) -> None:
        alive(step=number, steps=of, doing=step[:120])

    def each(function: Callable[[int], Any], of: Iterable[int]) -> Iterator[Any]:
        """As map does; a sign of life before every piece, for a step may last longer than STALE."""
        for number in of:
            alive()
            yield function(number)

    inputs = folder / queries.INPUTS
    return publish_study(
        study=inputs / STUDY,
        registration=inputs / REGISTER,
        out=folder / queries.MADE,
        render=render,
        progress=progress,
        each=each,
    )


def end_lost_runs(*, by: Actor) -> int:
    """End the runs whose worker is gone, with a sentence that says so; how many.

    They are not begun anew by themselves: a study that gets its worker killed would do it again.
    """
    require(by, Permission.STUDIES_WORK)
    begun = Run.objects.filter(finished_at=None).exclude(started_at=None)
    ended = 0
    for run in begun.select_related("registration__study"):
        if run.is_stale():
            ended += _ended(run, by=by, failure=_LOST)
    return ended


def forget_inputs(*, by: Actor) -> int:
    """Remove what went into runs that are over, unless a run ever was public or is the newest of
    its study; how many were removed. What came out of them stays.

    A shooting that was retracted would else stand in old files for ever.
    """
    require(by, Permission.STUDIES_WORK)
    kept = set(Publication.objects.values_list("run", flat=True))
    every = Run.objects.select_related("registration__study").order_by("-asked_at", "-pk")
    newest, removed = set(), 0
    for run in every:
        study = run.registration.study
        if study.pk not in newest:
            newest.add(study.pk)
        elif run.finished_at is not None and run.pk not in kept:
            folder = queries.folder_of(study.slug, run)
            # A worker that was killed has left what it was writing under such a name.
            for each in (folder / queries.INPUTS, *folder.glob(".stoop-*")):
                if each.is_dir():
                    shutil.rmtree(each, ignore_errors=True)
                    removed += 1
    if removed:
        record(kind="study.inputs_removed", subject="studies", by=by.ref, data={"n": removed})
    return removed


@transaction.atomic
def _ended(run: Run, *, by: Actor, failure: str, **made: Any) -> bool:
    """End a run that is not over, and leave an event; whether it was this call that did."""
    if not _end(run, failure=failure, **made):
        return False
    record(
        kind="study.failed" if failure else "study.finished",
        subject=f"study:{run.registration.study.slug}",
        by=by.ref,
        data={"run": str(run.key), "number": run.registration.number},
    )
    return True


def _end(
    run: Run,
    *,
    failure: str = "",
    made: Made | None = None,
    says: Callable[[Made], str] | None = None,
) -> bool:
    """End a run that is not over; whether it was this call that did."""
    told: dict[str, Any] = {"finished_at": clock.now(), "failure": failure}
    if made is not None and says is not None:
        inputs = {each["name"]: each["sha256"] for each in made.run["inputs"]}
        told |= {"answer": says(made), "inputs": inputs}
    if not Run.objects.filter(pk=run.pk, finished_at=None).update(**told):
        return False
    state = Study.State.FAILED if failure else Study.State.FINISHED
    Study.objects.filter(pk=run.registration.study_id).update(state=state)
    return True
