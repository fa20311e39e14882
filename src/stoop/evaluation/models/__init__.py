"""The nouns of a study: its design, its calendar, its panel; and what the platform keeps of it."""

from stoop.evaluation.models.design import (
    MEASURES,
    MONTHS,
    Bools,
    Calendar,
    Days,
    Design,
    Exclusion,
    Floats,
    Ints,
    Panel,
    Sample,
    Site,
    Sites,
    Status,
    label,
    period,
)
from stoop.evaluation.models.publication import Published, Register, SmallCells, Version
from stoop.evaluation.models.tables import Registration, Run, Study

__all__ = [
    "MEASURES",
    "MONTHS",
    "Bools",
    "Calendar",
    "Days",
    "Design",
    "Exclusion",
    "Floats",
    "Ints",
    "Panel",
    "Published",
    "Register",
    "Registration",
    "Run",
    "Sample",
    "Site",
    "Sites",
    "SmallCells",
    "Status",
    "Study",
    "Version",
    "label",
    "period",
]
