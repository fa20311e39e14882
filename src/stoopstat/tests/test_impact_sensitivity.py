"""What the answer hangs on."""

import numpy as np
import pytest

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.poisson import poisson
from stoopstat.impact.sensitivity import by_end, leave_one_out
from stoopstat.impact.terms import terms
from stoopstat.tests import nyc_poisson
from stoopstat.tests.nyc_staggered import precincts


def city(seed, units=12, periods=7):
    rng = np.random.default_rng(seed)
    onset = np.array([2.0, 4.0, NEVER])[np.arange(units) % 3]
    return treated(rng.poisson(rng.gamma(3, 4, (units, 1)), (units, periods)), onset)


@pytest.mark.real_data
def test_new_york_without_each_precinct(real_data):
    numbers, counts, onset = precincts(real_data)
    panel = treated(counts, onset)
    found = leave_one_out(counts, terms(panel), term="on")
    answer = nyc_poisson.answers(real_data)["sensitivity"]["leave_one_precinct_out"]
    lowest, highest = numbers[found.lowest], numbers[found.highest]
    # Without the 83rd -0.1159, without the 121st -0.0819: it opened in 2013 out of treated 120.
    assert [lowest, found.without.min()] == pytest.approx(answer["min"], abs=1e-9)
    assert [highest, found.without.max()] == pytest.approx(answer["max"], abs=1e-9)


@pytest.mark.real_data
def test_new_york_by_end(real_data):
    panel = nyc_poisson.sample(real_data, "main")
    ends = dict(by_end(panel.outcome, terms(panel), ends=range(5, 15)))
    assert isinstance(ends[5], Refused)  # 2011: nothing had begun
    assert ends[14].coef[0] == pytest.approx(-0.0979076042920784, abs=1e-9)
    # The same specification to 2019, computed by statsmodels: -0.1010.
    assert ends[13].coef[0] == pytest.approx(-0.1010, abs=5e-5)


@pytest.mark.parametrize("kind", ["binary", "linear"])
def test_leaving_out_is_fitting_again(kind):
    panel = city(3)
    x = terms(panel, kind)
    used = np.random.default_rng(3).random(panel.outcome.shape) > 0.1
    name = list(x)[-1]
    found = leave_one_out(panel.outcome, x, term=name, used=used)
    for i in range(12):
        rest = np.arange(12) != i
        fit = poisson(panel.outcome[rest], {k: v[rest] for k, v in x.items()}, used=used[rest])
        assert found.without[i] == pytest.approx(fit.estimate(name).estimate, abs=1e-9)
    assert found.without[found.lowest] == found.without.min()
    some = leave_one_out(panel.outcome, x, term=name, used=used, units=[4, 1])
    assert some.without == pytest.approx(found.without[[4, 1]], abs=1e-12)
    assert some.units.tolist() == [4, 1]


@pytest.mark.parametrize("seed", range(40))
def test_near_or_far_the_fit_is_the_same(seed):
    """Tables of few events, where a unit's going empties a column, a path or the whole effect."""
    rng = np.random.default_rng(seed)
    onset = np.array([2.0, NEVER, 3.0, NEVER, 2.0, NEVER, NEVER])
    panel = treated(rng.poisson(rng.gamma(0.6, 1.5, (7, 1)), (7, 5)), onset)
    x = terms(panel)
    found = leave_one_out(panel.outcome, x, term="on")
    if isinstance(found, Refused):
        return
    for i in range(7):
        rest = np.arange(7) != i
        fit = poisson(panel.outcome[rest], {"on": x["on"][rest]})
        alone = np.nan if isinstance(fit, Refused) else fit.coef[0]
        assert found.without[i] == pytest.approx(alone, abs=1e-8, nan_ok=True)


def test_the_only_treated_unit_cannot_be_spared():
    panel = treated(np.arange(1, 13).reshape(3, 4), [2, NEVER, NEVER])
    found = leave_one_out(panel.outcome, terms(panel), term="on")
    assert np.isnan(found.without[0])
    assert np.isfinite(found.without[1:]).all()
    assert found.lowest in (1, 2)


def test_one_odd_unit_shows():
    panel = city(4, units=30)
    odd = np.array(panel.outcome)
    odd[1, 4:] += 200
    found = leave_one_out(odd, terms(panel), term="on")
    assert found.lowest == 1
    assert found.estimate - found.without[1] > 5 * np.delete(found.without, 1).std()


def test_by_end_is_the_fit_of_what_was_known_then():
    panel = city(5)
    x = terms(panel)
    for end, fit in by_end(panel.outcome, x, ends=range(3, panel.outcome.shape[1])):
        then = poisson(panel.outcome[:, : end + 1], {"on": x["on"][:, : end + 1]})
        assert np.array_equal(fit.hc1, then.hc1)
    with pytest.raises(ValueError, match="ends"):
        by_end(panel.outcome, x, ends=[7])


def test_refused_for_the_whole_panel():
    panel = city(6)
    refused = leave_one_out(panel.outcome, {"on": np.zeros((12, 7))}, term="on")
    assert isinstance(refused, Refused)
