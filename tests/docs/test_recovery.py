"""The page of recovery: rates carry their own error, and it is made of the numbers beside it."""

import json

import numpy as np
import pytest
from bench.recovery import page
from bench.recovery.asking import Asked, Found
from bench.recovery.rates import Rate, checks, numbers, summary, verdicts


def test_a_rate_has_wilsons_interval() -> None:
    low, high = Rate(190, 200).interval
    # E. Wilson, JASA 22 (1927) 209-212.
    assert (low, high) == (pytest.approx(0.9104, abs=1e-4), pytest.approx(0.9726, abs=1e-4))
    assert Rate(190, 200).holds(0.95)
    assert not Rate(170, 200).holds(0.95)


def test_a_summary_counts_what_covers_and_what_is_found() -> None:
    found = [
        Found(estimate=b, se=0.1, reach=2.0, p=p, truth=-0.3, done=-0.6)
        for b, p in ((-0.4, 0.01), (-0.2, 0.2), (-0.6, 0.001), (-0.3, 0.01))
    ]
    told = summary(found, draws=5)
    assert told is not None
    assert (told.with_number, told.draws) == (4, 5)
    assert told.bias == pytest.approx(-0.075)
    assert told.sd == pytest.approx(np.std([-0.1, 0.1, -0.3, 0.0], ddof=1))
    assert (told.covers.hits, told.finds.hits) == (3, 3)
    assert told.covers_done is not None
    assert told.covers_done.hits == 2
    assert summary(found[:1], draws=5) is None


def test_draws_without_a_number_are_counted_as_such() -> None:
    one = Found(0.1, 0.1, 2.0, 0.3, 0.0, float("nan"))
    draws = [
        Asked({"a": one}, {"t": 0.01}, "open"),
        Asked({"a": one}, {"t": 0.5}, "fell"),
        Asked({}, {}, "open"),
    ]
    assert (numbers(draws)["a"].with_number, numbers(draws)["a"].draws) == (2, 3)
    assert numbers(draws)["a"].covers_done is None
    assert checks(draws)["t"] == Rate(1, 2)
    assert verdicts(draws)["open"] == Rate(2, 3)


def test_the_page_is_that_of_its_numbers() -> None:
    kept = json.loads(page.PAGE.with_suffix(".json").read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.page(kept)
