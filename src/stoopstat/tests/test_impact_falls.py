"""Falls around a launch, and how many times as steep they are as elsewhere."""

import numpy as np
import pytest

from stoopstat.impact.beforeafter import before_after
from stoopstat.impact.design import NEVER, Refused
from stoopstat.impact.falls import averaged, steeper, together


def test_together_is_before_and_after() -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(np.repeat([[9.0], [5], [4], [6]], 48, axis=1))
    found = before_after(counts, [24, 24, 24, NEVER], months=24)
    assert not isinstance(found, Refused)
    fall = together(counts[:3, :24].sum(axis=1), counts[:3, 24:].sum(axis=1))
    assert not isinstance(fall, Refused)
    assert fall.share == pytest.approx(1 - found.dispersed.ratio)
    assert (fall.low, fall.high) == pytest.approx(
        (1 - found.dispersed.high, 1 - found.dispersed.low)
    )


def test_nothing_after_is_a_fall_of_all() -> None:
    fall = together([4, 5], [0, 0])
    assert not isinstance(fall, Refused)
    assert (fall.share, fall.high) == (1.0, 1.0)
    assert fall.low < 1


def test_a_mean_of_shares_by_hand() -> None:
    fall = averaged([10, 20, 40], [5, 15, 50])
    assert not isinstance(fall, Refused)
    shares = np.array([0.5, 0.25, -0.25])
    assert fall.share == pytest.approx(shares.mean())
    # Student's quantile with two degrees, from its table.
    reach = 4.302653 * shares.std(ddof=1) / np.sqrt(3)
    assert (fall.low, fall.high) == pytest.approx((fall.share - reach, fall.share + reach))
    one = averaged([10], [5])
    assert not isinstance(one, Refused)
    assert np.isnan(one.low)


def test_what_has_no_share_is_refused() -> None:
    assert isinstance(together([0], [3]), Refused)
    assert isinstance(averaged([3, 0], [1, 1]), Refused)
    still = steeper(([8], [4]), ([[8]], [[9]]), [[1]])
    assert isinstance(still, Refused)
    assert "did not fall" in still.why
    with pytest.raises(ValueError, match="summing to 1"):
        steeper(([8], [4]), ([[8]], [[4]]), [[2]])
    with pytest.raises(ValueError, match="whole"):
        together([0.5], [1])


def test_steepness_by_hand_in_both_scales() -> None:
    ours, theirs = ([100, 60], [70, 42]), ([[40, 20]] * 2, [[36, 18]] * 2)
    weight = [[0.5, 0.5]] * 2
    share, count = (steeper(ours, theirs, weight, scale=scale) for scale in ("share", "count"))
    assert not isinstance(share, Refused)
    assert not isinstance(count, Refused)
    assert (share.ours, share.theirs, share.times) == pytest.approx((0.3, 0.1, 3))
    # 48 fewer at two sites, 3 fewer in the mean of the others.
    assert (count.ours, count.theirs, count.times) == pytest.approx((24, 3, 8))
    assert np.isnan(share.low)  # a fall of 6 in 60 may be none


def test_the_order_of_units_plays_no_part() -> None:
    rng = np.random.default_rng(5)
    b, a = rng.poisson(90, 6), rng.poisson(60, 6)
    wide, thin = rng.poisson(80, (6, 9)), rng.poisson(60, (6, 9))
    weight = rng.dirichlet(np.ones(9), 6)
    one = steeper((b, a), (wide, thin), weight)
    turn = rng.permutation(9)
    other = steeper((b[::-1], a[::-1]), (wide[::-1][:, turn], thin[::-1][:, turn]),
                    weight[::-1][:, turn])  # fmt: skip
    assert not isinstance(one, Refused)
    assert not isinstance(other, Refused)
    assert (one.times, one.low, one.high) == pytest.approx((other.times, other.low, other.high))


@pytest.mark.parametrize("scale", ["share", "count"])
def test_its_interval_holds_the_truth_as_often_as_it_says(scale: str) -> None:
    rng = np.random.default_rng(11)
    truth = 2.0
    level_ours, level_theirs = (100, 100)
    weight = np.full((20, 40), 1 / 40)
    inside, draws = 0, 400
    for _ in range(draws):
        b, a = rng.poisson(level_ours, 20), rng.poisson(level_ours * 0.6, 20)
        wide = np.repeat(rng.poisson(level_theirs, 40)[None], 20, axis=0)
        thin = np.repeat(rng.poisson(level_theirs * 0.8, 40)[None], 20, axis=0)
        found = steeper((b, a), (wide, thin), weight, scale=scale)
        assert not isinstance(found, Refused)
        inside += found.low <= truth <= found.high
    assert 0.92 <= inside / draws <= 0.99
