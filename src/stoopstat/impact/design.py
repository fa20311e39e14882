"""What every method of this folder takes in, and what it gives back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats, Ints

NEVER = np.inf
Out = TypeVar("Out")


class Each(Protocol):
    """Applies a function to the numbers of some blocks and gives the results in their order.

    map does; so does each=lambda f, of: client.gather(client.map(f, of)) with a cluster of
    machines. A block's result hangs on nothing but its number, so every way gives the same digits.
    """

    def __call__(self, function: Callable[[int], Out], of: Iterable[int], /) -> Iterable[Out]: ...


@dataclass(frozen=True, slots=True)
class Treated:
    """Counts by unit and period, and since when each unit is treated.

    outcome: (U, T) counts, finite and not negative. onset: (U,) column of the first treated
    period; NEVER for units that are never treated; it may lie behind the last column (treated
    after the panel ends) and may be negative (before it begins). dose: (U, T) share of the period
    in which the unit was treated, 0 to 1; by default 0 before the onset and 1 from it on.
    """

    outcome: Floats
    onset: Floats
    dose: Floats

    @property
    def event_time(self) -> Floats:
        """(U, T) periods since the onset, 0 in the first treated one; -inf where never."""
        return np.arange(self.outcome.shape[1])[None, :] - self.onset[:, None]

    @property
    def cohorts(self) -> Ints:
        """Onsets inside the panel, each once, in order."""
        inside = (self.onset >= 0) & (self.onset < self.outcome.shape[1])
        return np.unique(self.onset[inside]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number of a method.

    estimator and term: their codes. estimate and se: on the scale of `scale`: "log" (log of a
    ratio), "count" (outcomes a unit and period) or "ratio". se_type: "HC1", "CR1", "bootstrap",
    "placebo"... p: two-sided, against no effect; NaN where the method gives none. n: cells used.
    """

    estimator: str
    term: str
    estimate: float
    se: float
    se_type: str
    p: float
    n: int
    scale: str


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no number: the method, the term, and why, in one sentence that says how to mend."""

    estimator: str
    term: str
    why: str


def treated(outcome: ArrayLike, onset: ArrayLike, *, dose: ArrayLike | None = None) -> Treated:
    """Check and lay out a panel of counts with its treatment.

    outcome: (U, T). onset: (U,) whole column numbers, NEVER where never treated. dose: (U, T) share
    of each period under treatment, 0 to 1.

    Raises ValueError when shapes differ, a count is negative or not finite, an onset is not a whole
    number, or a dose lies outside 0 to 1.

    >>> panel = treated([[3, 1], [2, 2]], [1, NEVER])
    >>> panel.dose
    array([[0., 1.],
           [0., 0.]])
    """
    counts = np.array(outcome, dtype=np.float64)
    began = np.array(onset, dtype=np.float64)
    if counts.ndim != 2 or 0 in counts.shape:
        raise ValueError("outcome must be a table of units by periods, neither of them empty")
    if began.shape != counts.shape[:1]:
        raise ValueError("onset must give one column number for each unit")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("outcomes must be finite and not negative")
    known = began[began != NEVER]
    if not np.isfinite(known).all() or (known != np.floor(known)).any():
        raise ValueError("onsets must be whole column numbers, or NEVER")
    share = (np.arange(counts.shape[1]) >= began[:, None]).astype(np.float64)
    if dose is not None:
        share = np.array(dose, dtype=np.float64)
        if share.shape != counts.shape or not ((share >= 0) & (share <= 1)).all():
            raise ValueError("dose must give a share from 0 to 1 for each unit and period")
    for each in (counts, began, share):
        each.flags.writeable = False
    return Treated(counts, began, share)
