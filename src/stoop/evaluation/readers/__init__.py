"""The door that brings a study's own files in."""

from stoop.evaluation.readers.claims import Claims, read_claims
from stoop.evaluation.readers.design import ESTIMATORS, read_design
from stoop.evaluation.readers.sentences import COUNTED, SHAPES, Claim, claim_of
from stoop.evaluation.readers.sites import read_sites

__all__ = [
    "COUNTED",
    "ESTIMATORS",
    "SHAPES",
    "Claim",
    "Claims",
    "claim_of",
    "read_claims",
    "read_design",
    "read_sites",
]
