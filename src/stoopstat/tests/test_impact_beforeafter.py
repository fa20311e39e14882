"""Before and after, and the comparison's change beside it."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.impact.beforeafter import before_after
from stoopstat.impact.design import NEVER, Estimate, Refused
from stoopstat.reference import beforeafter as slow
from stoopstat.tests import nyc

LAUNCH = np.array([5, 8, 8, 14, 1, 30, NEVER, NEVER])


def made(seed=1, launch=LAUNCH, mean=4, months=16):
    return np.random.default_rng(seed).poisson(mean, (len(launch), months))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(1, 5))
def test_agrees_with_the_twin(seed, months):
    y = made(seed)
    found = before_after(y, LAUNCH, months=months)
    before, after, expected, units = slow.sums(y.tolist(), LAUNCH.tolist(), months)
    assert (found.before, found.after, found.closed.sum()) == (before, after, units)
    assert found.expected == pytest.approx(expected)
    assert found.exact.ratio == pytest.approx(after / before)
    assert found.treated.estimate == pytest.approx(np.log(after / before))
    assert found.net.estimate == pytest.approx(np.log(after / expected))
    assert found.dispersed.low <= found.exact.low <= found.exact.high <= found.dispersed.high


def test_by_hand():
    y = [[9, 11, 8, 4], [20, 20, 15, 15], [0, 0, 0, 0]]
    found = before_after(y, [2, NEVER, NEVER], months=2)
    # One launched unit: Poisson errors on both sides.
    chance = 1 / 20 + 1 / 12, 1 / 40 + 1 / 30
    assert found.treated.se == pytest.approx(np.sqrt(chance[0]))
    assert found.beside.estimate == pytest.approx(np.log(0.75))
    assert found.beside.se == pytest.approx(np.sqrt(chance[1]))
    assert found.net.se == pytest.approx(np.sqrt(sum(chance)))
    two = before_after([[10, 4], [10, 16], [8, 8]], [1, 1, NEVER], months=1)
    # Half of all comes after: 4 of 14 and 16 of 26.
    assert two.dispersed.dispersion == pytest.approx(9 / 3.5 + 9 / 6.5)
    assert two.per_unit[:2].tolist() == [0.4, 1.6]


def test_windows_that_are_not_closed_are_named():
    found = before_after(made(), LAUNCH, months=4)
    assert found.closed.tolist() == [True, True, True] + [False] * 5
    assert found.comparison.tolist() == [False] * 5 + [True] * 3
    assert [r.why.split(";")[0] for r in found.refused] == [
        "1 units launched less than 4 months before the end",
        "1 units have less than 4 months before their launch",
    ]
    assert isinstance(before_after(made(), LAUNCH, months=9), Refused)
    alone = before_after(made(), np.full(8, 8), months=4)
    assert isinstance(alone.net, Refused)
    assert isinstance(alone.treated, Estimate)


def test_laws():
    y = made(3)
    found = before_after(y, LAUNCH, months=4)
    turn = np.random.default_rng(2).permutation(8)
    turned = before_after(y[turn], LAUNCH[turn], months=4)
    assert turned.net.estimate == pytest.approx(found.net.estimate)
    assert turned.net.se == pytest.approx(found.net.se)
    later = before_after(np.hstack([np.full((8, 3), 9), y]), LAUNCH + 3, months=4)
    assert later.closed.sum() == found.closed.sum() + 1
    chosen = before_after(y, LAUNCH, months=4, comparison=LAUNCH > 20)
    assert chosen.net == found.net


@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_intervals_cover(spread):
    # No effect, a city that falls by a quarter; units whose own change varies by `spread`.
    generator, net, quoted = np.random.default_rng(7), [], []
    launch = np.r_[np.repeat([24, 30, 36], 8), np.full(30, NEVER)]
    for _ in range(150):
        level = generator.gamma(3, 1, 54)[:, None] * np.exp(-0.25 * (np.arange(60) >= 30))
        own = np.exp(generator.normal(0, spread, 54))[:, None]
        at = np.where(np.isinf(launch), 30, launch)[:, None]
        y = generator.poisson(level * np.where(np.arange(60) >= at, own, 1))
        found = before_after(y, launch, months=24)
        net.append(abs(found.net.estimate) < 1.96 * found.net.se)
        quoted.append(found.dispersed.low <= 1 <= found.dispersed.high)
    assert np.mean(net) >= 0.90
    # What everybody quotes takes the city's fall for the program's.
    assert np.mean(quoted) < 0.8


@pytest.mark.parametrize(
    ("counts", "launch", "options"),
    [
        ([1, 2], [1], {}),
        ([[1, 2]], [1, 2], {}),
        ([[1, 0.5]], [1], {}),
        ([[1, 2]], [1], {"months": 0}),
        ([[1, 2]], [1], {"comparison": [True, False]}),
    ],
)
def test_refuses(counts, launch, options):
    with pytest.raises(ValueError, match=r"counts|comparison"):
        before_after(counts, launch, **options)


@pytest.mark.real_data
def test_new_york(real_data):
    r = nyc.rows(real_data)
    month = (r.date.astype("datetime64[M]") - np.datetime64("2006-01", "M")).astype(int)
    first: dict[int, int] = {}
    with (real_data / "cms_sites.csv").open(newline="") as file:
        for site in csv.DictReader(file):
            if site["start_month"]:
                at = (
                    np.datetime64(site["start_month"], "M") - np.datetime64("2006-01", "M")
                ).astype(int)
                number = int(site["precinct"])
                first[number] = min(int(at), first.get(number, 10**6))
    numbers = np.setdiff1d(np.unique(r.precinct), [22])
    counts = np.zeros((numbers.size, 168))
    keep = (month < 168) & (r.precinct != 22)
    np.add.at(counts, (np.searchsorted(numbers, r.precinct[keep]), month[keep]), 1)
    launch = [first.get(n, NEVER) for n in numbers.tolist()]
    found = before_after(counts, launch)
    assert (found.closed.sum(), found.before, found.after) == (17, 1811, 1311)
    assert found.exact.ratio - 1 == pytest.approx(-0.276, abs=5e-4)
    assert "4 units launched less than 24 months before the end" in found.refused[0].why
    # The comparison fell too; what is left is less than what is quoted.
    assert found.beside.estimate < 0
    assert found.treated.estimate < found.net.estimate < 0
