"""The bridge to stoopstat.impact: a design in, a study out."""

from stoop.evaluation.studies.numbers import Check, Line, No
from stoop.evaluation.studies.study import Study, make_study
from stoop.evaluation.studies.threats import Answer, Levels, Power, Range

__all__ = ["Answer", "Check", "Levels", "Line", "No", "Power", "Range", "Study", "make_study"]
