"""How far the record reaches: a long silence of the files is not peace."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from stoop.kernel.errors import Refusal

Days = NDArray[np.datetime64]

# On fewer days than this with a shooting nobody can tell silence from peace.
ENOUGH_DAYS = 30
# A silence is more than two months, and ten times longer than all but one in a hundred.
LONG_DAYS, TIMES, ORDINARY = 60, 10, 0.99
# So small a share of the incidents after a silence is a slip in a date.
STRAY_SHARE = 0.01


def silences(day: Days) -> tuple[tuple[date, date], ...]:
    """Last day before and first day after each silence; day (k,) of each incident."""
    days = np.unique(day.astype("datetime64[D]"))
    limit = _limit(days)
    if limit is None:
        return ()
    ends = np.flatnonzero(np.diff(days) > limit)
    return tuple((days[i].item(), days[i + 1].item()) for i in ends)


def check_end(day: Days, as_of: date) -> None:
    """Refuse a day of the brief that the record does not reach, and a record with a stray end.

    Months that no file covers would count as months without shootings.
    """
    days = np.unique(day.astype("datetime64[D]"))
    limit = _limit(days)
    if limit is None:
        return
    last: date = days[-1].item()
    if np.timedelta64(as_of - last, "D") > limit:
        raise Refusal(
            f"The last shooting on file is of {last}, {(as_of - last).days} days before {as_of};"
            f" add the files up to that day, or choose --as-of {last}."
        )
    for before, after in silences(day):
        stray = int((day > np.datetime64(before)).sum())
        if stray < STRAY_SHARE * day.size:
            raise Refusal(
                f"After {before} only {stray} of {day.size} incidents are on file, the first of"
                f" {after}; mend their dates, or leave them out with --as-of {before}."
            )


def notes(day: Days) -> tuple[str, ...]:
    """What the reader of the brief must know of silences, in sentences."""
    return tuple(
        f"No shooting is on file between {before} and {after}; if a file is missing there, add it:"
        " months without a record count as months without shootings."
        for before, after in silences(day)
    )


def _limit(days: Days) -> np.timedelta64 | None:
    """The longest time without a shooting that is still ordinary; days are distinct, in order."""
    if days.size < ENOUGH_DAYS:
        return None
    steps = np.diff(days).astype(np.int64)
    return np.timedelta64(int(max(LONG_DAYS, TIMES * np.quantile(steps, ORDINARY))), "D")
