"""How a clock stands at a moment. Said once, for every screen and every sheet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from stoop.fieldwork.models import Clock, Response

SOON = timedelta(hours=24)


class State(StrEnum):
    """What a reader has to know of a clock."""

    LATE = "late"  # should be done, and is not
    DUE = "due"  # has to be done within a day
    LATER = "later"  # has to be done, not yet
    MET = "met"  # done in time
    MET_LATE = "met_late"  # done, after its time
    NOT_NEEDED = "not_needed"  # with a reason
    LEFT = "left"  # the response ended without it


RUNNING = frozenset({State.LATE, State.DUE, State.LATER})


def state(clock: Clock, closed_at: datetime | None, now: datetime) -> State:
    """The state of a clock of a response that ended at `closed_at`, or runs."""
    if clock.not_needed:
        return State.NOT_NEEDED
    if clock.met_at is not None:
        return State.MET if clock.met_at <= clock.due_at else State.MET_LATE
    if closed_at is not None:
        return State.LEFT
    return running_state(clock.due_at, now)


def running_state(due_at: datetime, now: datetime) -> State:
    """The state of something that is still to be done."""
    if due_at < now:
        return State.LATE
    return State.DUE if due_at - now <= SOON else State.LATER


@dataclass(frozen=True)
class Standing:
    """A clock with its state and who answers for it (the lead until somebody else does)."""

    clock: Clock
    state: State
    owner: Any

    @property
    def form_name(self) -> str:
        return f"clock-{self.clock.code}"

    @property
    def running(self) -> bool:
        return self.state in RUNNING


def standings(response: Response, now: datetime) -> list[Standing]:
    """The clocks of a response in the order in which they are due, each with its state.

    Reads `response.clocks.all()`: prefetch it where there are many responses.
    """
    clocks = sorted(response.clocks.all(), key=lambda each: (each.due_at, each.pk))
    return [
        Standing(each, state(each, response.closed_at, now), each.owner or response.lead)
        for each in clocks
    ]


def is_assessed(response: Response, now: datetime) -> bool:
    """Whether somebody has read the situation, and the reading still holds."""
    until = response.retaliation_until
    return response.retaliation is not None and until is not None and until > now
