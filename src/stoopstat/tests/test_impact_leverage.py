"""On how many units an estimate stands, and what it leaves unexplained."""

import numpy as np
import pytest

from stoopstat.impact.design import NEVER, treated
from stoopstat.impact.leverage import leverage
from stoopstat.impact.poisson import poisson
from stoopstat.impact.residuals import residuals
from stoopstat.impact.terms import terms
from stoopstat.reference import leverage as plain
from stoopstat.tests import nyc_poisson


def city(seed, units=9, periods=6):
    rng = np.random.default_rng(seed)
    onset = np.array([2.0, 4.0, NEVER])[np.arange(units) % 3]
    return treated(rng.poisson(rng.gamma(3, 5, (units, 1)), (units, periods)) + 1, onset)


@pytest.mark.parametrize("kind", ["binary", "quadratic"])
@pytest.mark.parametrize("seed", range(3))
def test_shares_are_those_of_the_full_regression(kind, seed):
    panel = city(seed)
    used = np.random.default_rng(seed).random(panel.outcome.shape) > 0.1
    x = terms(panel, kind)
    fit = poisson(panel.outcome, x, used=used)
    for j, name in enumerate(x):
        found = leverage(fit, x, term=name)
        wanted = plain.shares(fit.fitted, np.array(list(x.values())), used, j)
        assert found.shares == pytest.approx(wanted, abs=1e-10)
        assert found.effective == pytest.approx(1 / (wanted**2).sum())
        spread = wanted.std() / wanted.mean()
        assert found.effective == pytest.approx(wanted.size / (1 + spread**2))


def test_units_alike_count_whole_and_a_giant_counts_for_all():
    panel = treated(np.full((20, 6), 8.0), [3] * 5 + [NEVER] * 15)
    alike = leverage(poisson(panel.outcome, terms(panel)), terms(panel), term="on")
    assert alike.effective_carriers == pytest.approx(5)
    assert (alike.carriers, alike.half) == (5, 3)
    counts = np.array(panel.outcome)
    counts[2] *= 100
    giant = leverage(poisson(counts, terms(panel)), terms(panel), term="on")
    assert giant.effective_carriers < 1.2
    assert (giant.carriers, giant.half, giant.heaviest) == (5, 1, 2)


def test_a_unit_treated_throughout_carries_nothing():
    panel = treated(np.full((20, 6), 8.0), [3] * 5 + [0] * 2 + [NEVER] * 13)
    found = leverage(poisson(panel.outcome, terms(panel)), terms(panel), term="on")
    assert found.carriers == 5


def test_the_order_of_units_changes_nothing():
    panel, turn = city(5), np.random.default_rng(5).permutation(9)
    x = terms(panel)
    one = leverage(poisson(panel.outcome, x), x, term="on")
    x = {"on": x["on"][turn]}
    other = leverage(poisson(panel.outcome[turn], x), x, term="on")
    assert other.shares == pytest.approx(one.shares[turn], abs=1e-12)
    assert other.half == one.half


def test_memory_is_that_of_the_cells():
    for seed in range(3):
        panel = city(seed)
        used = np.random.default_rng(seed + 9).random(panel.outcome.shape) > 0.1
        fit = poisson(panel.outcome, terms(panel), used=used)
        found = residuals(fit, panel.outcome)
        wanted = plain.memory(panel.outcome, fit.fitted, used)
        assert found.serial == pytest.approx(wanted, abs=1e-12)
        level = [row[u].mean() for row, u in zip(panel.outcome, used, strict=True)]
        variance = [row[u].var(ddof=1) for row, u in zip(panel.outcome, used, strict=True)]
        assert found.ratio == pytest.approx(sum(variance) / sum(level))


def test_counts_by_chance_have_no_memory_beyond_that_of_the_effects():
    rng = np.random.default_rng(11)
    found, steps = [], []
    for _ in range(60):
        y = rng.poisson(rng.gamma(4, 5, (30, 1)), (30, 8)).astype(float)
        said = residuals(poisson(y, {}), y)
        found.append(said.serial - said.serial_by_chance)
        steps.append(said.dispersion)
    assert np.mean(found) == pytest.approx(0, abs=0.02)
    assert np.mean(steps) == pytest.approx(1, abs=0.03)


def test_counts_that_drift_have():
    rng = np.random.default_rng(12)
    drift = np.exp(np.cumsum(rng.normal(0, 0.25, (40, 12)), axis=1))
    y = rng.poisson(30 * drift).astype(float)
    said = residuals(poisson(y, {}), y)
    assert said.serial > 0.4
    assert said.dispersion > 3


@pytest.mark.real_data
def test_new_york(real_data):
    panel = nyc_poisson.sample(real_data, "main")
    fit = poisson(panel.outcome, terms(panel))
    known = nyc_poisson.answers(real_data)["samples"]["main"]["binary"]
    said = residuals(fit, panel.outcome)
    assert said.dispersion == pytest.approx(known["pearson_dispersion"], abs=1e-6)
    found = leverage(fit, terms(panel), term="on")
    assert found.carriers == 21
    assert 10 < found.effective_carriers < 21
    assert found.shares.sum() == pytest.approx(1)
