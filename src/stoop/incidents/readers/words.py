"""Words: how published tables say nothing, yes, no, and how many."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Compared small and trimmed.
MISSING = frozenset(
    [
        "", "null", "(null)", "none", "(none)", "unknown", "(unknown)", "u", "na", "n/a", "#n/a",
        "nan", "nil", "-", "--", "---", ".", "?", "not available", "not reported", "unspecified",
        "blank", "(blank)", "missing", "undefined", "nat", "<na>", "#value!", "#ref!",
    ]
)  # fmt: skip
_YES = frozenset(
    [
        "true", "t", "y", "yes", "1", "killed", "death", "dead", "deceased", "died", "x",
    ]
)  # fmt: skip
_NO = frozenset(
    [
        "false", "f", "n", "no", "0", "injured", "injury", "wounded", "survived", "shooting",
        "assault", "battery", "none",
    ]
)  # fmt: skip
# What an answer that is no plain yes or no may be put in.
_COUNT = re.compile(r"(\d{1,4})(?:\.0*)?")


def is_missing(text: str) -> bool:
    """Whether a text says nothing."""
    return text.strip().casefold() in MISSING


def fatal_of(texts: Sequence[str]) -> tuple[NDArray[np.int8], int]:
    """1 for fatal, 0 for not, -1 for neither, of each text; and how many texts are no answer."""
    answers = np.full(len(texts) + 1, -1, dtype=np.int8)
    strange = 0
    for i, text in enumerate(texts):
        word = re.sub(r"[^a-z0-9.]", "", text.casefold())
        if word in _NO:
            answers[i] = 0
        elif word in _YES:
            answers[i] = 1
        elif count := _COUNT.fullmatch(word):
            answers[i] = int(count[1]) > 0
        elif word.startswith("nonfatal"):
            answers[i] = 0
        elif word.startswith(("fatal", "homicide", "murder")):
            answers[i] = 1
        elif not is_missing(text):
            strange += 1
    return answers, strange


def count_of(texts: Sequence[str]) -> NDArray[np.int16]:
    """The whole number that each text says, -1 where it says none."""
    counts = np.full(len(texts) + 1, -1, dtype=np.int16)
    for i, text in enumerate(texts):
        if found := _COUNT.fullmatch(text.strip()):
            counts[i] = int(found[1])
    return counts


def short(text: str) -> str:
    """An offending value fit to be shown: digits, marks and few letters, never free text."""
    plain = " ".join(text.split())
    tame = len(plain) <= 32 and re.fullmatch(r"[\d\s./:,+\-()TZAPMapm°'\"]*", plain)
    return f": {plain}" if tame and any(c.isdigit() for c in plain) else ""
