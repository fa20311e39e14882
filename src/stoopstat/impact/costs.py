"""What a program's effect is worth beside what it costs, and what that hangs on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stoopstat.events import Floats
from stoopstat.impact.design import Refused

ESTIMATOR = "costs"
NEEDED = ("program", "share", "discount")
# What one outcome costs: in one number, or by whether somebody dies.
WHOLE, PARTED = ("outcome",), ("fatal", "nonfatal", "fatal_share")
EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Assumed:
    """A number that nobody knows: what it is held for, and how low and high it may be."""

    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Swing:
    """The ratio with one assumption at its low and at its high end, all others central."""

    name: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class Worth:
    """averted: outcomes, not discounted. benefit, cost, net: in money of the first treated period.
    ratio: benefit / cost. Their intervals are of the effect alone, the assumptions central;
    together: the ratio's with the assumptions drawn too. swings: largest first. break_even: log
    of the ratio of outcomes at which benefit equals cost.
    """

    averted: Interval
    benefit: Interval
    cost: float
    net: Interval
    ratio: Interval
    together: Interval
    swings: tuple[Swing, ...]
    break_even: float


def worth(
    outcome: ArrayLike,
    at_work: ArrayLike,
    years: ArrayLike,
    effect: Interval,
    assumed: Mapping[str, Assumed],
    *,
    rng: np.random.Generator,
    draws: int = 9_999,
    level: float = 0.95,
) -> Worth | Refused:
    """Is what was averted worth what was spent?

    outcome: (T,) outcomes counted in the treated cells of each period. at_work: (T,) years of
    program in it, over all units. years: (T,) from the first treated period to this one. effect:
    log of the ratio of outcomes to those without the program, with its interval at `level`.
    assumed: program (cost of a year of program in one unit), share (of the effect that is the
    program's), discount (a year, 0.03 being 3 %); and outcome (cost to society of one outcome), or
    in its place fatal, nonfatal and fatal_share, outcome being their mean with that weight.

    With y outcomes in period t and effect b, without the program there had been y exp(-b); so
    averted = sum y (exp(-b) - 1), benefit = share x outcome x sum d_t y (exp(-b) - 1), cost =
    program x sum d_t at_work, d_t = (1 + discount)^-years. Both rise and fall with b, so the
    interval of b gives theirs at once. together: b drawn normal, each assumption triangular between
    its ends; the middle `level` of `draws` ratios. break_even: b at which the ratio is 1.

    When it lies: it holds one effect for every place and year. The assumptions are taken to be
    independent. What is not counted (trust, fear, trauma, an arrest less) is worth nothing here.

    Sources: M. Drummond and others, Methods for the Economic Evaluation of Health Care Programmes,
    4th ed. 2015, ch. 7 and 11; T. Eschenbach, Interfaces 22 (1992) 40-46 (tornado).

    Raises ValueError for shapes that differ, negative counts, or assumptions that are missing or
    out of order.

    >>> sure = {name: Assumed(v, v, v) for name, v in
    ...         {"program": 10.0, "outcome": 4.0, "share": 1.0, "discount": 0.0}.items()}
    >>> found = worth([30], [4], [0], Interval(np.log(0.5), np.log(0.4), np.log(0.6)), sure,
    ...               rng=np.random.default_rng(1))
    >>> round(found.averted.value), found.cost, round(found.ratio.value, 3)
    (30, 40.0, 3.0)
    >>> round(float(np.exp(found.break_even)), 3)
    0.75
    """
    y, work, t = _validated(outcome, at_work, years, assumed)
    if not y.sum() or not work.sum():
        why = "no outcome or no year of program falls into the treated periods; mend the period"
        return Refused(ESTIMATOR, "ratio", why)
    central = {name: each.central for name, each in assumed.items()}
    if not central["program"] > 0:
        return Refused(ESTIMATOR, "ratio", "a program that costs nothing has no ratio; give a cost")

    def ratio(b: float, **other: float) -> float:
        gain, cost = _money(y, work, t, np.array([b]), _arrays(central | other))
        return float(gain[0] / cost[0])

    # From the harm at the high end of the effect to the good at its low end.
    ends = np.array([effect.value, effect.high, effect.low])
    gain, cost = _money(y, work, t, ends, _arrays(central))
    swings = [Swing(EFFECT, ratio(effect.low), ratio(effect.high))]
    for name, each in assumed.items():
        at_low, at_high = (ratio(effect.value, **{name: end}) for end in (each.low, each.high))
        swings.append(Swing(name, at_low, at_high))
    discounted = float((y * (1 + central["discount"]) ** -t).sum())
    each_saves = central["share"] * float(_each(_arrays(central))[0]) * discounted
    return Worth(
        averted=_interval(y.sum() * np.expm1(-ends)),
        benefit=_interval(gain),
        cost=float(cost[0]),
        net=_interval(gain - cost),
        ratio=_interval(gain / cost),
        together=_together(y, work, t, effect, assumed, ratio(effect.value), rng, draws, level),
        swings=tuple(sorted(swings, key=lambda swing: (-swing.width, swing.name))),
        break_even=-float(np.log1p(float(cost[0]) / each_saves)) if each_saves > 0 else -np.inf,
    )


def _validated(
    outcome: ArrayLike, at_work: ArrayLike, years: ArrayLike, assumed: Mapping[str, Assumed]
) -> tuple[Floats, Floats, Floats]:
    y, work, t = (np.asarray(each, dtype=np.float64) for each in (outcome, at_work, years))
    if y.ndim != 1 or not y.shape == work.shape == t.shape:
        raise ValueError("outcome, at_work and years must give one number for each period")
    if any(not np.isfinite(each).all() or (each < 0).any() for each in (y, work, t)):
        raise ValueError("outcome, at_work and years must be known and not negative")
    if set(assumed) - set(NEEDED) not in (set(WHOLE), set(PARTED)) or set(NEEDED) - set(assumed):
        raise ValueError("assumed must give program, share, discount and what an outcome costs")
    if any(not 0 <= each.low <= each.central <= each.high for each in assumed.values()):
        raise ValueError("an assumption must rise from low over central to high, and not from < 0")
    return y, work, t


def _arrays(values: Mapping[str, float]) -> dict[str, Floats]:
    return {name: np.array([value]) for name, value in values.items()}


def _each(assumed: Mapping[str, Floats]) -> Floats:
    """What one outcome costs."""
    if "outcome" in assumed:
        return assumed["outcome"]
    share = assumed["fatal_share"]
    return share * assumed["fatal"] + (1 - share) * assumed["nonfatal"]


def _money(
    y: Floats, work: Floats, t: Floats, b: Floats, assumed: Mapping[str, Floats]
) -> tuple[Floats, Floats]:
    """(D,) benefit and cost for effects (D,) and assumptions (D,) or (1,)."""
    d = (1 + assumed["discount"][:, None]) ** -t
    gain = assumed["share"] * _each(assumed) * (d @ y) * np.expm1(-b)
    return gain, np.broadcast_to(assumed["program"] * (d @ work), gain.shape)


def _together(
    y: Floats,
    work: Floats,
    t: Floats,
    effect: Interval,
    assumed: Mapping[str, Assumed],
    value: float,
    rng: np.random.Generator,
    draws: int,
    level: float,
) -> Interval:
    from scipy.special import ndtri

    reach = float(ndtri((1 + level) / 2))
    b = rng.normal(effect.value, (effect.high - effect.low) / (2 * reach), draws)
    drawn = {
        name: rng.triangular(each.low, each.central, each.high, draws)
        if each.low < each.high
        else np.full(draws, each.central)
        for name, each in sorted(assumed.items())
    }
    gain, cost = _money(y, work, t, b, drawn)
    with np.errstate(divide="ignore"):
        low, high = np.quantile(gain / cost, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def _interval(three: Floats) -> Interval:
    return Interval(*(float(each) for each in three))
