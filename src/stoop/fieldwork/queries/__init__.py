"""Door for questions about responses, plans and the rota. Actor first, where there is one."""

from stoop.fieldwork.queries.plans import active_plan, plans
from stoop.fieldwork.queries.responses import response, responses, responses_to
from stoop.fieldwork.queries.rota import on_call

__all__ = [
    "active_plan",
    "on_call",
    "plans",
    "response",
    "responses",
    "responses_to",
]
