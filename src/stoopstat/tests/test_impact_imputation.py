"""Imputation: what would have been, from the untreated cells alone."""

import numpy as np
import pytest

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.imputation import impute, resample
from stoopstat.impact.influence import Joint
from stoopstat.reference import dummies
from stoopstat.reference import imputation as slow
from stoopstat.reference import influence as slow_influence
from stoopstat.tests import nyc_staggered as nyc

ONSET = np.array([2, 2, 3, 3, 4, 9, NEVER, NEVER, NEVER])


def made(seed=1, onset=ONSET, mean=15, periods=6):
    return treated(np.random.default_rng(seed).poisson(mean, (len(onset), periods)), onset)


def drawn(generator, units, *, effect=0.0, treated_share=0.4):
    """A city that halves and rises again, units of unlike size, two cohorts."""
    onset = np.where(np.arange(units) < treated_share * units, 6.0, NEVER)
    onset[: units // 5] = 8
    mean = generator.gamma(4, 5, (units, 1)) * np.linspace(1.4, 0.7, 12)
    mean = mean * np.exp(effect * (np.arange(12) >= onset[:, None]))
    return treated(generator.negative_binomial(10, 10 / (10 + mean)), onset)


@pytest.mark.parametrize("family", ["linear", "poisson"])
@pytest.mark.parametrize("event", [None, 0, 2])
def test_agrees_with_the_regression_in_full(family, event):
    panel = made(2)
    found = impute(panel, family=family, errors="sampling")
    one = found.overall if event is None else found.terms[event]

    def number(weight):
        return slow.effects(panel.outcome, panel.onset, weight, family=family, event=event)[0]

    assert one.estimate == pytest.approx(number([1.0] * 9), abs=1e-9)
    parts = slow_influence.contributions(number, 9)
    assert one.se == pytest.approx(slow_influence.standard_error(parts), abs=1e-6)
    if event is None:
        more = slow.effects(panel.outcome, panel.onset, [1.0] * 9, family=family)[1]
        assert found.excess.estimate == pytest.approx(more, abs=1e-8)


@pytest.mark.parametrize("family", ["linear", "poisson"])
def test_conservative_errors_by_their_weights(family):
    # The estimate as a sum of weights x outcomes of each cell, by moving each cell a little.
    panel, step = made(3), 1e-5
    found = impute(panel, family=family, errors="conservative", cluster=list("aabcdefgh"))
    weight = np.zeros(panel.outcome.shape)
    for i, t in np.ndindex(weight.shape):
        pair = []
        for sign in (1, -1):
            moved = panel.outcome.copy()
            moved[i, t] += sign * step
            again = treated(moved, panel.onset)
            pair.append(impute(again, family=family).overall.estimate)
        weight[i, t] = (pair[0] - pair[1]) / (2 * step)
    residual = panel.outcome - found.untreated
    for g in (2, 3, 4):
        ours = panel.onset == g
        for t in range(g, 6):
            y, m = panel.outcome[ours, t], found.untreated[ours, t]
            usual = m + (y - m).mean() if family == "linear" else m * y.sum() / m.sum()
            residual[ours, t] = y - usual
    parts = (weight * residual).sum(axis=1)
    expected = slow_influence.standard_error(parts, [0, 0, 1, 2, 3, 4, 5, 6, 7])
    assert found.overall.se == pytest.approx(expected, rel=1e-4)


def test_pretrend_agrees_with_the_regression_in_full():
    onset = np.array([4, 4, 5, 5, NEVER, NEVER, NEVER, NEVER])
    panel = made(4, onset)
    unit, period = np.divmod(np.arange(48), 6)
    keep = period < onset[unit]
    gap = (period - onset[unit])[keep]
    x = np.hstack([dummies.columns(unit, period)[keep], (gap[:, None] == [-1, -2]) / 1.0])
    for family, fit in (("linear", dummies.least_squares), ("poisson", dummies.poisson)):
        coef, covariance = fit(panel.outcome.ravel()[keep], x, unit[keep], np.ones(gap.size))
        statistic = coef[-2:] @ np.linalg.solve(covariance[-2:, -2:], coef[-2:])
        found = impute(panel, family=family, leads=2).pretrend
        assert isinstance(found, Joint)
        # Four treated units: Hotelling's statistic as F with 2 and 4 - 2 degrees of freedom.
        assert (found.terms, found.rest) == (2, 2)
        assert found.statistic == pytest.approx(statistic * (4 - 2) / (2 * 4), rel=1e-6)
    assert isinstance(impute(panel, leads=5).pretrend, Refused)


def test_laws():
    panel = made(5)
    for family in ("linear", "poisson"):
        found = impute(panel, family=family)
        turn = np.random.default_rng(1).permutation(9)
        turned = impute(treated(panel.outcome[turn], panel.onset[turn]), family=family)
        assert turned.att == pytest.approx(found.att)
        assert turned.se == pytest.approx(found.se)
        twice = treated(np.repeat(panel.outcome, 2, axis=0), np.repeat(panel.onset, 2))
        doubled = impute(twice, family=family, cluster=np.repeat(np.arange(9), 2))
        assert doubled.se == pytest.approx(found.se)
        assert doubled.excess.estimate == pytest.approx(2 * found.excess.estimate)
    # Counts in another unit leave the ratio as it is.
    assert impute(treated(7 * panel.outcome, panel.onset)).att == pytest.approx(impute(panel).att)
    shifted = treated(panel.outcome + 3 * np.arange(6) + np.arange(9)[:, None], panel.onset)
    assert impute(shifted, family="linear").att == pytest.approx(impute(panel, family="linear").att)


def test_exact_where_the_model_is():
    mean = np.outer([40.0, 12, 7, 20], [1, 0.8, 0.5, 0.6])
    onset = [2, NEVER, NEVER, 3]
    counts = mean * np.where(np.arange(4) >= np.array(onset)[:, None], 0.7, 1)
    found = impute(treated(counts, onset))
    assert found.overall.estimate == pytest.approx(np.log(0.7))
    assert found.untreated == pytest.approx(mean)
    assert found.overall.se == pytest.approx(0, abs=1e-12)
    # The gap of levels makes the same cut another number in counts.
    level = impute(treated(counts, onset), family="linear").overall.estimate
    assert abs(level - (counts - mean)[counts != mean].mean()) > 1


def test_what_has_no_number_is_named():
    counts = made().outcome.copy()
    always = treated(counts, np.where(np.arange(9) == 0, 0, ONSET))
    found = impute(always)
    assert "left out" in found.refused[0].why
    assert np.isnan(found.untreated[0]).all()
    everyone = impute(treated(counts[:2], [2, 2]))
    assert isinstance(everyone, Refused)
    counts[2, :3] = 0
    silent = impute(treated(counts, ONSET))
    assert np.isnan(silent.untreated[2]).all()
    assert silent.refused[0].term == "cells"
    nothing = treated(np.zeros((3, 4)), [2, NEVER, NEVER])
    assert isinstance(impute(nothing), Refused)
    assert isinstance(resample(nothing, rng=np.random.default_rng(1)), Refused)
    islands = treated(np.ones((2, 4)), [2, 2])
    assert isinstance(impute(islands, family="linear"), Refused)


@pytest.mark.parametrize("effect", [0.0, -0.3])
def test_intervals_cover(effect):
    generator, hits, pre = np.random.default_rng(17), [], []
    for _ in range(200):
        found = impute(drawn(generator, 60, effect=effect), leads=3)
        hits.append(abs(found.overall.estimate - effect) < 1.96 * found.overall.se)
        pre.append(found.pretrend.p < 0.05)
    assert 0.90 <= np.mean(hits) <= 0.99
    assert np.mean(pre) <= 0.13


def test_resampling_agrees_with_the_formula():
    panel = drawn(np.random.default_rng(3), 80)
    found = impute(panel)
    again = resample(panel, rng=np.random.default_rng(4), draws=200)
    assert again.overall == pytest.approx(found.overall.se, rel=0.25)
    assert again.terms[:3] == pytest.approx(found.se[:3], rel=0.35)


@pytest.mark.parametrize(
    "options", [{"family": "x"}, {"errors": "x"}, {"anticipation": -1}, {"leads": 0}]
)
def test_refuses(options):
    with pytest.raises(ValueError, match="family"):
        impute(made(), **options)


@pytest.mark.real_data
@pytest.mark.parametrize("outcome", ["n", "log1p"])
def test_new_york_linear(real_data, outcome):
    panel = nyc.panel(real_data, outcome)
    for errors, name in (("conservative", "ImputationDiD"), ("sampling", "TwoStageDiD")):
        found = impute(panel, family="linear", errors=errors)
        expected = nyc.known(real_data, name, outcome=outcome)
        assert (found.overall.estimate, found.overall.se) == pytest.approx(
            expected["overall"], abs=1e-7
        )
        for e in range(4):
            pair = found.terms[e].estimate, found.terms[e].se
            assert pair == pytest.approx(expected[f"e={e}"], abs=1e-7)


@pytest.mark.real_data
def test_new_york_poisson(real_data):
    panel = nyc.panel(real_data)
    found = impute(panel)
    expected = nyc.known(real_data, "Poisson imputation", outcome="poisson")
    assert found.overall.estimate == pytest.approx(expected["simple"][0], abs=1e-9)
    assert found.excess.estimate == pytest.approx(expected["excess_victims"][0], abs=1e-6)
    for e in range(4):
        assert found.att[e] == pytest.approx(expected[f"e={e}"][0], abs=1e-9)
    # Its errors are a bootstrap of 200 draws: ours by formula and by draws lie around it.
    assert found.overall.se == pytest.approx(expected["simple"][1], rel=0.15)
    again = resample(panel, rng=np.random.default_rng(1), draws=200)
    assert again.overall == pytest.approx(expected["simple"][1], rel=0.2)
    assert again.excess == pytest.approx(expected["excess_victims"][1], rel=0.2)
    # Excess over 115 treated cells is the average marginal effect of another package.
    ame = nyc.known(real_data, "WooldridgeDiD poisson")["overall"][0]
    assert found.excess.estimate / 115 == pytest.approx(ame, abs=1e-6)
