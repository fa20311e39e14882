"""Event study by cohort: the closed form against the regression in full."""

import os
import subprocess
import sys

import numpy as np
import pytest

from stoopstat.impact.callaway import group_time
from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.influence import Joint
from stoopstat.impact.sunabraham import sun_abraham
from stoopstat.reference import dummies
from stoopstat.tests import nyc_staggered as nyc

ONSET = np.array([2, 2, 2, 3, 3, 8, NEVER, NEVER, NEVER, NEVER])


def made(seed=1, onset=ONSET, mean=20, periods=6):
    return treated(np.random.default_rng(seed).poisson(mean, (len(onset), periods)), onset)


@pytest.mark.parametrize("family", ["linear", "poisson"])
@pytest.mark.parametrize("seed", [1, 2])
def test_agrees_with_the_regression_in_full(family, seed):
    panel = made(seed)
    cluster = np.array([0, 1, 2, 2, 3, 4, 5, 6, 7, 7])
    found = sun_abraham(panel, family=family, cluster=cluster)
    periods = panel.outcome.shape[1]
    unit, period = np.divmod(np.arange(panel.outcome.size), periods)
    base = dummies.columns(unit, period)
    own = [
        (panel.onset[unit] == g) & (period - g == e)
        for g, e in zip(found.cohort, found.event, strict=True)
    ]
    x = np.hstack([base, np.array(own, dtype=float).T])
    fit = dummies.least_squares if family == "linear" else dummies.poisson
    coef, covariance = fit(panel.outcome.ravel(), x, cluster[unit], np.ones(unit.size))
    inner = slice(base.shape[1], None)
    k = found.effect.size + periods
    factor = 8 / 7 * (unit.size - 1) / (unit.size - k)
    assert found.effect == pytest.approx(coef[inner], abs=1e-8)
    assert found.effect_se == pytest.approx(np.sqrt(factor * np.diag(covariance)[inner]), abs=1e-8)
    size = np.where(found.cohort == 2, 3.0, 2.0)
    for term, cells in [(found.overall, found.event >= 0)] + [
        (term, found.event == e) for e, term in zip(found.at, found.terms, strict=True)
    ]:
        weight = size * cells / (size * cells).sum()
        assert term.estimate == pytest.approx(weight @ coef[inner], abs=1e-8)
        variance = factor * weight @ covariance[inner, inner] @ weight
        assert term.se == pytest.approx(np.sqrt(variance), abs=1e-8)


def test_linear_effects_are_those_of_callaway_from_one_base():
    panel = made(4)
    one, other = sun_abraham(panel), group_time(panel, base="universal")
    assert one.effect == pytest.approx(other.att)
    # The correction apart, the errors too.
    ratio = one.effect_se / other.se
    assert ratio == pytest.approx(ratio[0])


def test_poisson_by_hand_and_laws():
    panel = treated([[6, 8, 4], [3, 4, 4], [3, 4, 4]], [2, NEVER, NEVER])
    assert sun_abraham(panel, family="poisson").att == pytest.approx([0, np.log(0.5)])
    panel = made(5)
    found = sun_abraham(panel, family="poisson")
    ratio = 1 + np.arange(6) / 3
    scaled = treated(panel.outcome * ratio, panel.onset)
    assert sun_abraham(scaled, family="poisson").att == pytest.approx(found.att)
    turn = np.random.default_rng(1).permutation(ONSET.size)
    turned = sun_abraham(treated(panel.outcome[turn], panel.onset[turn]), family="poisson")
    assert turned.att == pytest.approx(found.att)
    assert turned.se == pytest.approx(found.se)


def test_what_has_no_number_is_named():
    counts = made().outcome.copy()
    counts[ONSET == 2, 4] = 0
    found = sun_abraham(treated(counts, ONSET), family="poisson")
    assert [r.term for r in found.refused] == ["cohort 2 event 2"]
    assert np.isnan(found.att[found.at == 2]).all()
    assert np.isnan(found.overall.estimate)
    assert np.isfinite(found.att[found.at != 2]).all()
    assert isinstance(sun_abraham(treated(counts[:5], ONSET[:5])), Refused)
    # Three lead terms, two clusters among the treated of that cohort.
    small = treated(made().outcome[[0, 6, 7]], ONSET[[0, 6, 7]])
    assert isinstance(sun_abraham(small).pretrend, (Refused, Joint))


def test_rejects_no_effect_as_often_as_it_says():
    generator, p, pre = np.random.default_rng(11), [], []
    onset = np.repeat([5, 7, NEVER], [15, 15, 30])
    for _ in range(200):
        mean = generator.gamma(5, 4, (60, 1)) * (1 + 0.3 * generator.random(10))
        found = sun_abraham(treated(generator.poisson(mean), onset), family="poisson", leads=3)
        p.append(found.overall.p < 0.05)
        pre.append(found.pretrend.p < 0.05)
    assert 0.01 <= np.mean(p) <= 0.10
    assert 0.01 <= np.mean(pre) <= 0.13


@pytest.mark.parametrize(
    "options", [{"family": "gamma"}, {"leads": 1}, {"cluster": [1]}], ids=["family", "leads", "cl"]
)
def test_refuses(options):
    with pytest.raises(ValueError, match="must"):
        sun_abraham(made(), **options)


def test_no_digit_hangs_on_the_hash_seed():
    code = (
        "import numpy as np; from stoopstat.impact.design import treated, NEVER;"
        "from stoopstat.impact.sunabraham import sun_abraham;"
        "y = np.random.default_rng(1).poisson(9, (6, 5));"
        "p = treated(y, [2, 2, 3, NEVER, NEVER, NEVER]);"
        "print(repr(sun_abraham(p, cluster=list('aabbcd')).se.tolist()))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(said) == 1


@pytest.mark.real_data
@pytest.mark.parametrize("outcome", ["n", "log1p"])
def test_new_york(real_data, outcome):
    found = sun_abraham(nyc.panel(real_data, outcome))
    expected = nyc.known(real_data, "saturated", outcome=outcome)
    assert len(expected) == 21
    for e, term in zip(found.at, found.terms, strict=True):
        assert (term.estimate, term.se) == pytest.approx(expected[f"e={e}"], abs=1e-8)
    again = nyc.known(real_data, "SunAbraham", outcome=outcome)
    assert (found.overall.estimate, found.overall.se) == pytest.approx(again["overall"], abs=1e-8)
    poisson = sun_abraham(nyc.panel(real_data), family="poisson")
    assert isinstance(poisson.pretrend, Joint)
    assert -0.2 < poisson.overall.estimate < 0.05
