"""Before the answer: how large would an effect have to be for this design to see it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.impact.design import Refused
from stoopstat.impact.poisson import poisson


@dataclass(frozen=True, slots=True)
class Power:
    """The smallest effects that a two-sided test at `level` finds with chance `power`.

    term. fall, rise: logs of rate ratios, the larger of what the permutations and the model say.
    fall_percent, rise_percent: the same as changes of the rate. drawn_fall, drawn_rise: from the
    permutations. sd: of the drawn estimates. normal: size by the normal formula from sd. model_sd:
    error by the null model with its dispersion. model: size by the normal formula from it.
    dispersion: variance over mean that was allowed for, at least 1. draws: how many were known.
    """

    term: str
    level: float
    power: float
    fall: float
    rise: float
    fall_percent: float
    rise_percent: float
    drawn_fall: float
    drawn_rise: float
    sd: float
    normal: float
    model_sd: float
    model: float
    dispersion: float
    draws: int


def power(
    outcome: ArrayLike,
    terms: Mapping[str, ArrayLike],
    *,
    term: str,
    drawn: ArrayLike,
    level: float = 0.05,
    power: float = 0.8,
    used: ArrayLike | None = None,
) -> Power | Refused:
    """The minimum detectable effect of this panel with these starts.

    What it asks: what could this design have seen? An answer "not significant" from a design that
    could only see a fall by a third says nothing about a fall by a sixth.

    outcome, terms, used: as in poisson. drawn: (B,) estimates of the term with starts re-drawn, as
    permutation gives them; what is not finite is left out.

    By permutation, with q(p) the quantiles of drawn: an effect d moves the estimate by d, so
    fall = q(level / 2) - q(power) and rise = q(1 - level / 2) - q(1 - power). By the normal
    formula: (z(1 - level / 2) + z(power)) x sd. The model's sd is the root of dispersion x model
    variance, both of the regression without the term, at its fitted means. The larger of the two
    is promised: by permutation, with a dozen treated units, the size is itself known to a fifth.

    When it lies: drawn from data in which something did happen, it is a little too wide. It takes
    counts after an effect to vary as before; a strong fall leaves fewer. Where the permutation's sd
    is much the larger, years of one unit hang together, and robust errors are too small as well.

    Source: H. Bloom, Evaluation Review 19 (1995) 547-556 (minimum detectable effects); P. McCullagh
    and J. Nelder, Generalized Linear Models, 2nd ed. 1989, ch. 6 (dispersion).

    Refused as poisson is, or when fewer than 1 / level drawn estimates are known. Raises ValueError
    for a level or power outside 0 to 1.

    >>> drawn = np.linspace(-0.2, 0.2, 401)
    >>> y, on = [[90, 70], [80, 85], [60, 62]], [[0, 1], [0, 0], [0, 0]]
    >>> found = power(y, {"on": on}, term="on", drawn=drawn)
    >>> [round(x, 3) for x in (found.drawn_fall, found.model_sd, found.fall)]
    [-0.31, 0.212, -0.594]
    """
    from scipy.special import ndtri

    if not (0 < level < 1 and 0 < power < 1):
        raise ValueError("level and power must lie between 0 and 1")
    known = np.asarray(drawn, dtype=np.float64)
    known = known[np.isfinite(known)]
    if known.size < 1 / level:
        return Refused("power", term, "Too few drawn estimates to know their tails: draw more.")
    found = _by_model(outcome, terms, term, used)
    if isinstance(found, Refused):
        return found
    model_sd, spread = found
    low, fell, rose, high = np.quantile(known, (level / 2, power, 1 - power, 1 - level / 2))
    sd, times = float(known.std(ddof=1)), float(ndtri(1 - level / 2) + ndtri(power))
    fall, rise = (
        min(float(low - fell), -times * model_sd),
        max(float(high - rose), times * model_sd),
    )
    return Power(
        term=term,
        level=level,
        power=power,
        fall=fall,
        rise=rise,
        fall_percent=100 * (exp(fall) - 1),
        rise_percent=100 * (exp(rise) - 1),
        drawn_fall=float(low - fell),
        drawn_rise=float(high - rose),
        sd=sd,
        normal=times * sd,
        model_sd=model_sd,
        model=times * model_sd,
        dispersion=spread,
        draws=int(known.size),
    )


def _by_model(
    outcome: ArrayLike, terms: Mapping[str, ArrayLike], term: str, used: ArrayLike | None
) -> tuple[float, float] | Refused:
    """Error of the term at the fit without it, and that fit's dispersion."""
    null = poisson(outcome, {k: v for k, v in terms.items() if k != term}, used=used)
    if isinstance(null, Refused):
        return null
    # The means themselves as counts: the information of the term at the null.
    asked = poisson(null.fitted, terms, used=null.used)
    if isinstance(asked, Refused):
        return asked
    j, spread = asked.names.index(term), max(1.0, null.dispersion)
    return sqrt(spread * float(asked.model[j, j])), spread
