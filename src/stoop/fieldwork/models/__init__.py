"""The nouns of this module: counts, times and codes. No field holds a name or a story."""

from stoop.fieldwork.models.plans import Plan
from stoop.fieldwork.models.responses import Clock, Count, Response, Task
from stoop.fieldwork.models.rota import Calendar, Rest, Shift, Span, Taken

__all__ = [
    "Calendar",
    "Clock",
    "Count",
    "Plan",
    "Response",
    "Rest",
    "Shift",
    "Span",
    "Taken",
    "Task",
]
