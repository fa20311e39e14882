"""The kernels' random numbers: the published sequence, and no favourites."""

from collections import Counter

import numpy as np

from stoopstat.kernels.random import bounded, mixed, shuffle
from stoopstat.reference.random import words

STEP = 0x9E3779B97F4A7C15


def test_published_sequence():
    # The test vector that goes round with SplitMix64 implementations, seed 1234567.
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert words(1234567, 3) == known
    state = 1234567
    for word in known:
        state = (state + STEP) % 2**64
        assert int(mixed(np.uint64(state))) == word


def test_bounded_takes_the_high_half():
    for seed, word in ((7, words(7, 1)[0]), (2**64 - 1, words(2**64 - 1, 1)[0])):
        _, value = bounded(np.uint64(seed), 1000)
        assert value == ((word >> 32) * 1000) >> 32


def test_bounded_draws_unfair_numbers_again():
    # With this size nearly half of all draws fall in the unfair part; all must land inside.
    size = 2**31 + 1
    state, drawn = np.uint64(3), []
    for _ in range(4000):
        state, value = bounded(np.uint64(state), size)
        drawn.append(value)
    assert min(drawn) >= 0
    assert max(drawn) < size
    assert abs(np.mean(drawn) / size - 0.5) < 0.02


def test_shuffle_favours_no_order():
    orders = Counter()
    for seed in np.random.default_rng(5).integers(0, 2**64, size=6000, dtype=np.uint64):
        values = np.arange(3)
        shuffle(seed, values, 0, 3, 3)
        orders[tuple(values.tolist())] += 1
    assert len(orders) == 6
    assert sum((n - 1000) ** 2 / 1000 for n in orders.values()) < 20.5  # chi-square, 5 df, p .001


def test_sample_fills_only_its_places():
    firsts = Counter()
    for seed in np.random.default_rng(6).integers(0, 2**64, size=6000, dtype=np.uint64):
        values = np.arange(10)
        shuffle(seed, values, 2, 6, 1)
        assert sorted(values[2:6].tolist()) == [2, 3, 4, 5]
        assert values[:2].tolist() == [0, 1]
        assert values[6:].tolist() == [6, 7, 8, 9]
        firsts[int(values[2])] += 1
    assert sum((n - 1500) ** 2 / 1500 for n in firsts.values()) < 16.3  # 3 df, p .001
