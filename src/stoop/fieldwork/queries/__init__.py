"""Door for questions about responses, plans and the rota. Actor first, where there is one."""

from stoop.fieldwork.queries.boards import board, city_board, due
from stoop.fieldwork.queries.plans import active_plan, plans
from stoop.fieldwork.queries.responses import (
    response,
    responses,
    responses_to,
    responses_to_key,
)
from stoop.fieldwork.queries.rota import on_call, rota, shifts, tonight
from stoop.fieldwork.queries.weeks import week

__all__ = [
    "active_plan",
    "board",
    "city_board",
    "due",
    "on_call",
    "plans",
    "response",
    "responses",
    "responses_to",
    "responses_to_key",
    "rota",
    "shifts",
    "tonight",
    "week",
]
