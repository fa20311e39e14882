"""Door for what changes responses, plans and the rota. Keyword-only; `by` says who."""

from stoop.fieldwork.actions.calendars import end_calendar, reset_calendar
from stoop.fieldwork.actions.care import end_rests, give_rest, note_presence
from stoop.fieldwork.actions.clocks import give_clock, meet_clock, unmeet_clock, waive_clock
from stoop.fieldwork.actions.counts import count, undo_count
from stoop.fieldwork.actions.plans import change_plan, install_plans, retire_plan
from stoop.fieldwork.actions.responses import (
    close_response,
    leave_response,
    note_correction,
    open_response,
    reopen_response,
    see_notice,
    stand_down,
    take_response,
)
from stoop.fieldwork.actions.retaliation import set_retaliation
from stoop.fieldwork.actions.schema import checked_plan
from stoop.fieldwork.actions.shifts import (
    cover_shift,
    hand_over,
    put_back,
    remove_shift,
    set_pattern,
    set_shift,
)
from stoop.fieldwork.actions.tasks import add_task, change_task

__all__ = [
    "add_task",
    "change_plan",
    "change_task",
    "checked_plan",
    "close_response",
    "count",
    "cover_shift",
    "end_calendar",
    "end_rests",
    "give_clock",
    "give_rest",
    "hand_over",
    "install_plans",
    "leave_response",
    "meet_clock",
    "note_correction",
    "note_presence",
    "open_response",
    "put_back",
    "remove_shift",
    "reopen_response",
    "reset_calendar",
    "retire_plan",
    "see_notice",
    "set_pattern",
    "set_retaliation",
    "set_shift",
    "stand_down",
    "take_response",
    "undo_count",
    "unmeet_clock",
    "waive_clock",
]
