"""Hours of the week and windows that cross midnight."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.hours import hours
from stoopstat.reference import windows as slow
from stoopstat.tests import nyc
from stoopstat.windows import best_window, judged_window, wilson, window_share

TIMES = st.lists(
    st.tuples(st.integers(-1, 6), st.one_of(st.just(-1), st.integers(0, 1439))),
    min_size=1,
    max_size=25,
)
FRIDAY, SATURDAY = 4, 5


def rng(seed=1):
    return np.random.default_rng(seed)


def test_half_past_midnight_on_saturday_is_fridays_night():
    night = {"start_minute": 21 * 60, "end_minute": 60}
    assert window_share([SATURDAY], [30], weekdays=[FRIDAY], **night).count == 1
    assert window_share([SATURDAY], [30], weekdays=[SATURDAY], **night).count == 0
    assert window_share([0], [59], weekdays=[6], **night).count == 1  # Sunday's night on Monday
    edges = window_share([4] * 4, [1259, 1260, 59, 60], **night)
    assert (edges.count, edges.start_minute, edges.end_minute) == (2, 1260, 60)
    assert edges.even_share == pytest.approx(4 / 24)
    assert edges.chance_share == edges.even_share


def test_whole_days_and_nothing_known():
    all_day = window_share([0, 3], [0, 1439], start_minute=0, end_minute=0)
    assert (all_day.count, all_day.share, all_day.even_share) == (2, 1, 1)
    assert window_share([0], [700], start_minute=0, end_minute=1440).count == 1
    nothing = window_share([-1], [5], start_minute=0, end_minute=60)
    assert (nothing.known, nothing.low, nothing.high) == (0, 0, 1)
    assert np.isnan(nothing.share)


@settings(max_examples=60, deadline=None)
@given(TIMES, st.integers(0, 1439), st.integers(1, 1440), st.sets(st.integers(0, 6), min_size=1))
def test_stated_window_agrees_with_the_twin(times, start, length, days):
    weekday, minute = zip(*times, strict=True)
    end = (start + length - 1) % 1440 + 1
    w = window_share(weekday, minute, start_minute=start, end_minute=end, weekdays=sorted(days))
    assert w.count == slow.count(weekday, minute, start, length, sorted(days))


@settings(max_examples=12, deadline=None)
@given(TIMES.filter(lambda ts: any(min(t) >= 0 for t in ts)), st.sampled_from([1, 2, 6, 7]))
def test_best_window_agrees_with_the_twin(times, nights):
    weekday, minute = zip(*times, strict=True)
    w = best_window(
        weekday, minute, length_minutes=240, step_minutes=120, nights=nights, rng=rng(), draws=5
    )
    top, start, tied = slow.best(weekday, minute, 240, 120, nights)
    assert (w.count, w.start_minute, w.tied) == (top, start, tied)
    stated = window_share(
        weekday,
        minute,
        start_minute=w.start_minute,
        end_minute=w.end_minute,
        weekdays=w.weekdays,
    )
    assert (stated.count, stated.even_share) == (w.count, pytest.approx(w.even_share))
    assert w.weekdays.size == nights


@settings(max_examples=30, deadline=None)
@given(TIMES, st.randoms(use_true_random=False))
def test_laws(times, random):
    weekday, minute = np.array(times).T
    h = hours(weekday, minute, rng=rng(), draws=5)
    assert h.known + h.unknown == weekday.size
    assert h.counts.sum() == h.known
    order = random.sample(range(weekday.size), weekday.size)
    again = hours(weekday[order], minute[order], rng=rng(), draws=5)
    assert np.array_equal(again.counts, h.counts)
    # A day later everything is a day later.
    later = hours(np.where(weekday < 0, -1, (weekday + 1) % 7), minute, rng=rng(), draws=5)
    assert np.array_equal(later.counts, np.roll(h.counts, 1, axis=0))
    twice = hours(np.r_[weekday, weekday], np.r_[minute, minute], rng=rng(), draws=5)
    assert np.array_equal(twice.counts, 2 * h.counts)


def test_areas_and_unknown_times():
    h = hours([0, 0, 1, -1, 2], [10, -1, 20, 30, 40], area=[0, 0, 1, 1, -1], n_areas=3, rng=rng())
    assert (h.known, h.unknown, h.unplaced) == (3, 2, 1)
    assert h.area_known.tolist() == [1, 1, 0]
    assert h.area_unknown.tolist() == [1, 1, 0]
    assert h.area_counts.shape == (3, 7, 24)
    assert h.area_best[2] is None
    assert h.area_best[0].count == 1
    assert h.best.count == 3


def test_no_events():
    h = hours([], [], n_areas=0, rng=rng())
    assert (h.known, h.best, h.area_best) == (0, None, ())
    assert np.isnan(h.hour_share).all()
    assert h.hour_high.tolist() == [1.0] * 24
    assert not h.midnight_suspicious


@pytest.mark.parametrize(
    ("midnight", "around", "suspicious"),
    [
        # Alone, six have a chance of 3 ** -6 = 0.0014, seven of 0.0005.
        (6, 0, False),
        (7, 0, True),
        # Half again too many is sure enough, and still less than double.
        (299, 300, False),
        (300, 300, True),
    ],
)
def test_midnight_is_suspicious_when_surely_and_at_least_double(midnight, around, suspicious):
    minute = np.r_[np.zeros(midnight, int), np.full(around, 60)]
    found = hours(np.zeros_like(minute), minute, rng=rng(), draws=0)
    assert (found.at_midnight, found.midnight_expected) == (midnight, around / 2)
    assert found.midnight_suspicious == suspicious


def test_a_spike_at_midnight_is_suspicious():
    spread = np.tile(np.arange(0, 1440, 30), 7)
    weekday = np.repeat(np.arange(7), 48)
    assert not hours(weekday, spread, rng=rng(), draws=5).midnight_suspicious
    filled = hours(np.r_[weekday, np.zeros(40, int)], np.r_[spread, np.zeros(40, int)], rng=rng())
    assert (filled.at_midnight, filled.midnight_expected) == (47, 7)
    assert filled.midnight_suspicious


def test_wilson_published():
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81/263, 15/148, 0/20, 1/29.
    found = np.array(wilson([81, 15, 0, 1], [263, 148, 20, 29])).T
    expected = [(0.2553, 0.3662), (0.0624, 0.1605), (0.0, 0.1611), (0.0061, 0.1718)]
    assert found == pytest.approx(np.array(expected), abs=5e-5)


def test_wilson_covers():
    generator = rng(4)
    for n, p in ((30, 0.1), (30, 0.5), (300, 0.04)):
        low, high = wilson(generator.binomial(n, p, 4000), n)
        assert 0.925 < ((low <= p) & (p <= high)).mean() < 0.985


def test_even_hours_give_the_chance_share():
    generator = rng(6)
    shares, chances = [], []
    for _ in range(40):
        minute = generator.integers(0, 1440, 60)
        w = best_window(generator.integers(0, 7, 60), minute, rng=generator, draws=40)
        shares.append(w.share)
        chances.append(w.chance_share)
    assert np.mean(shares) == pytest.approx(np.mean(chances), abs=0.01)
    # Searching is worth a lot where there is nothing to find.
    assert np.mean(chances) > 1.4 * 240 / 1440


def test_a_judged_window_does_not_flatter_itself():
    generator = rng(9)
    later = np.repeat([False, True], [60, 2000])
    held, flattered = [], []
    for _ in range(25):
        minute = generator.integers(0, 1440, later.size)
        weekday = generator.integers(0, 7, later.size)
        j = judged_window(weekday, minute, later, rng=generator, draws=5)
        flattered.append(j.chosen.share)
        held.append(j.later.share)
        assert j.later.count <= j.later_best.count
        assert (j.later.start_minute, j.later.known) == (j.chosen.start_minute, 2000)
    assert np.mean(held) == pytest.approx(240 / 1440, abs=0.01)
    assert np.mean(flattered) > 0.22


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hours([7], [0], rng=rng()), "weekday"),
        (lambda: hours([0], [np.nan], rng=rng()), "minute"),
        (lambda: hours([0], [1440], rng=rng()), "minute"),
        (lambda: hours([0], [0, 1], rng=rng()), "one length"),
        (lambda: hours([0], [0], area=[0], rng=rng()), "n_areas"),
        (lambda: hours([0], [0], area=[3], n_areas=2, rng=rng()), "area"),
        (lambda: hours([0], [0], area=[0, 0], n_areas=1, rng=rng()), "one length"),
        (lambda: window_share([0], [0], start_minute=-1, end_minute=5), "minutes of the day"),
        (lambda: window_share([0], [0], start_minute=0, end_minute=5, weekdays=[]), "weekdays"),
        (lambda: best_window([-1], [0], rng=rng()), "no event"),
        (lambda: best_window([0], [0], step_minutes=7, rng=rng()), "divide"),
        (lambda: best_window([0], [0], nights=0, rng=rng()), "nights"),
        (lambda: judged_window([0], [0], [True, False], rng=rng()), "one length"),
        (lambda: wilson(3, 2), "between 0"),
        (lambda: wilson(1, 2, level=1), "level"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.real_data
def test_new_york(real_data):
    r = nyc.rows(real_data)
    weekday, minute = r.weekday[r.first], r.minute[r.first]
    h = hours(weekday, minute, rng=rng(), draws=50)
    assert (h.known, h.unknown) == (18_562, 0)
    assert h.best.start_minute in (21 * 60, 21 * 60 + 30, 22 * 60)
    later = r.date[r.first] >= np.datetime64("2020-01-01")
    judged = judged_window(weekday, minute, later, rng=rng(), draws=50)
    assert judged.later.known == 1_531
    assert abs(judged.later.share - judged.chosen.share) < 0.05
    block = window_share(weekday, minute, start_minute=21 * 60, end_minute=60)
    assert block.count <= h.best.count
    assert block.share > 1.8 * block.even_share
