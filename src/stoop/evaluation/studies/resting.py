"""How many treated areas a number rests on."""

import re

import numpy as np

from stoopstat.impact.design import Treated

# lag2 is two periods before a start and lead2 two after it, as in stoopstat.impact.eventstudy.
_SIGN = {"event ": 1, "lead": 1, "lag": -1}


def areas(y: Treated, term: str, scale: str = "log") -> int:
    """Treated areas under a term of a method, in its own codes ("period 3", "lag2", "on").

    Numbers in counts and rates are sums of counts, so that the areas of one cohort come out where
    the others are taken off: they rest on the smallest cohort.
    """
    size = y.outcome.shape[1]
    began = y.onset[(y.onset > 0) & (y.onset < size)]
    carried = _under(y, term, began, size)
    if scale == "log" or not began.size:
        return carried
    return min(carried, int(np.unique(began, return_counts=True)[1].min()))


def _under(y: Treated, term: str, began: np.ndarray, size: int) -> int:
    if term.startswith("unit "):
        return 1
    if found := re.fullmatch(r"(cohort|period) (\d+)", term):
        at = int(found[2])
        return int((began == at if found[1] == "cohort" else began <= at).sum())
    if found := re.fullmatch(r"(event |lead|lag)(-?\d+)", term):
        at_term = y.onset[np.isfinite(y.onset)] + _SIGN[found[1]] * int(found[2])
        return int(((at_term >= 0) & (at_term < size)).sum())
    return int((began + 1 < size).sum() if term == "on_next" else began.size)
