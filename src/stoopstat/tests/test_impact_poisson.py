"""Poisson regression with unit and period effects: answers, errors, refusals."""

import csv
import os
import subprocess
import sys
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.poisson import SE_TYPES, Fit, poisson
from stoopstat.impact.terms import KINDS, terms
from stoopstat.impact.twoway import connected
from stoopstat.reference import poisson as slow
from stoopstat.tests import nyc_poisson
from stoopstat.tests.nyc_staggered import precincts

SPECIFICATIONS = ("binary", "linear", "quadratic")


def city(seed, *, units=12, periods=8, mean=9.0):
    """A made-up panel with three cohorts, one of them never treated."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(2, mean / 2, units)[:, None] * np.exp(rng.normal(0, 0.2, periods))
    onset = np.array([NEVER, 3.0, 5.0])[np.arange(units) % 3]
    return treated(rng.poisson(level), onset)


def holes(panel, seed):
    return np.random.default_rng(seed).random(panel.outcome.shape) > 0.15


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["main", "preCovid", "onlyCure", "early", "mid", "late"])
@pytest.mark.parametrize("kind", SPECIFICATIONS)
def test_new_york(real_data, name, kind):
    panel = nyc_poisson.sample(real_data, name)
    answer = nyc_poisson.answers(real_data)["samples"][name][kind]
    fit = poisson(panel.outcome, terms(panel, kind))
    if "error" in answer:
        assert isinstance(fit, Refused)
        assert fit.term == "yrs2"
        assert "rank deficient" in fit.why
    else:
        nyc_poisson.same(fit, answer)


@pytest.mark.real_data
def test_new_york_headline(real_data):
    # Poisson QMLE of 76 precincts by 15 years, by statsmodels: -0.0979 (HC1 0.0358, CR1 0.0405),
    # n 1140, 91 parameters, deviance 2275.66; and to 1e-12 by pyfixest.
    panel = nyc_poisson.sample(real_data, "main")
    fit = poisson(panel.outcome, terms(panel))
    on = fit.estimate("on")
    assert (on.n, fit.k, fit.clusters, fit.treated_clusters.tolist()) == (1140, 91, 76, [21])
    assert on.estimate == pytest.approx(-0.0979076042920784, abs=1e-12)
    assert on.se == pytest.approx(0.035793034311644226, abs=1e-12)
    assert fit.estimate("on", se_type="CR1").se == pytest.approx(0.04053770277947066, abs=1e-12)


@pytest.mark.real_data
def test_new_york_starts_otherwise(real_data):
    answers = nyc_poisson.answers(real_data)["sensitivity"]
    panel = nyc_poisson.sample(real_data, "main")
    fit = poisson(panel.outcome, terms(panel, "next"))
    nyc_poisson.same(fit, answers["on_from_next_year"])
    fit = poisson(panel.outcome, terms(panel), used=panel.event_time != 0)
    nyc_poisson.same(fit, answers["drop_start_year"])
    # A program that starts in month m is there for (13 - m) / 12 of its first year.
    numbers, counts, onset = precincts(real_data)
    first: dict[int, str] = {}
    with (real_data / "cms_sites.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            number, month = int(row["precinct"]), row["start_month"]
            if month and month < first.get(number, "9"):
                first[number] = month
    dose = np.array(panel.dose)
    for i in np.flatnonzero(onset < 15):
        dose[i, int(onset[i])] = (13 - int(first[numbers[i]][5:])) / 12
    panel = treated(counts, onset, dose=dose)
    nyc_poisson.same(poisson(counts, terms(panel, "fraction")), answers["on_fraction_of_year"])


def test_ratio_of_ratios():
    # Units with one path are one row, so the coefficient is the log odds of four sums, and the
    # model variance the sum of their inverses.
    y = np.array([[30, 21], [12, 5], [40, 44], [9, 13]])
    fit = poisson(y, {"on": [[0, 1], [0, 1], [0, 0], [0, 0]]})
    assert fit.coef[0] == pytest.approx(log(26 / 42 / (57 / 49)), abs=1e-12)
    assert sqrt(fit.model[0, 0]) == pytest.approx(sqrt(1 / 26 + 1 / 42 + 1 / 57 + 1 / 49))
    assert (fit.n, fit.k) == (8, 6)


def test_ship_damage():
    # McCullagh and Nelder (1989), section 6.3.2, main effects of ship type and year of building,
    # here without months of service: a table of margins, whose fit is row x column / total.
    y = np.array([[11.0, 4, 18], [39, 58, 53], [1, 1, 2], [0, 11, 4], [2, 6, 1]])
    fit = poisson(y, {})
    assert fit.fitted == pytest.approx(y.sum(1)[:, None] * y.sum(0) / y.sum())
    assert (fit.n, fit.k, fit.coef.shape) == (15, 7, (0,))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SPECIFICATIONS), st.booleans())
def test_twin(seed, kind, gaps):
    panel = city(seed)
    used = holes(panel, seed) if gaps else np.ones(panel.outcome.shape, dtype=bool)
    x = terms(panel, kind)
    cluster = np.arange(12) // 2
    fit = poisson(panel.outcome, x, used=used, cluster=cluster)
    lived = np.where(used, panel.outcome, 0)
    if isinstance(fit, Refused) or not (lived.any(0).all() and lived.any(1).all()):
        return
    plain = slow.fit(panel.outcome, np.array(list(x.values())), used, cluster)
    assert fit.coef == pytest.approx(plain.coef, abs=1e-8)
    assert fit.fitted == pytest.approx(plain.fitted, abs=1e-7)
    assert fit.k == plain.k
    for ours, theirs in ((fit.model, plain.model), (fit.hc0, plain.hc0), (fit.hc1, plain.hc1)):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9)
    assert fit.cr1 == pytest.approx(plain.cr1, rel=1e-6, abs=1e-9)
    said = (fit.deviance, fit.loglik, fit.dispersion)
    assert said == pytest.approx((plain.deviance, plain.loglik, plain.dispersion))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.8, 2.0]))
def test_refused_exactly_where_nothing_is_highest(seed, mean):
    panel = city(seed, units=6, periods=5, mean=mean)
    keep = panel.outcome[panel.outcome.any(axis=1)][:, panel.outcome.any(axis=0)]
    if min(keep.shape, default=0) < 2:
        return
    x = np.random.default_rng(seed).integers(0, 2, keep.shape).astype(float)
    x -= x * (np.arange(keep.shape[0]) % 2 == 0)[:, None]
    used = np.ones(keep.shape, dtype=bool)
    matrix = slow.design(x[None], used)
    fit = poisson(keep, {"on": x})
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        assert isinstance(fit, Refused)
        assert "rank deficient" in fit.why
    elif slow.exists(keep, x[None], used):
        assert isinstance(fit, Fit) or "parameters" in fit.why
    else:
        assert isinstance(fit, Refused)
        assert "separation" in fit.why


def test_laws():
    panel = city(5)
    x = terms(panel, "linear")
    fit = poisson(panel.outcome, x)
    order = np.random.default_rng(1).permutation(12)
    moved = poisson(panel.outcome[order], {k: v[order] for k, v in x.items()})
    back = poisson(panel.outcome[:, ::-1], {k: v[:, ::-1] for k, v in x.items()})
    tenfold = poisson(10 * panel.outcome, x)
    named = poisson(panel.outcome, x, cluster=[f"area {7 * i % 12}" for i in range(12)])
    for other in (moved, back, tenfold, named):
        assert other.coef == pytest.approx(fit.coef, abs=1e-10)
        assert other.hc1 == pytest.approx(fit.hc1, rel=1e-8)
        assert other.cr1 == pytest.approx(fit.cr1, rel=1e-8)
    assert tenfold.model * 10 == pytest.approx(fit.model, rel=1e-8)
    assert tenfold.dispersion == pytest.approx(10 * fit.dispersion)


def test_nothing_but_the_data_decides():
    # The clustered errors of one well-known package change with Python's hash seed.
    program = (
        "from stoopstat.tests.test_impact_poisson import city, poisson, terms\n"
        "names = [f'area {i % 5}' for i in range(12)]\n"
        "fit = poisson(city(5).outcome, terms(city(5), 'linear'), cluster=names)\n"
        "print(fit.coef.tobytes().hex(), fit.cr1.tobytes().hex())\n"
    )
    root = str(Path(__file__).parents[2])
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_scaled_terms_and_totals():
    panel = city(8)
    x = terms(panel, "linear")
    fit = poisson(panel.outcome, x)
    years = poisson(panel.outcome, {"on": x["on"], "yrs": x["yrs"] * 365.25})
    assert years.coef == pytest.approx(fit.coef / [1, 365.25])
    # Score equations: totals of units, periods and treated cells are met.
    for axis in (0, 1):
        assert fit.fitted.sum(axis) == pytest.approx(panel.outcome.sum(axis), abs=1e-9)
    for term in x.values():
        assert (fit.fitted * term).sum() == pytest.approx((panel.outcome * term).sum(), abs=1e-8)


def test_unit_of_zeros_is_named_and_changes_nothing():
    panel = city(3)
    fit = poisson(panel.outcome, terms(panel))
    wider = treated(np.vstack([panel.outcome, np.zeros(8)]), [*panel.onset, NEVER])
    again = poisson(wider.outcome, terms(wider))
    assert again.dropped_units.tolist() == [12]
    assert "units 1, periods 0" in again.warnings[0]
    assert (again.n, again.k, again.clusters) == (fit.n, fit.k, fit.clusters)
    assert again.hc1 == pytest.approx(fit.hc1)
    empty = np.array(panel.outcome)
    empty[:, 0] = 0
    assert poisson(empty, terms(panel)).dropped_periods.tolist() == [0]


@pytest.mark.parametrize(
    ("x", "term", "word"),
    [
        ({"on": [[0, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]]}, "on", "separation"),
        ({"none": np.zeros((4, 3))}, "none", "rank deficient"),
        ({"area": np.ones((4, 3)) * [[1], [2], [0], [5]]}, "area", "rank deficient"),
        ({"year": np.ones((4, 3)) * [2006, 2007, 2008]}, "year", "rank deficient"),
    ],
)
def test_refused_by_name(x, term, word):
    y = [[4, 5, 6], [3, 0, 0], [2, 2, 4], [7, 3, 4]]
    refused = poisson(y, x)
    assert isinstance(refused, Refused)
    assert refused.term == term
    assert word in refused.why


def test_refused_before_any_number():
    y = np.arange(1, 9).reshape(4, 2)
    apart = [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert "parts" in poisson(y, {}, used=apart).why
    assert "no event" in poisson(np.zeros((2, 2)), {}).why
    assert "4 parameters for 4 cells" in poisson([[3, 1], [2, 2]], {"on": [[0, 1], [0, 0]]}).why
    assert not connected(np.array(apart, dtype=bool))
    twice = terms(city(1))["on"]
    refused = poisson(city(1).outcome, {"on": twice, "again": 3 * twice})
    assert (refused.term, refused.why.count("on,")) == ("again", 0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_collinear_up_to_rounding_is_still_refused(seed):
    panel, rng = city(seed), np.random.default_rng(seed)
    x = terms(panel, "linear")
    mixed = rng.normal(0, 7, (12, 1)) + rng.normal(0, 7, 8) + rng.normal() * x["yrs"]
    refused = poisson(panel.outcome, {**x, "mixed": mixed / 3})
    assert isinstance(refused, Refused)
    assert refused.term == "mixed"
    assert "rank deficient" in refused.why


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_far_from_the_start_too(seed):
    # Counts from 0 to thousands and a wild term: full Newton steps would overshoot.
    rng = np.random.default_rng(seed)
    y = 1 + np.floor(np.exp(rng.normal(0, 2.5, (5, 4)))).clip(0, 1e4)
    x = rng.normal(0, 2, (5, 4)) ** 3
    fit = poisson(y, {"x": x})
    left = y - fit.fitted
    assert left.sum(axis=0) == pytest.approx(0, abs=1e-6)
    assert (left * x).sum() == pytest.approx(0, abs=1e-4)


def test_few_clusters_are_warned_of():
    fit = poisson(city(2).outcome, terms(city(2)), cluster=np.arange(12) // 2)
    assert fit.clusters == 6
    assert fit.treated_clusters.tolist() == [6]
    assert any("Only 6 clusters:" in w for w in fit.warnings)
    assert any("Only 6 clusters carry on" in w for w in fit.warnings)


def test_an_error_of_nothing_is_nothing():
    # Each treated unit is fitted exactly on average: the clustered variance is 0 but for rounding.
    panel = treated([[1, 2, 3, 2, 0], [2, 3, 1, 2, 3], [0, 3, 3, 0, 0]], [2, 3, 2])
    fit = poisson(panel.outcome, terms(panel, "linear"))
    assert abs(fit.cr1[0, 0]) < 1e-12
    on = fit.estimate("on", se_type="CR1")
    assert (on.se, np.isnan(on.p)) == (0, True)
    assert fit.estimate("on").se > 0.4
    assert fit.estimate("yrs", se_type="CR1").se > 1


@pytest.mark.parametrize(
    ("y", "x", "options"),
    [
        ([[1, -1], [2, 2]], {}, {}),
        ([[1, np.nan], [2, 2]], {}, {}),
        ([1, 2], {}, {}),
        ([[1, 1], [2, 2]], {"on": [[0, np.inf], [0, 0]]}, {}),
        ([[1, 1], [2, 2]], {"on": [0, 1]}, {}),
        ([[1, 1], [2, 2]], {}, {"used": [True, True]}),
        ([[1, 1], [2, 2]], {}, {"cluster": [1]}),
    ],
)
def test_refuses_what_is_no_panel(y, x, options):
    with pytest.raises(ValueError, match="must"):
        poisson(y, x, **options)


def test_unused_cells_may_be_unknown():
    panel = city(4)
    used = holes(panel, 4)
    unknown = np.where(used, panel.outcome, np.nan)
    one, two = (poisson(y, terms(panel), used=used) for y in (panel.outcome, unknown))
    assert np.array_equal(one.coef, two.coef)


def test_terms_by_name():
    panel = city(1)
    found = {kind: list(terms(panel, kind)) for kind in KINDS}
    assert found["quadratic"] == ["on", "yrs", "yrs2"]
    assert (found["fraction"], found["next"]) == (["frac"], ["on_next"])
    with pytest.raises(ValueError, match="kind"):
        terms(panel, "cubic")
    with pytest.raises(ValueError, match="se_type"):
        poisson(panel.outcome, terms(panel)).covariance("HC3")


def test_intervals_cover_and_no_effect_is_found_as_often_as_said():
    # 60 areas, 10 years, 24 treated at two dates, effect -0.2, counts twice as variable as
    # Poisson's. Of 300, 95 % is 285 +- 7.5.
    rng, periods = np.random.default_rng(11), 10
    onset = np.array([4.0, 6.0, NEVER, NEVER, NEVER])[np.arange(60) % 5]
    level = rng.gamma(3, 8, 60)[:, None] * np.exp(rng.normal(0, 0.3, periods))
    panel = treated(np.ones((60, periods)), onset)
    on = terms(panel)
    covered = dict.fromkeys(SE_TYPES, 0)
    for _ in range(300):
        mean = level * np.exp(-0.2 * on["on"])
        fit = poisson(rng.poisson(rng.gamma(mean, 1.0)), on)
        for se_type in SE_TYPES:
            e = fit.estimate("on", se_type=se_type)
            covered[se_type] += abs(e.estimate + 0.2) < 1.959964 * e.se
    assert 272 <= covered["HC1"] <= 297
    assert 268 <= covered["CR1"] <= 297
    # Model errors are too small by the root of two: 1.96 / 1.41 cover 83 %.
    assert 225 <= covered["model"] <= 268
