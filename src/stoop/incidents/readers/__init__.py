"""The door that brings the world's files of shootings in."""

from stoop.incidents.readers.reading import read
from stoop.incidents.readers.report import FileReport, ReadReport, Reject, Rejects, write_rejects
from stoop.incidents.readers.shootings import Shootings

__all__ = [
    "FileReport",
    "ReadReport",
    "Reject",
    "Rejects",
    "Shootings",
    "read",
    "write_rejects",
]
