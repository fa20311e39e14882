"""The bridge to stoopstat.impact: a design in, a study out."""

from stoop.evaluation.studies.boundaries import Boundary
from stoop.evaluation.studies.footing import Footing
from stoop.evaluation.studies.study import Study, make_study
from stoop.evaluation.studies.threats import Answer, Levels, Power, Range
from stoop.evaluation.studies.told import Check, Line, No
from stoop.evaluation.studies.vintage import Vintage

__all__ = [
    "Answer",
    "Boundary",
    "Check",
    "Footing",
    "Levels",
    "Line",
    "No",
    "Power",
    "Range",
    "Study",
    "Vintage",
    "make_study",
]
