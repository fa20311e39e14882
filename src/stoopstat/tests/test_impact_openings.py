"""Units that open or close inside the panel."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import fisher_exact

from stoopstat.impact.openings import openings, step
from stoopstat.tests.nyc_staggered import precincts


def city(seed, units=20, periods=10):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(4, 3, (units, 1)), (units, periods)).astype(float)


@pytest.mark.real_data
def test_new_york_has_one(real_data):
    numbers, counts, _ = precincts(real_data)
    (found,) = openings(counts)
    # The 121st opened in 2013; six more precincts have a quiet first or last year by chance.
    assert (numbers[found.unit], found.column + 2006, found.opens) == (121, 2013, True)
    assert found.expected > 100
    assert found.p < 1e-30


def test_the_chance_is_fishers():
    y = city(1)
    y[4, :6] = 0
    (found,) = openings(y)
    n, later, whole = int(y[4].sum()), int(y[:, 6:].sum()), int(y.sum())
    exact = 2 * len(y) * Fraction(comb(later, n), comb(whole, n))
    assert found.p == pytest.approx(float(exact), rel=1e-9, abs=0)
    other = y.sum(axis=0) - y[4]
    table = [[0, n], [other[:6].sum(), other[6:].sum()]]
    _, p = fisher_exact(table, alternative="less")
    assert found.p == pytest.approx(2 * len(y) * p, rel=1e-6, abs=0)
    assert found.expected == pytest.approx(n * other[:6].sum() / other[6:].sum())


def test_closing_is_opening_backwards():
    y = city(2)
    y[7, :5] = 0
    (one,), (other,) = openings(y), openings(y[:, ::-1])
    assert (one.opens, one.column) == (True, 5)
    assert (other.opens, other.column) == (False, 5)
    assert one.p == other.p


def test_quiet_units_are_seldom_named():
    named = sum(len(openings(np.random.default_rng(s).poisson(0.5, (40, 12)))) for s in range(300))
    assert named <= 2  # 300 panels at one in a thousand


def test_the_level_is_kept_and_reached():
    hits = sum(
        len(openings(np.random.default_rng(s).poisson(0.3, (30, 10)), level=0.2)) > 0
        for s in range(400)
    )
    assert 0 < hits / 400 < 0.2


def test_a_step_is_fishers_too():
    y = city(3)
    beside = np.arange(20) > 5
    for unit in range(4):
        own, other = y[unit], y[beside].sum(axis=0)
        table = [
            [own[4:].sum(), own[:4].sum()],
            [other[4:].sum(), other[:4].sum()],
        ]
        wanted = [fisher_exact(table, alternative=side)[1] for side in ("less", "greater")]
        assert step(y, unit, 4, beside=beside) == pytest.approx(wanted, rel=1e-6)


def test_a_vector_is_refused():
    with pytest.raises(ValueError, match="table"):
        openings([1, 2])
