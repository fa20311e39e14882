"""What is asked of a treatment: does the rate step down, does it go on falling, from when?"""

import numpy as np

from stoopstat.events import Floats
from stoopstat.impact.design import Treated

KINDS = ("binary", "linear", "quadratic", "fraction", "next")


def terms(panel: Treated, kind: str = "binary") -> dict[str, Floats]:
    """The terms of one specification, by name, (U, T) each; k is the event time.

    What it asks: "binary" one step: on = 1[k >= 0]. "linear" a step and a slope: yrs = max(0, k)
    periods since the onset. "quadratic" a slope that bends: yrs2 = yrs^2. "fraction" a step in
    proportion to the share of the period under treatment: frac = dose. "next" a step from the
    first whole period: on_next = 1[k >= 1]. The codes are those of the published New York study.

    When it lies: a step averages over a slow start and a late fading; a slope that nobody foresaw
    is easily found in what any series does by itself.

    Raises ValueError for another kind.

    >>> from stoopstat.impact.design import NEVER, treated
    >>> panel = treated([[3, 1, 1], [2, 2, 2]], [1, NEVER])
    >>> {name: term[0].tolist() for name, term in terms(panel, "linear").items()}
    {'on': [0.0, 1.0, 1.0], 'yrs': [0.0, 0.0, 1.0]}
    """
    k = panel.event_time
    on = (k >= 0).astype(np.float64)
    since = np.maximum(k, 0.0)
    found: dict[str, dict[str, Floats]] = {
        "binary": {"on": on},
        "linear": {"on": on, "yrs": since},
        "quadratic": {"on": on, "yrs": since, "yrs2": since**2},
        "fraction": {"frac": np.array(panel.dose)},
        "next": {"on_next": (k >= 1).astype(np.float64)},
    }
    if kind not in found:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    return found[kind]
