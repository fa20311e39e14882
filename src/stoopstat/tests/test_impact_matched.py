"""Matched comparison: who is like whom, how alike, and what the difference says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.design import NEVER, Refused, treated
from stoopstat.impact.matched import match
from stoopstat.reference import matched as slow
from stoopstat.tests import nyc_staggered as nyc

ONSET = np.array([3, 4, 4, 6, 9, NEVER, NEVER, NEVER, NEVER])


def made(seed=1, onset=ONSET, periods=8):
    generator = np.random.default_rng(seed)
    level = generator.gamma(3, 5, (len(onset), 1))
    return treated(generator.poisson(level + np.zeros(periods)) + 1, onset)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(2, 3), st.integers(1, 3), st.integers(1, 3))
def test_agrees_with_the_twin(seed, before, after, neighbours):
    panel = made(seed)
    found = match(panel, neighbours=neighbours, before=before, after=after)
    rows, onset = panel.outcome.tolist(), panel.onset.tolist()
    apart = slow.distances(rows, onset, before, after)
    pairs = {}
    for unit, other, distance in zip(found.unit, found.match, found.distance, strict=True):
        pairs.setdefault(int(unit), {})[int(other)] = distance
    assert pairs.keys() == apart.keys()
    mine, theirs = [], []
    for unit, candidates in apart.items():
        near = sorted(candidates, key=candidates.get)[:neighbours]
        edge = candidates[near[-1]] + 1e-9
        expected = {j: d for j, d in candidates.items() if d <= edge}
        assert pairs[unit] == pytest.approx(expected)
        g = int(onset[unit])
        end = min(g + after, 8)
        mine.append((unit, g, 1.0, end))
        theirs += [(j, g, 1 / len(expected), end) for j in expected]
    assert found.treated == pytest.approx(slow.ratio(rows, mine, before))
    assert found.matched == pytest.approx(slow.ratio(rows, theirs, before))
    assert found.net.estimate == pytest.approx(np.log(found.treated / found.matched))


@pytest.mark.parametrize("seed", range(4))
def test_without_replacement_is_the_best_assignment(seed):
    panel = made(seed)
    found = match(panel, neighbours=1, before=3, after=2, replace=False)
    assert np.unique(found.match).size == found.match.size == 4
    apart = slow.distances(panel.outcome.tolist(), panel.onset.tolist(), 3, 2)
    assert found.distance.sum() == pytest.approx(slow.best_assignment(apart))
    assert isinstance(match(panel, neighbours=2, before=3, replace=False), Refused)


def test_error_by_hand():
    panel = treated([[8, 8, 4], [8, 8, 9], [6, 10, 2], [9, 9, 7]], [2, NEVER, 2, NEVER])
    found = match(panel, neighbours=2, before=2, after=1)
    # Both take both others, so each other counts with weight 1 in all.
    ours = (4 / 6 - 8 / 16) ** 2 + (2 / 6 - 8 / 16) ** 2
    theirs = (9 / 16 - 8 / 17) ** 2 + (7 / 16 - 9 / 17) ** 2
    # Poisson: one period after, two before; the others' counts are halved twice over.
    least_ours = 6 / 6**2 + 16 / 2 / 16**2
    least_theirs = (16 / 16**2 + 17 / 2 / 17**2) / 2
    expected = max(ours, least_ours) + max(theirs, least_theirs)
    assert found.net.se == pytest.approx(np.sqrt(expected))


def test_quality_caliper_and_what_is_left_out():
    panel = made(2)
    found = match(panel, before=3)
    wide = np.abs(found.difference_before).sum()
    assert np.abs(found.difference).sum() < wide
    close = match(panel, before=3, caliper=float(np.median(found.distance)))
    assert close.distance.max() <= np.median(found.distance)
    assert all(r.term.startswith("unit") for r in close.refused)
    assert isinstance(match(panel, before=3, caliper=0), Refused)
    assert "fewer than 4 periods" in match(panel, before=4).refused[0].why
    assert isinstance(match(panel, before=7), Refused)
    far = treated([[90, 90, 40], [2, 2, 1]], [2, NEVER])
    assert not match(far, before=2, after=1).balanced
    only = match(panel, before=3, not_yet=False)
    assert set(only.match.tolist()) <= {4, 5, 6, 7, 8}


def test_all_that_are_equally_near_are_taken():
    panel = treated([[8, 8, 4], [8, 8, 8], [8, 8, 2], [1, 1, 2]], [2, NEVER, NEVER, NEVER])
    found = match(panel, neighbours=1, before=2, after=1)
    assert found.match.tolist() == [1, 2]
    assert found.weight.tolist() == [0.5, 0.5]
    assert found.matched == 5 / 8


def test_laws():
    panel = made(6)
    turn = np.random.default_rng(1).permutation(ONSET.size)
    turned = treated(panel.outcome[turn], ONSET[turn])
    for replace in (True, False):
        options = {"before": 3, "after": 2, "replace": replace, "neighbours": 1}
        found, again = match(panel, **options), match(turned, **options)
        pairs = set(zip(found.unit.tolist(), found.match.tolist(), strict=True))
        assert {(turn[u], turn[m]) for u, m in zip(again.unit, again.match, strict=True)} == pairs
        assert again.net.estimate == pytest.approx(found.net.estimate)
        assert again.net.se == pytest.approx(found.net.se)


def test_a_common_fall_is_no_effect_and_an_effect_is_found():
    generator = np.random.default_rng(12)
    onset = np.r_[np.full(25, 6.0), np.full(75, NEVER)]
    hits = {0.0: [], -0.3: []}
    for effect, found in hits.items():
        for _ in range(120):
            level = generator.gamma(4, 8, (100, 1)) * np.linspace(1.3, 0.7, 9)
            level = level * np.exp(effect * (np.arange(9) >= onset[:, None]))
            net = match(treated(generator.poisson(level), onset)).net
            found.append(abs(net.estimate - effect) < 1.96 * net.se)
        assert 0.88 <= np.mean(found) <= 1.0


@pytest.mark.parametrize(
    "options", [{"neighbours": 0}, {"before": 1}, {"after": 0}, {"caliper": -1.0}], ids=str
)
def test_refuses(options):
    with pytest.raises(ValueError, match="at least"):
        match(made(), **options)


@pytest.mark.real_data
def test_new_york(real_data):
    found = match(nyc.panel(real_data), before=5, after=3)
    # The treated start far above all others: most of the gap of levels goes by matching.
    assert found.difference_before[0] > 0.9
    assert abs(found.difference[0]) < found.difference_before[0] / 2
    assert found.treated < found.everyone
    assert found.net.n > 21
