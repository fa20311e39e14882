"""Shrinkage, rank intervals, stability."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from stoopstat.ranking import rank, stability
from stoopstat.reference import ranking as slow
from stoopstat.shrinkage import draw_rates, fit_gamma
from stoopstat.tests import nyc

# Lip cancer of men in the 56 districts of Scotland, 1975-80, observed and expected cases: Clayton
# and Kaldor (1987), as tabled in the GeoBUGS manual.
OBSERVED = (
    "9 39 11 9 15 8 26 7 6 20 13 5 3 8 17 9 2 7 9 7 16 31 11 7 19 15 7 10 16 11 5 3 7 8 11 9 11 8 "
    "6 4 10 8 2 6 19 3 2 3 28 6 1 1 1 1 0 0"
)
EXPECTED = (
    "1.4 8.7 3.0 2.5 4.3 2.4 8.1 2.3 2.0 6.6 4.4 1.8 1.1 3.3 7.8 4.6 1.1 4.2 5.5 4.4 10.5 22.7 8.8 "
    "5.6 15.5 12.5 6.0 9.0 14.4 10.2 4.8 2.9 7.0 8.5 12.3 10.1 12.7 9.4 7.2 5.3 18.8 15.8 4.3 14.6 "
    "50.7 8.2 5.6 9.3 88.7 19.6 3.4 3.6 5.7 7.0 4.2 1.8"
)
LIP = np.array(OBSERVED.split(), dtype=float), np.array(EXPECTED.split(), dtype=float)

AREAS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([0.5, 1.0, 2.0, 7.0])), min_size=3, max_size=12
)


def rng(seed=1):
    return np.random.default_rng(seed)


def test_lip_cancer_fit():
    # The maximum-likelihood negative binomial fit of statsmodels 0.15 to the same data, an
    # independent programme: mean 1.4220600123, f 0.5320592361 (shape 1.87949).
    mean, f = fit_gamma(*LIP)
    assert mean == pytest.approx(1.4220600123, abs=1e-9)
    assert f == pytest.approx(0.5320592361, abs=1e-9)
    r = rank(LIP[0], exposure=LIP[1], rng=rng(), draws=500)
    # District 1: (9 + 1.87949) / (1.4 + 1.321667), against 6.43 observed; 55 and 56 had none.
    assert r.shrunk[0] == pytest.approx(10.87949 / 2.721667, abs=1e-5)
    assert r.shrunk[54] == pytest.approx(1.87949 / 5.521667, abs=1e-5)
    assert r.rank_observed[0] == 1
    assert r.rank[:2].tolist() == [2, 1]
    assert r.dispersed


def test_moments_by_the_formula():
    # Marshall 1991: m + A (r - m) / (A + m / e), A = s2 - m / mean(e).
    y, e = LIP
    m = y.sum() / e.sum()
    a = (e * (y / e - m) ** 2).sum() / e.sum() - m / e.mean()
    r = rank(y, exposure=e, method="moments", rng=rng(), draws=100)
    assert r.shrunk == pytest.approx(m + a * (y / e - m) / (a + m / e))
    assert r.method == "moments"


@settings(max_examples=40, deadline=None)
@given(AREAS)
def test_fit_is_the_top_of_the_likelihood(areas):
    y, e = np.array(areas, dtype=float).T
    mean, f = fit_gamma(y, e)
    if y.sum() == 0:
        assert (mean, f) == (0, 0)
        return
    here = slow.log_likelihood(y, e, mean, max(f, 1e-9))
    for scale_mean in (0.9, 1.0, 1.1):
        for other in (f * 0.8, f * 1.25, 0.02, 0.2, 1.0, 5.0):
            there = slow.log_likelihood(y, e, mean * scale_mean, max(other, 1e-9))
            assert there <= here + 1e-5 * (1 + abs(here))


def test_draws_agree_with_a_grid():
    y, e = np.array([14.0, 3, 5, 0, 9]), np.array([2.0, 1, 1, 0.5, 3])
    drawn = draw_rates(y, e, rng=rng(), draws=60_000).mean(axis=0)
    for area in (0, 3):
        assert drawn[area] == pytest.approx(slow.posterior_mean(y, e, area), rel=0.02)


@settings(max_examples=30, deadline=None)
@given(AREAS, st.randoms(use_true_random=False))
def test_laws(areas, random):
    y, e = np.array(areas, dtype=float).T
    r = rank(y, exposure=e, rng=rng(), draws=200, top=3)
    assert (r.rank_low <= r.rank).all()
    assert (r.rank <= r.rank_high).all()
    assert r.rank.tolist() == slow.places(r.shrunk.tolist())
    assert r.rank_observed.tolist() == slow.places(r.observed.tolist())
    assert (np.diff(r.shrunk[r.order]) <= 0).all()
    assert sorted(r.order.tolist()) == list(range(y.size))
    lowest, highest = r.observed.min() - 1e-9, r.observed.max() + 1e-9
    assert ((r.shrunk >= lowest) & (r.shrunk <= highest)).all()
    # Units of exposure change the unit of the rate and nothing else.
    thousands = rank(y, exposure=1000 * e, rng=rng(), draws=200, top=3)
    assert thousands.shrunk * 1000 == pytest.approx(r.shrunk, rel=1e-6)
    assert np.array_equal(thousands.rank_high, r.rank_high)
    order = np.array(random.sample(range(y.size), y.size))
    again = rank(y[order], exposure=e[order], rng=rng(), draws=200, top=3)
    assert again.shrunk == pytest.approx(r.shrunk[order], rel=1e-6)


def test_same_seed_same_answer():
    one, two = (rank(LIP[0], exposure=LIP[1], rng=rng(7), draws=300) for _ in range(2))
    assert np.array_equal(one.rank_low, two.rank_low)
    assert np.array_equal(one.in_top, two.in_top)


def test_large_counts_hardly_shrink_and_keep_their_order():
    y = np.array([900, 850, 400, 120, 90, 20])
    r = rank(y, rng=rng(), top=2)
    assert r.shrunk == pytest.approx(y, rel=0.06)
    assert r.rank.tolist() == [1, 2, 3, 4, 5, 6]
    assert (r.rank_low[2], r.rank_high[2]) == (3, 3)
    assert r.in_top[:2] == pytest.approx(1)


def test_ties_share_the_better_place():
    r = rank([50, 171, 171, 20, 260], rng=rng())
    assert r.rank.tolist() == [4, 2, 2, 5, 1]
    assert r.order.tolist() == [4, 1, 2, 0, 3]


def test_too_little_exposure_is_not_rated():
    people = [50_000, 60_000, 25, 0, np.nan, 40_000]
    r = rank([40, 30, 1, 1, 2, np.nan], exposure=people, rng=rng())
    assert r.rated.tolist() == [True, True, False, False, False, False]
    assert r.rank.tolist() == [1, 2, 0, 0, 0, 0]
    assert np.isnan(r.observed[2:]).all()
    assert np.isnan(r.shrunk[2:]).all()
    assert np.isnan(r.in_top[2:]).all()
    assert r.order.tolist() == [0, 1, 4, 2, 3, 5]
    assert rank([4, 1], exposure=[9e4, 25], min_exposure=0, rng=rng()).rated.all()


def test_no_more_than_chance_leaves_all_places_open():
    r = rank([5, 5, 4, 6, 5, 4, 6, 5], rng=rng())
    assert not r.dispersed
    assert r.dispersion == 0
    assert r.shrunk == pytest.approx(5.0)
    assert r.rank.tolist() == [1] * 8
    assert (r.rank_high - r.rank_low >= 6).all()


def test_all_zero_and_one_area():
    r = rank([0, 0, 0], rng=rng(), top=1)
    assert r.rank_low.tolist() == [1, 1, 1]
    assert r.rank_high.tolist() == [3, 3, 3]
    assert r.in_top == pytest.approx(1 / 3)
    assert r.shrunk.tolist() == [0, 0, 0]
    assert (r.shrunk_high > 0).all()
    one = rank([12], rng=rng())
    assert (one.rank[0], one.rank_low[0], one.rank_high[0], one.shrunk[0]) == (1, 1, 1, 12)


@pytest.mark.parametrize(
    ("n", "shape", "mean", "spread"), [(12, 2.0, 6.0, 0.8), (77, 1.0, 50.0, 0.0)]
)
def test_intervals_cover_the_truth(n, shape, mean, spread):
    generator = rng(11)
    ranks, rates = [], []
    for _ in range(60):
        e = np.exp(generator.normal(0, spread, n))
        truth = generator.gamma(shape, mean / shape, n)
        r = rank(generator.poisson(e * truth), exposure=e, min_exposure=0, rng=generator, draws=500)
        place = np.array(slow.places(truth.tolist()))
        ranks.append(((r.rank_low <= place) & (place <= r.rank_high)).mean())
        rates.append(((r.shrunk_low <= truth) & (truth <= r.shrunk_high)).mean())
    assert 0.94 < np.mean(ranks) < 0.995
    assert 0.92 < np.mean(rates) < 0.975


def test_chance_to_be_in_the_top_is_calibrated():
    generator = rng(5)
    said, was = [], []
    for _ in range(60):
        truth = generator.gamma(2, 10, 30)
        r = rank(generator.poisson(truth), rng=generator, draws=300, top=5)
        said.append(r.in_top)
        was.append(np.array(slow.places(truth.tolist())) <= 5)
    p, hit = np.concatenate(said), np.concatenate(was)
    for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.01)):
        among = (p >= low) & (p < high)
        assert abs(p[among].mean() - hit[among].mean()) < 0.06


def test_stability_names_who_came_and_went():
    s = stability([1, 2, 3, 4, 0, 6], [4, 1, 2, 3, 5, 0], top=2)
    assert s.compared == 4
    assert (s.stayed.tolist(), s.entered.tolist(), s.left.tolist()) == ([1], [2], [0])
    assert s.overlap == 0.5
    assert s.move.tolist() == [-3, 1, 1, 1, 0, 0]
    assert s.biggest.tolist() == [0, 1, 2, 3]


def test_stability_limits():
    places = np.arange(1, 10)
    same = stability(places, places)
    assert (same.spearman, same.overlap, same.biggest.size) == (1, 1, 0)
    assert stability(places, places[::-1]).spearman == -1
    ties = [1, 2, 2, 4, 5, 6, 6, 6, 9]
    assert stability(places, ties).spearman == pytest.approx(spearmanr(places, ties).statistic)
    assert np.isnan(stability([1, 1], [1, 2]).spearman)
    none = stability([0, 0], [1, 2])
    assert (none.compared, none.stayed.size) == (0, 0)
    assert np.isnan(none.overlap)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=9))
def test_stability_is_symmetric_but_for_names(pairs):
    a, b = np.array(pairs).T
    one, two = stability(a, b, top=4), stability(b, a, top=4)
    assert one.spearman == two.spearman or np.isnan(one.spearman)
    assert np.array_equal(one.entered, two.left)
    assert np.array_equal(one.move, -two.move)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank([1.5, 2], rng=rng()), "whole"),
        (lambda: rank([-1, 2], rng=rng()), "not negative"),
        (lambda: rank([1, 2], exposure=[1], rng=rng()), "one length"),
        (lambda: rank([np.nan], rng=rng()), "no area"),
        (lambda: rank([], rng=rng()), "no area"),
        (lambda: rank([1], method="best", rng=rng()), "method"),
        (lambda: rank([1], level=1, rng=rng()), "level"),
        (lambda: stability([1], [1, 2]), "one length"),
        (lambda: stability([-1], [1]), "from 1"),
        (lambda: draw_rates(np.zeros(2), np.ones(2), rng=rng(), draws=1), "no event"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.real_data
def test_new_york_by_count_and_by_rate(real_data):
    numbers, counts = nyc.by_year(real_data, incidents=True)
    with (real_data / "precinct_population_2010.csv").open(newline="") as file:
        people = {int(r["precinct"]): int(r["population_2010"]) for r in csv.DictReader(file)}
    recent = counts[:, -5:].sum(axis=1)
    by_count = rank(recent, rng=rng())
    by_rate = rank(recent, exposure=[people[int(n)] for n in numbers], rng=rng())
    assert by_count.dispersed
    assert numbers[by_count.order[0]] == 75
    assert np.array_equal(by_count.rank, by_count.rank_observed)
    assert not by_rate.rated[numbers == 22][0]
    assert by_rate.rated.sum() == 76
    agreement = stability(by_count.rank, by_rate.rank)
    assert agreement.compared == 76
    assert 0.8 < agreement.spearman < 1
    assert agreement.entered.size > 0


def test_the_interval_of_a_rank_holds_the_rank_even_when_all_tie():
    r = rank([3] * 60, rng=np.random.default_rng(1), draws=400)
    assert set(r.rank.tolist()) == set(r.rank_low.tolist()) == {1}
    assert (r.rank_high > 50).all()
