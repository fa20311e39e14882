"""Calendar counts, changes, the long run."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, t

from stoopstat.reference import trend as slow
from stoopstat.tests import nyc
from stoopstat.trend import change, dispersion, long_run, monthly, rolling, yearly

DAYS = st.integers(0, 1600).map(lambda n: date(2015, 6, 1) + timedelta(days=n))


@settings(max_examples=40, deadline=None)
@given(st.lists(DAYS, min_size=2, max_size=30))
def test_years_agree_with_the_twin(days):
    first, last = min(days), max(days)
    y = yearly(days, first=first, last=last)
    twin = slow.year_counts(days, first, last)
    assert y.years.tolist() == list(twin)
    for i, (events, observed, to_date) in enumerate(twin.values()):
        assert (y.counts[i], y.days[i]) == (events, observed)
        if to_date is None:
            assert np.isnan(y.to_date[i])
        else:
            assert y.to_date[i] == to_date
    m = monthly(days, first=first, last=last)
    assert m.counts.sum() == y.counts.sum() == len(days)
    assert m.days.sum() == y.days.sum() == (last - first).days + 1


def test_a_leap_day_at_the_end():
    y = yearly(["2019-02-28", "2019-03-01", "2020-02-29"], first="2019-01-01", last="2020-02-29")
    assert y.to_date.tolist() == [1, 1]
    assert y.to_date_days.tolist() == [59, 60]
    before = yearly(
        ["2020-02-28", "2020-02-29", "2021-02-28"], first="2020-01-01", last="2021-02-28"
    )
    assert before.to_date.tolist() == [1, 1]
    assert before.to_date_days.tolist() == [59, 59]


def test_partial_years_are_named():
    y = yearly(["2018-07-01"], first="2018-06-01", last="2020-06-30", weight=[3.0])
    assert y.complete.tolist() == [False, True, False]
    assert y.counts.tolist() == [3, 0, 0]
    assert np.isnan(y.to_date[0])
    assert y.to_date[1:].tolist() == [0, 0]
    whole = yearly([], first="2020-01-01", last="2020-12-31")
    assert (whole.complete.tolist(), whole.days.tolist()) == ([True], [366])


def test_rolling_year_needs_twelve_complete_months():
    m = monthly(["2019-01-20"] * 2 + ["2020-01-03"], first="2019-01-01", last="2020-02-10")
    assert np.isnan(m.rolling_year[:11]).all()
    assert m.rolling_year[11:13].tolist() == [2, 1]
    assert np.isnan(m.rolling_year[13])
    assert not m.complete[13]
    assert np.isnan(rolling([1, 2])).all()


def test_r_documentation_example():
    # Example of R's poisson.test: 11 events in 800 against 21 in 3011 person-years; the printed
    # ratio and limits (the p-value there is of another two-sided rule).
    c = change(11, 21, time_now=800, time_before=3011)
    assert c.ratio == pytest.approx(1.971488, abs=1e-6)
    assert (c.low, c.high) == pytest.approx((0.8584264, 4.2772659), abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 25), st.integers(0, 25))
def test_exact_change_agrees_with_the_twin(now, before):
    c = change(now, before, level=0.9)
    if now + before == 0:
        assert np.isnan(c.ratio)
        assert (c.low, c.high, c.p_value) == (0, np.inf, 1)
        return
    low, high = slow.ratio_limits(now, before, 0.9)
    assert c.low == pytest.approx(low, abs=1e-9)
    assert c.high == pytest.approx(high, rel=1e-6)
    tails = [binomtest(now, now + before, 0.5, alternative=a).pvalue for a in ("less", "greater")]
    assert c.p_value == pytest.approx(min(1, 2 * min(tails)))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.floats(1, 30), st.floats(0.1, 9))
def test_change_laws(now, before, f, time):
    c = change(now, before, dispersion=f, time_now=time)
    assert c.low < c.ratio < c.high
    back = change(before, now, dispersion=f, time_before=time)
    assert back.ratio == pytest.approx(1 / c.ratio)
    assert (back.low, back.high) == pytest.approx((1 / c.high, 1 / c.low), rel=1e-6)
    assert back.p_value == pytest.approx(c.p_value, abs=1e-9)
    wider = change(now, before, dispersion=2 * f, time_now=time)
    assert wider.low <= c.low
    assert wider.high >= c.high
    # The interval excludes no change just when p is below 1 - level.
    assert (c.low > 1 or c.high < 1) == (c.p_value < 0.05)


@pytest.mark.parametrize(("mean", "f"), [(8, 1), (60, 1), (150, 4)])
def test_change_covers(mean, f):
    generator = np.random.default_rng(3)

    def draw():
        if f == 1:
            return generator.poisson(mean, 600)
        return generator.negative_binomial(mean / (f - 1), 1 / f, 600)

    results = [change(a, b, dispersion=None if f == 1 else f) for a, b in zip(draw(), draw())]  # noqa: B905
    covered = np.mean([c.low <= 1 <= c.high for c in results])
    assert 0.94 <= covered <= 0.995


@pytest.mark.parametrize(("years", "f"), [(3, 5), (5, 5), (13, 7)])
def test_change_covers_with_a_dispersion_read_off_few_years(years, f):
    generator = np.random.default_rng(5)
    known, told = [], []
    for y in generator.negative_binomial(900 / (f - 1), 1 / f, (600, years + 1)):
        of_earlier = dispersion(y[:-1])
        plain = change(y[-1], y[-2], dispersion=of_earlier)
        c = change(y[-1], y[-2], dispersion=of_earlier, periods=years)
        assert c.low <= plain.low <= plain.ratio <= plain.high <= c.high
        assert c.dispersion == of_earlier
        assert (c.low > 1 or c.high < 1) == (c.p_value < 0.05)
        known.append(plain.low <= 1 <= plain.high)
        told.append(c.low <= 1 <= c.high)
    assert np.mean(known) < 0.94
    assert np.mean(told) >= 0.94


def test_dispersion_of_poisson_counts_is_one():
    generator = np.random.default_rng(8)
    terms = [dispersion(generator.poisson(80, 400)) for _ in range(20)]
    assert np.mean(terms) == pytest.approx(1.0, abs=0.06)
    # A steady fall over the years is not dispersion; years that swing are.
    slope = generator.poisson(np.linspace(1500, 700, 200))
    assert dispersion(slope) < 1.3
    swing = generator.negative_binomial(80 / 5, 1 / 6, 4000)
    assert dispersion(swing) == pytest.approx(6, rel=0.12)


def test_dispersion_by_hand():
    assert dispersion([4, 16]) == 144 / 20
    assert dispersion([4, 8], time=[1, 2]) == 1.0
    assert dispersion([0, 0]) == dispersion([5]) == dispersion([]) == 1.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from([1.0, 2.0, 0.5])), max_size=9),
    st.floats(0.1, 9),
)
def test_dispersion_agrees_with_the_twin(periods, unit):
    counts, time = [n for n, _ in periods], [length for _, length in periods]
    found = dispersion(counts, time=time)
    assert found == pytest.approx(slow.dispersion(counts, time))
    # Neither the direction of time nor its unit is felt.
    assert dispersion(counts[::-1], time=time[::-1]) == pytest.approx(found)
    assert dispersion(counts, time=[unit * length for length in time]) == pytest.approx(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=9), st.floats(0.5, 0.99))
def test_long_run_agrees_with_the_twin(counts, level):
    n, upper = len(counts), 0.5 + level / 2
    found = long_run(10, counts, level=level)
    band = slow.long_run(counts, t.ppf(upper, n - 1) if n > 1 else norm.ppf(upper))
    assert (found.low, found.high) == pytest.approx(band, abs=1e-9)


def test_long_run_by_hand():
    r = long_run(9, [16 - 0.375])
    reach = 1.959963984540054 * 0.5 * np.sqrt(2)
    assert (r.low, r.high) == pytest.approx(((4 - reach) ** 2 - 0.375, (4 + reach) ** 2 - 0.375))
    assert (r.position, r.periods) == ("within", 1)
    assert long_run(0, [0, 0, 0]).position == "within"
    assert np.isnan(long_run(0, [0]).ratio)
    assert long_run(3, [0]).ratio == np.inf


@pytest.mark.parametrize("f", [1, 6])
def test_long_run_covers(f):
    generator = np.random.default_rng(2)
    inside = []
    for _ in range(800):
        level = 300 if f > 1 else 40
        draw = (
            generator.poisson(level, 9)
            if f == 1
            else generator.negative_binomial(level / (f - 1), 1 / f, 9)
        )
        inside.append(long_run(draw[0], draw[1:]).position == "within")
    assert 0.93 <= np.mean(inside) <= 0.985


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_long_run_forgets_the_order(counts, random):
    shuffled = random.sample(counts, len(counts))
    one, two = long_run(10, counts), long_run(10, shuffled)
    assert (one.low, one.high) == pytest.approx((two.low, two.high))
    half = long_run(10, counts, time_now=1, time_before=[2] * len(counts))
    assert half.mean == pytest.approx(one.mean / 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: yearly(["2020-01-01"], first="2020-02-01", last="2020-03-01"), "span"),
        (lambda: yearly([], first="2020-02-01", last="2020-01-01"), "span"),
        (lambda: yearly(["2020-01-01"], first="2020-01-01", last="2020-02-01", weight=[-1]), "neg"),
        (lambda: monthly(["2020-01-01"], first="2020-01-01", last="2020-02-01", weight=[]), "flat"),
        (lambda: rolling([1], window=0), "window"),
        (lambda: change(-1, 2), "not negative"),
        (lambda: change(1, 2, time_now=0), "above zero"),
        (lambda: change(1.5, 2), "whole"),
        (lambda: change(1, 2, dispersion=0.5), "dispersion"),
        (lambda: change(1, 2, periods=5), "periods"),
        (lambda: change(1, 2, dispersion=2, periods=1), "at least 2"),
        (lambda: dispersion([1, np.nan]), "known"),
        (lambda: long_run(1, []), "at least one"),
        (lambda: long_run(np.nan, [1]), "known"),
        (lambda: long_run(1, [1], time_before=[1, 2]), "one length"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.real_data
def test_new_york(real_data):
    r = nyc.rows(real_data)
    y = yearly(r.date[r.first], first="2006-01-01", last="2020-12-31")
    expected = [
        1566,
        1442,
        1519,
        1420,
        1473,
        1509,
        1373,
        1103,
        1172,
        1138,
        997,
        789,
        754,
        776,
        1531,
    ]
    assert y.counts.tolist() == expected
    assert y.complete.all()
    assert np.array_equal(y.to_date, y.counts)
    # Years vary several times more than Poisson counts, so the doubling of 2020 is judged so.
    f = dispersion(y.counts[:-1])
    assert 6 < f < 7
    c = change(y.counts[-1], y.counts[-2], dispersion=f)
    assert c.ratio == pytest.approx(1531 / 776)
    assert 1.5 < c.low < c.high < 2.6
    assert long_run(y.counts[-1], y.counts[:-1]).position == "within"
