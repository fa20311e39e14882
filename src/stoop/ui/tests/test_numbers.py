import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoop.ui.charts import (
    format_compact,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
)
from stoop.ui.charts.numbers import Scale, is_missing, nice_step, nice_ticks, present

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (-0.2, 0, "0"),
        (1234567, 0, "1,234,567"),
        (1234.56, 1, "1,234.6"),
        (-12.3, 1, "−12.3"),
        (None, 0, "no data"),
        (NAN, 0, "no data"),
        (math.inf, 0, "no data"),
    ],
)
def test_format_number(value, decimals, text):
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (9999, "9,999"),
        (12500, "12.5k"),
        (10000, "10k"),
        (3e6, "3M"),
        (2.5e9, "2.5B"),
        (-2e12, "−2T"),
        (0.25, "0.25"),
        (None, "no data"),
    ],
)
def test_format_compact(value, text):
    assert format_compact(value) == text


def test_interval_has_an_en_dash_but_never_beside_a_minus():
    assert format_interval(1200, 1600) == "1,200–1,600"
    assert format_interval(-3, 5) == "−3 to 5"
    assert format_interval(0.37, 0.43, 1, percent=True) == "37.0–43.0%"
    assert format_interval(-0.1, 0.2, percent=True) == "−10% to 20%"
    assert format_interval(None, 3) == "no interval"


def test_estimate_keeps_its_interval_in_the_same_text():
    assert format_estimate(12.34, 10.1, 14.8, 1) == "12.3 (10.1–14.8)"
    assert format_estimate(12, None, 14) == "12"
    assert format_estimate(None, 1, 2) == "no data"
    assert format_percent(0.4995, 1) == "50.0%"


def test_missing_is_not_zero():
    assert is_missing(None)
    assert is_missing(NAN)
    assert not is_missing(0)
    assert present([0, None, NAN, 2]) == [0.0, 2.0]


@given(
    low=st.floats(-1e9, 1e9),
    span=st.floats(1e-3, 1e9),
    count=st.integers(2, 8),
    whole=st.booleans(),
)
def test_ticks_ascend_and_cover(low, span, count, whole):
    high = low + span
    ticks = nice_ticks(high, low, count=count, whole=whole)
    steps = {round(b - a, 9) for a, b in pairwise(ticks)}
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert ticks == sorted(set(ticks))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 2 * count + 3
    assert len(steps) == 1 or max(steps) - min(steps) <= slack
    if whole:
        assert all(t == round(t) for t in ticks)


def test_ticks_of_nothing_and_of_one_value():
    assert nice_ticks(0, 0) == [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
    assert nice_ticks(7, 7)[0] <= 7 <= nice_ticks(7, 7)[-1]
    assert nice_step(math.inf, 5) == 1.0


@pytest.mark.parametrize(("span", "step"), [(1, 0.2), (10, 2), (2055, 500), (0.43, 0.1), (12, 2.5)])
def test_steps_are_round(span, step):
    assert nice_step(span, 5) == pytest.approx(step)


@given(a=st.floats(-1e6, 1e6), b=st.floats(-1e6, 1e6))
def test_scale_is_monotone(a, b):
    up, down = Scale(-1e6, 1e6, 0, 300), Scale(-1e6, 1e6, 300, 0)
    if a <= b:
        assert up(a) <= up(b)
        assert down(a) >= down(b)
    assert Scale(3, 3, 0, 10)(3) == 5
