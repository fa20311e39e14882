"""Event study: codes, caps, joint test."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import chi2

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.eventstudy import event_study, event_terms
from stoopstat.impact.poisson import poisson
from stoopstat.reference import poisson as slow
from stoopstat.tests import nyc_poisson


def city(seed, *, onset=(4.0, 6.0, NEVER, 30.0), units=40, periods=10, effect=0.0):
    rng = np.random.default_rng(seed)
    level = rng.gamma(3, 7, units)[:, None] * np.exp(rng.normal(0, 0.2, periods))
    starts = np.array(onset)[np.arange(units) % len(onset)]
    on = np.arange(periods) >= starts[:, None]
    return treated(rng.poisson(level * np.exp(effect * on)), starts)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "key", "beyond"),
    [
        ("main", "es", "treated"),
        ("preCovid", "es", "treated"),
        ("main", "es_2021_as_control", "control"),
    ],
)
def test_new_york(real_data, name, key, beyond):
    study = event_study(nyc_poisson.sample(real_data, name), beyond_end=beyond)
    nyc_poisson.same(study.fit, nyc_poisson.answers(real_data)["samples"][name][key])


@pytest.mark.real_data
def test_new_york_before_the_start(real_data):
    study = event_study(nyc_poisson.sample(real_data, "main"))
    # lag6 -0.0424 (HC1 0.0574), lag0 -0.1351 (0.0663) by statsmodels; 7 precincts start after 2020.
    assert study.estimate[[0, 6]] == pytest.approx([-0.0424255, -0.1351455], abs=1e-7)
    assert study.se[[0, 6]] == pytest.approx([0.0573942, 0.0663063], abs=1e-7)
    assert study.units.tolist() == [28, 28, 28, 28, 28, 28, 21, 21, 17, 17]
    assert study.pretrend_df == 5
    assert study.pretrend_p == pytest.approx(chi2.sf(study.pretrend_statistic, 5))
    assert study.pretrend_p > 0.9


def test_codes_and_caps():
    panel = city(1)
    found = event_terms(panel, before=3, after=2)
    assert list(found) == ["lag3", "lag2", "lag0", "lead1", "lead2"]
    # Every cell of a treated unit is in one term or at the reference; none of the others is in any.
    together = sum(found.values())
    k = panel.event_time
    assert np.array_equal(together == 0, (k == -1) | np.isneginf(k))
    assert together.max() == 1
    late = event_terms(panel, before=3, after=2, beyond_end="control")
    assert not sum(late.values())[panel.onset == 30].any()
    assert found["lag3"][panel.onset == 30].all()


def test_study_is_its_regression():
    panel = city(2, effect=-0.3)
    study = event_study(panel, before=3, after=2, se_type="CR1", level=0.9)
    x = event_terms(panel, before=3, after=2)
    used = np.ones(panel.outcome.shape, dtype=bool)
    plain = slow.fit(panel.outcome, np.array(list(x.values())), used, np.arange(40))
    place = np.flatnonzero(study.k != -1)
    assert study.estimate[place] == pytest.approx(plain.coef, abs=1e-8)
    assert study.se[place] == pytest.approx(np.sqrt(np.diag(plain.cr1)), rel=1e-6)
    v, b = plain.cr1[:2, :2], plain.coef[:2]
    assert study.pretrend_statistic == pytest.approx(b @ np.linalg.inv(v) @ b, rel=1e-6)
    at = study.terms.index("reference")
    assert (study.estimate[at], study.se[at], study.low[at]) == (0, 0, 0)
    assert np.isnan(study.p[at])
    assert study.high - study.estimate == pytest.approx(1.6448536 * study.se)


def test_cells_after_a_closure_can_be_left_out():
    panel = city(3, effect=-0.3)
    used = ~((panel.onset[:, None] == 4) & (np.arange(10) >= 7))
    spoilt = treated(np.where(used, panel.outcome, 999), panel.onset)
    study = event_study(spoilt, before=3, after=2, se_type="CR1", used=used)
    x = event_terms(panel, before=3, after=2)
    plain = slow.fit(panel.outcome, np.array(list(x.values())), used, np.arange(40))
    place = np.flatnonzero(study.k != -1)
    assert study.estimate[place] == pytest.approx(plain.coef, abs=1e-8)
    assert study.se[place] == pytest.approx(np.sqrt(np.diag(plain.cr1)), rel=1e-6)
    assert study.fit.n == used.sum()


def test_shift_of_the_calendar():
    panel = city(3)
    study = event_study(panel, before=3, after=2)
    mirrored = treated(panel.outcome[::-1], panel.onset[::-1])
    again = event_study(mirrored, before=3, after=2)
    assert again.estimate == pytest.approx(study.estimate, abs=1e-10)
    assert again.pretrend_p == pytest.approx(study.pretrend_p)


def test_a_single_period_before_has_no_joint_test_to_fail():
    panel = city(4)
    study = event_study(panel, before=2, after=1)
    lag = study.fit.estimate("lag2")
    assert study.pretrend_df == 1
    assert study.pretrend_p == pytest.approx(lag.p)


def test_joint_test_keeps_its_level():
    # No effect and no trend: 200 p values below 0.05 are 10 +- 3.1.
    p = [event_study(city(seed), before=3, after=2).pretrend_p for seed in range(200)]
    assert 2 <= sum(value < 0.05 for value in p) <= 22
    assert 0.4 < np.mean(p) < 0.6


def test_refused_and_always_whole():
    panel = treated(np.ones((4, 3)), [0, 0, 0, 0])
    refused = event_study(panel, before=2, after=1)
    assert isinstance(refused, Refused)
    assert refused.estimator == "event study"
    study = event_study(city(5), before=3, after=2)
    assert all(getattr(study, field.name) is not None for field in fields(study))
    # One area never treated and one treated late: as many robust scores as few areas allow.
    few = event_study(city(6, onset=(4.0, NEVER), units=4), before=4, after=3, se_type="CR1")
    assert few.pretrend_df == 3


@pytest.mark.parametrize("choice", [{"before": 1}, {"after": 0}, {"beyond_end": "gone"}])
def test_refuses_impossible_choices(choice):
    with pytest.raises(ValueError, match=r"caps|beyond_end"):
        event_study(city(1), **choice)
    with pytest.raises(ValueError, match="level"):
        event_study(city(1), level=1.0)


def test_poisson_says_the_same_of_one_step():
    panel = city(7, effect=-0.5, units=200)
    study = event_study(panel, before=3, after=2)
    assert study.estimate[study.k >= 0] == pytest.approx(-0.5, abs=0.2)
    assert np.abs(study.estimate[study.k < 0]).max() < 0.2
    assert poisson(panel.outcome, event_terms(panel, before=3, after=2)).coef.size == 5
