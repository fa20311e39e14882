"""The door that brings a study's own files in."""

from stoop.evaluation.readers.design import ESTIMATORS, read_design
from stoop.evaluation.readers.sites import read_sites

__all__ = ["ESTIMATORS", "read_design", "read_sites"]
