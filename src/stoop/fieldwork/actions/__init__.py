"""Door for what changes responses, plans and the rota. Keyword-only; `by` says who."""

from stoop.fieldwork.actions.clocks import meet_clock
from stoop.fieldwork.actions.plans import install_plans
from stoop.fieldwork.actions.responses import (
    note_correction,
    open_response,
    stand_down,
    take_response,
)

__all__ = [
    "install_plans",
    "meet_clock",
    "note_correction",
    "open_response",
    "stand_down",
    "take_response",
]
