"""The interval for few treated units: its twin, Welch's closed form, and that it covers."""

import numpy as np
import pytest

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.fewclusters import few_clusters
from stoopstat.impact.influence import joint
from stoopstat.impact.poisson import poisson
from stoopstat.impact.sunabraham import sun_abraham
from stoopstat.impact.terms import terms
from stoopstat.reference.fewclusters import cr2

ONSET = np.array([3, 5, 5, 8, 10, 6, *[NEVER] * 18])


def made(seed, *, onset=ONSET, periods=12, size=4.0, spread=0.0):
    rng = np.random.default_rng(seed)
    mean = rng.gamma(2, size, (onset.size, 1)) * (1 + 0.3 * rng.random(periods))
    own = rng.gamma(1 / spread, spread, mean.shape) if spread else 1.0
    return treated(rng.poisson(mean * own), onset)


@pytest.mark.parametrize("kind", ["binary", "linear"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agrees_with_the_twin(kind, seed):
    panel = made(seed)
    x = terms(panel, kind)
    used = np.random.default_rng(seed).random(panel.outcome.shape) > 0.1
    fit = poisson(panel.outcome, x, used=used)
    for j, name in enumerate(fit.names):
        found = few_clusters(fit, panel.outcome, x, term=name)
        stacked = np.array([x[each] for each in fit.names])
        se, df = cr2(panel.outcome, fit.fitted, stacked, fit.used, j)
        assert (found.se, found.df) == (pytest.approx(se, rel=1e-8), pytest.approx(df, rel=1e-8))


def test_two_groups_and_two_periods_are_welchs():
    """Each unit's two counts add up to 20 and each group's periods to the same: the fit is 10
    everywhere, and the question is one of two means of the difference."""
    up = np.array([1, -1, 3, -3, 2, -2, 0, 4, -4])
    y = np.column_stack([10 - up, 10 + up])
    on = np.zeros((9, 2))
    on[:4, 1] = 1
    found = few_clusters(poisson(y, {"on": on}), y, {"on": on}, term="on")
    ours, others = 2 * up[:4] / 10, 2 * up[4:] / 10
    assert found.estimate == pytest.approx(0, abs=1e-12)
    assert found.se**2 == pytest.approx(ours.var(ddof=1) / 4 + others.var(ddof=1) / 5)
    # Welch's degrees of freedom where both groups vary alike, which is the working model.
    assert found.df == pytest.approx((1 / 4 + 1 / 5) ** 2 / (1 / (16 * 3) + 1 / (25 * 4)))


def test_turned_units_and_silent_ones_change_nothing():
    panel = made(4)
    x = terms(panel)["on"]
    one = few_clusters(poisson(panel.outcome, {"on": x}), panel.outcome, {"on": x}, term="on")
    turn = np.random.default_rng(1).permutation(ONSET.size)
    y, on = (np.vstack([each[turn], np.zeros((1, 12))]) for each in (panel.outcome, x))
    other = few_clusters(poisson(y, {"on": on}), y, {"on": on}, term="on")
    assert (other.se, other.df) == (pytest.approx(one.se), pytest.approx(one.df))


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_intervals_cover_where_clustered_ones_do_not(spread):
    covered = dict.fromkeys(("CR1", "CR2"), 0)
    for seed in range(200):
        panel = made(seed, onset=ONSET[3:], size=20.0, spread=spread)
        x = terms(panel)
        fit = poisson(panel.outcome, x)
        found = few_clusters(fit, panel.outcome, x, term="on")
        covered["CR1"] += abs(found.estimate) < 1.96 * fit.estimate("on", se_type="CR1").se
        covered["CR2"] += found.low < 0 < found.high
    assert covered["CR1"] <= 165
    assert 184 <= covered["CR2"] <= 198, covered


def test_refuses():
    y, on = [[9, 11], [11, 9], [8, 12]], [[0, 1], [0, 0], [0, 0]]
    fit = poisson(y, {"on": on})
    assert isinstance(few_clusters(fit, y, {"on": on}, term="on"), Refused)
    with pytest.raises(ValueError, match="level"):
        few_clusters(fit, y, {"on": on}, term="on", level=1)
    with pytest.raises(ValueError, match="term"):
        few_clusters(fit, y, {"on": on}, term="off")
    apart = poisson(y, {"on": on}, cluster=[0, 0, 1])
    with pytest.raises(ValueError, match="clusters"):
        few_clusters(apart, y, {"on": on}, term="on")


def test_joint_test_of_few_is_hotellings():
    rows = np.random.default_rng(3).normal(size=(8, 3))
    mean, inverse = rows.mean(axis=0), np.linalg.inv(np.cov(rows.T))
    from scipy.stats import f

    expected = f.sf(8 * mean @ inverse @ mean * 5 / (3 * 7), 3, 5)
    found = joint("made", mean, (rows - mean) / 8, carriers=8)
    assert found.p == pytest.approx(expected)
    # Whoever has the three numbers has the p.
    assert f.sf(found.statistic, found.terms, found.rest) == pytest.approx(found.p)
    assert isinstance(joint("made", mean, (rows - mean) / 8, carriers=3), Refused)
    none = joint("made", [], np.zeros((8, 0)))
    assert isinstance(none, Refused)
    assert "no term of it has a number" in none.why


def test_cohorts_of_one_unit_tell_no_error():
    alone = np.array([3, 5, 7, 8, 10, 6, *[NEVER] * 18])
    found = sun_abraham(made(1, onset=alone))
    assert np.isnan(found.overall.se)
    assert isinstance(found.pretrend, Refused)
    assert sun_abraham(made(1, onset=np.where(alone < NEVER, 5, NEVER))).overall.se > 0
