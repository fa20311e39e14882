"""Costs and benefits: by hand, by laws, and an interval that is right."""

import numpy as np
import pytest

from stoopstat.impact.costs import Assumed, Interval, Worth, worth
from stoopstat.impact.design import Refused

EFFECT = Interval(-0.2, -0.3, -0.1)
ASSUMED = {
    "program": Assumed(80, 100, 120),
    "fatal": Assumed(50, 100, 200),
    "nonfatal": Assumed(5, 10, 30),
    "fatal_share": Assumed(0.1, 0.2, 0.25),
    "share": Assumed(0.5, 1, 1),
    "discount": Assumed(0, 0.03, 0.07),
}


def asked(
    effect: Interval = EFFECT, *, seed: int = 1, other: dict[str, Assumed] | None = None
) -> Worth:
    found = worth(
        [40, 60, 50], [1, 2, 2], [0, 1, 2], effect, ASSUMED | (other or {}),
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    assert not isinstance(found, Refused)
    return found


def test_by_hand() -> None:
    found = asked()
    grown = np.exp(0.2) - 1
    discount = 1.03 ** -np.arange(3)
    gain = (0.2 * 100 + 0.8 * 10) * grown * (discount @ [40, 60, 50])
    cost = 100 * (discount @ [1, 2, 2])
    assert found.averted.value == pytest.approx(150 * grown)
    assert (found.benefit.value, found.cost) == pytest.approx((gain, cost))
    assert found.net.value == pytest.approx(gain - cost)
    assert found.ratio.value == found.together.value == pytest.approx(gain / cost)
    # The low end of the effect is the larger fall, and so the higher end of the gain.
    assert found.averted.high == pytest.approx(150 * (np.exp(0.3) - 1))
    assert found.ratio.low < found.ratio.value < found.ratio.high


def test_at_break_even_the_ratio_is_one() -> None:
    even = asked().break_even
    assert asked(Interval(even, even - 0.1, even + 0.1)).ratio.value == pytest.approx(1)


def test_the_tornado_is_each_assumption_alone_largest_first() -> None:
    found = asked()
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True)
    assert {swing.name for swing in found.swings} == {"effect", *ASSUMED}
    swing = next(each for each in found.swings if each.name == "fatal")
    low = asked(other={"fatal": Assumed(50, 50, 50)}).ratio.value
    high = asked(other={"fatal": Assumed(200, 200, 200)}).ratio.value
    assert (swing.at_low, swing.at_high) == pytest.approx((low, high))
    effect = next(each for each in found.swings if each.name == "effect")
    assert (effect.at_high, effect.at_low) == pytest.approx((found.ratio.low, found.ratio.high))


def test_an_effect_that_may_be_none_has_a_ratio_that_may_be_none() -> None:
    found = asked(Interval(-0.05, -0.15, 0.05))
    for interval in (found.averted, found.benefit, found.ratio, found.together):
        assert interval.low < 0 < interval.high
    rise = asked(Interval(0.2, 0.1, 0.3))
    assert rise.ratio.high < 0


def test_money_has_no_name() -> None:
    """The same in cents: benefits and costs a hundredfold, the ratio as it was."""
    cents = {
        name: Assumed(100 * each.low, 100 * each.central, 100 * each.high)
        for name, each in ASSUMED.items()
        if name in ("program", "fatal", "nonfatal")
    }
    one, other = asked(), asked(other=cents)
    assert other.benefit.value == pytest.approx(100 * one.benefit.value)
    assert other.ratio.value == pytest.approx(one.ratio.value)
    assert other.together.low == pytest.approx(one.together.low)


def test_certain_assumptions_leave_the_interval_of_the_effect() -> None:
    sure = {name: Assumed(each.central, each.central, each.central)
            for name, each in ASSUMED.items()}  # fmt: skip
    found = asked(other=sure)
    assert found.together.low == pytest.approx(found.ratio.low, rel=0.05)
    assert found.together.high == pytest.approx(found.ratio.high, rel=0.05)
    wide = asked()
    assert wide.together.high - wide.together.low > found.together.high - found.together.low


def test_the_same_seed_gives_the_same_digits() -> None:
    assert asked(seed=4) == asked(seed=4)
    assert asked(seed=4).together != asked(seed=5).together


def test_one_number_for_an_outcome_does_as_well() -> None:
    rest = {name: ASSUMED[name] for name in ("program", "share", "discount")}
    found = worth([150], [5], [0], EFFECT, rest | {"outcome": Assumed(28, 28, 28)},
                  rng=np.random.default_rng(1))  # fmt: skip
    assert not isinstance(found, Refused)
    assert found.benefit.value == pytest.approx(28 * 150 * (np.exp(0.2) - 1))


def test_what_cannot_be_weighed_is_refused() -> None:
    rng = np.random.default_rng(1)
    nothing = worth([0], [0], [0], EFFECT, ASSUMED, rng=rng)
    assert isinstance(nothing, Refused)
    free = worth([9], [1], [0], EFFECT, ASSUMED | {"program": Assumed(0, 0, 1)}, rng=rng)
    assert isinstance(free, Refused)
    for wrong in ({"fatal": Assumed(2, 1, 3)}, {"outcome": Assumed(1, 1, 1)}):
        with pytest.raises(ValueError, match="assum"):
            worth([9], [1], [0], EFFECT, ASSUMED | wrong, rng=rng)
    with pytest.raises(ValueError, match="one number for each period"):
        worth([9, 9], [1], [0], EFFECT, ASSUMED, rng=rng)
