"""The door that brings the world's files of shootings in."""

from stoop.incidents.readers.incidents import mixed
from stoop.incidents.readers.reading import read, read_verbatim, read_within
from stoop.incidents.readers.report import FileReport, ReadReport, Reject, Rejects, write_rejects
from stoop.incidents.readers.shootings import Shootings
from stoop.incidents.readers.verbatim import Verbatim
from stoop.incidents.readers.victims import Persons, persons

__all__ = [
    "FileReport",
    "Persons",
    "ReadReport",
    "Reject",
    "Rejects",
    "Shootings",
    "Verbatim",
    "mixed",
    "persons",
    "read",
    "read_verbatim",
    "read_within",
    "write_rejects",
]
