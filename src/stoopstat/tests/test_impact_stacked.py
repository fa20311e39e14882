"""Stacked experiments: closed forms against the regression on the stacked cells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.stacked import stack
from stoopstat.reference import stacked as slow
from stoopstat.tests import nyc_staggered as nyc

ONSET = np.array([2, 2, 2, 3, 3, 6, 6, 9, NEVER, NEVER, NEVER, NEVER])


def made(seed=1, onset=ONSET, mean=12, periods=8):
    return treated(np.random.default_rng(seed).poisson(mean, (len(onset), periods)), onset)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 999), st.integers(1, 4), st.integers(0, 3))
@pytest.mark.parametrize("family", ["linear", "poisson"])
def test_plain_agrees_with_the_regression_in_full(family, seed, before, after):
    panel = made(seed)
    found = stack(panel, before=before, after=after, family=family).overall
    cells = slow.rows(panel.outcome, panel.onset, before, after, whole=False)
    assert found.n == len(cells)
    expected = slow.plain(cells, family=family)
    assert (found.estimate, found.se) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("before", "after"), [(1, 0), (2, 1), (2, 3)])
def test_shares_agree_with_the_regression_in_full(before, after):
    panel = made(3)
    found = stack(panel, before=before, after=after, family="linear", weights="shares")
    cells = slow.rows(panel.outcome, panel.onset, before, after, whole=True)
    expected = slow.shares(cells)
    got = {int(t.term.split()[1]): (t.estimate, t.se) for t in found.terms}
    assert got.keys() == expected.keys()
    for e, pair in expected.items():
        assert got[e] == pytest.approx(pair, abs=1e-9)
    late = [v for e, (v, _) in expected.items() if e >= 0]
    assert found.overall.estimate == pytest.approx(np.mean(late))
    assert found.cohort.tolist() == ([2, 3] if after == 3 else [2, 3, 6])


def test_two_by_two_by_hand():
    panel = treated([[10, 4], [6, 4], [5, 6], [3, 2]], [1, 1, NEVER, NEVER])
    linear = stack(panel, before=1, after=0, family="linear")
    assert linear.overall.estimate == -4
    poisson = stack(panel, before=1, after=0)
    assert poisson.overall.estimate == pytest.approx(np.log(8 / 16 * 8 / 8))
    # Contributions y1 / sum1 - y0 / sum0 of each unit, times 4 / 3 * 7 / (8 - 3).
    parts = [4 / 8 - 10 / 16, 4 / 8 - 6 / 16, 6 / 8 - 5 / 8, 2 / 8 - 3 / 8]
    assert poisson.overall.se == pytest.approx(np.sqrt(4 / 3 * 7 / 5 * np.square(parts).sum()))


def test_laws():
    panel = made(4)
    for family in ("linear", "poisson"):
        found = stack(panel, family=family, before=2).overall
        turn = np.random.default_rng(1).permutation(ONSET.size)
        turned = stack(treated(panel.outcome[turn], ONSET[turn]), family=family, before=2).overall
        assert (turned.estimate, turned.se) == pytest.approx((found.estimate, found.se))
        twice = treated(np.repeat(panel.outcome, 2, axis=0), np.repeat(ONSET, 2))
        doubled = stack(twice, family=family, before=2).overall
        assert doubled.estimate == pytest.approx(found.estimate)
        grouped = stack(panel, family=family, before=2, cluster=[f"u{i}" for i in range(12)])
        assert grouped.overall.se == pytest.approx(found.se)
    scaled = stack(treated(7 * panel.outcome, ONSET), before=2).overall
    assert scaled.estimate == pytest.approx(stack(panel, before=2).overall.estimate)


def test_what_has_no_number_is_named():
    found = stack(made(), before=3, after=3, family="linear", weights="shares")
    assert {r.term for r in found.refused} == {"cohort 2", "cohort 6"}
    assert isinstance(stack(treated(np.ones((2, 4)), [2, 2])), Refused)
    counts = made().outcome.copy()
    gone = treated(np.where(np.arange(8) >= ONSET[:, None], 0, counts), ONSET)
    assert isinstance(stack(gone), Refused)
    # A stack without an event in one group tells nothing, and harms nothing.
    counts[ONSET == 6] = 0
    silent = stack(treated(counts, ONSET), before=2).overall
    without = stack(treated(counts, np.where(ONSET == 6, -1, ONSET)), before=2).overall
    assert silent.estimate == pytest.approx(without.estimate)


def test_intervals_cover():
    generator, hits = np.random.default_rng(19), []
    onset = np.repeat([4, 6, NEVER], [12, 12, 36])
    on = np.arange(10) >= onset[:, None]
    for _ in range(200):
        mean = generator.gamma(4, 5, (60, 1)) * np.linspace(1.3, 0.7, 10) * np.exp(-0.25 * on)
        found = stack(treated(generator.poisson(mean), onset), before=3).overall
        hits.append(abs(found.estimate + 0.25) < 1.96 * found.se)
    assert 0.90 <= np.mean(hits) <= 0.99


@pytest.mark.parametrize(
    "options",
    [{"family": "x"}, {"weights": "x"}, {"weights": "shares"}, {"before": 0}, {"cluster": [1]}],
    ids=str,
)
def test_refuses(options):
    with pytest.raises(ValueError, match=r"family|window|cluster"):
        stack(made(), **options)


@pytest.mark.real_data
@pytest.mark.parametrize("outcome", ["n", "log1p"])
def test_new_york(real_data, outcome):
    panel = nyc.panel(real_data, outcome)
    found = stack(panel, family="linear").overall
    expected = nyc.known(real_data, "stacked", outcome=outcome)
    assert (found.estimate, found.se) == pytest.approx(expected["simple"], abs=1e-9)
    assert found.n == 3239
    shares = stack(panel, after=1, family="linear", weights="shares")
    known = nyc.known(real_data, "StackedDiD", outcome=outcome)
    for term in (shares.overall, *shares.terms):
        pair = known[term.term.replace("event ", "e=")]
        assert (term.estimate, term.se) == pytest.approx(pair, abs=1e-9)


@pytest.mark.real_data
def test_new_york_poisson(real_data):
    found = stack(nyc.panel(real_data)).overall
    expected = nyc.known(real_data, "stacked")["Poisson(log) simple"]
    assert (found.estimate, found.se) == pytest.approx(expected, abs=1e-7)
