"""The bench of recovery, small: the expected counts are those of the generator, the planted effect
comes back from them exactly, and a few draws of one city are covered."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from bench.recovery import asking, city
from bench.recovery.city import City

from stoop.evaluation.studies.told import laid_out
from stoop.sample.models import ProgramTruth
from stoopstat.impact.callaway import aggregate, group_time
from stoopstat.impact.fewclusters import few_clusters
from stoopstat.impact.imputation import impute
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms

DRAWS = 20


@pytest.fixture(scope="module")
def demo() -> City:
    return city.make_city(1)


@pytest.fixture(scope="module")
def drawn(demo: City) -> np.ndarray:
    calm = city.working(city.steady(demo))
    return np.array([city.drawn(calm, seed) for seed in range(DRAWS)])


def test_expected_counts_are_those_of_the_draws(demo: City, drawn: np.ndarray) -> None:
    mean = city.expected(city.working(city.steady(demo)))
    # A shooting brings at most one more, so counts vary little more than Poisson counts.
    by_unit = (drawn.sum(axis=2).mean(axis=0) - mean.sum(axis=1)) / np.sqrt(
        1.15 * np.maximum(mean.sum(axis=1), 1) / DRAWS
    )
    by_month = (drawn.sum(axis=1).mean(axis=0) - mean.sum(axis=0)) / np.sqrt(
        1.15 * mean.sum(axis=0) / DRAWS
    )
    for off in (by_unit, by_month):
        assert np.abs(off).max() < 4
        assert np.sqrt((off**2).mean()) < 1.3


def test_the_planted_effect_comes_back_exactly_from_what_is_expected(demo: City) -> None:
    """With starts on the first day of a quarter, without repeats over the border and without the
    planted cluster, counts are a product of unit, quarter and effect: nothing else is left."""
    calm = city.steady(demo)
    units = tuple(code for code in calm.units if code != calm.plan.cluster.area)
    programs = tuple(
        ProgramTruth(each.area, each.program, each.start.replace(month=1), None, city.FALL)
        for each in calm.plan.programs
        if each.start and each.area in units
    )
    whole = replace(calm, units=units, plan=replace(calm.plan, programs=programs))
    panel = laid_out(city.panel(whole, city.expected(whole, repeats=0.0)))
    fit = poisson(panel.outcome, terms(panel))
    assert fit.coef[0] == pytest.approx(log(1 + city.FALL), abs=1e-7)
    assert impute(panel).overall.estimate == pytest.approx(log(1 + city.FALL), abs=1e-7)


def test_the_truth_of_the_demo_is_smaller_than_the_largest_effect(demo: City) -> None:
    done = asking.change(demo, city.expected(demo))
    assert log(1 + city.FALL) < done < -0.1
    assert asking.change(city.working(demo), city.expected(city.working(demo))) == 0


def test_few_draws_are_covered_without_bias(demo: City, drawn: np.ndarray) -> None:
    calm = city.working(city.steady(demo))
    ought = laid_out(city.panel(calm, city.expected(calm)))
    truth = float(poisson(ought.outcome, terms(ought)).coef[0])
    level_truth = aggregate(group_time(ought)).overall.estimate
    off, level_off, covered = [], [], 0
    for table in drawn:
        panel = laid_out(city.panel(calm, table))
        fit = poisson(panel.outcome, terms(panel))
        found = few_clusters(fit, panel.outcome, terms(panel), term="on")
        off.append(found.estimate - truth)
        covered += found.low <= truth <= found.high
        level_off.append(aggregate(group_time(panel)).overall.estimate - level_truth)
    for each in (np.array(off), np.array(level_off)):
        assert abs(each.mean()) < 3.5 * each.std(ddof=1) / np.sqrt(DRAWS)
    assert covered >= 16


def test_displaced_neighbours_rise_from_the_first_start_beside_them(demo: City) -> None:
    moved = [each for each in city.displaced(demo).plan.programs if each.program == city.DISPLACED]
    assert moved
    near, own = city.adjacent(demo), {each.area: each for each in demo.plan.programs}
    for each in moved:
        row = demo.units.index(each.area)
        beside = [code for k, code in enumerate(demo.units) if near[row, k] and code in own]
        assert each.start == min(own[code].start for code in beside if own[code].start)
