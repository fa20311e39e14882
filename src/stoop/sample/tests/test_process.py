"""Planted shares come back from the drawn shootings by simple means."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import pytest
from scipy import stats

from stoop.sample.actions.draws import Draws
from stoop.sample.actions.land import Land, make_land
from stoop.sample.actions.plan import HOT_SHARE, REPEAT_SHARE, YEARS, Plan, make_plan
from stoop.sample.actions.process import (
    HOT,
    NIGHT_CLOCK,
    REPEAT,
    Shootings,
    month_weights,
    night_share,
    simulate,
)
from stoop.sample.actions.programs import planted
from stoop.sample.actions.streets import Streets, make_streets, near
from stoop.sample.models import SPLIT_DAY


@dataclass(frozen=True)
class World:
    land: Land
    streets: Streets
    plan: Plan
    many: tuple[Shootings, ...]
    """Several draws from one plan, so that shares can be seen through the noise."""


@pytest.fixture(scope="module")
def world() -> World:
    land = make_land(1)
    streets = make_streets(land, 1)
    plan = make_plan(land, streets, 1)
    many = tuple(simulate(land, streets, plan, 100 + k) for k in range(6))
    return World(land, streets, plan, many)


def test_draws_are_uniform_and_poisson() -> None:
    draws = Draws(5, "test")
    assert stats.kstest(draws.uniform(4000), "uniform").pvalue > 0.01
    counts = np.asarray([draws.poisson(47.0) for _ in range(2000)])
    assert abs(counts.mean() - 47) < 0.6
    assert 0.9 < counts.var() / 47 < 1.1
    assert Counter(draws.below(3, 9000).tolist()).keys() == {0, 1, 2}
    assert sorted(draws.order(50).tolist()) == list(range(50))
    picked = Counter(draws.pick(np.asarray([1.0, 0.0, 3.0]), 4000).tolist())
    assert picked[1] == 0
    assert abs(picked[2] / 4000 - 0.75) < 0.03


def test_streams_of_one_seed_differ() -> None:
    assert Draws(1, "a").one() == Draws(1, "a").one()
    assert Draws(1, "a").one() != Draws(1, "b").one() != Draws(2, "b").one()


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 11])
def test_any_seed_makes_a_whole_city(seed: int) -> None:
    land = make_land(seed)
    assert len(land.polygons) == 90
    assert len(set(land.area_before)) == 24
    assert all(p.is_valid for p in land.polygons)
    whole = [p.geom_type == "Polygon" for p in land.areas(after=True).values()]
    assert whole.count(False) <= 1  # the district with the island
    assert len(set(land.code_after)) == 90
    streets = make_streets(land, seed)
    plan = make_plan(land, streets, seed)
    assert plan.background.sum() + sum(p.share for p in plan.hot_places) == pytest.approx(
        1, abs=1e-4
    )
    assert plan.background.min() >= 0


def test_areas_hold_their_planted_share(world: World) -> None:
    expected: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    area = np.asarray(world.land.area_before)[world.streets.sector]
    for year in YEARS:
        for month in range(1, 13):
            weights, _ = month_weights(world.land, world.streets, world.plan, date(year, month, 1))
            for code, part in zip(area.tolist(), weights.tolist(), strict=True):
                expected[code] += part * YEARS[year]
    for shootings in world.many:
        seen.update(area[shootings.address].tolist())
    total, drawn = sum(expected.values()), sum(seen.values())
    for code in world.plan.ranked[:10]:
        assert seen[code] / drawn == pytest.approx(expected[code] / total, rel=0.12)
    assert seen[world.land.park] < 10
    top = sum(world.plan.share[code] for code in world.plan.ranked[:5])
    assert 0.45 < top < 0.58


def test_hot_places_hold_their_share_and_drift(world: World) -> None:
    hot = [s.kind.count(HOT) for s in world.many]
    own = [s.kind.count(HOT) + s.kind.count("background") for s in world.many]
    assert sum(hot) / sum(own) == pytest.approx(HOT_SHARE, abs=0.03)
    ratios = []
    for first in (0.4, 1.0, 1.6):
        own = [p for p in world.plan.hot_places if p.first == first]
        there = {a for p in own for a in near(world.streets, p.x_m, p.y_m, 80.0).tolist()}
        early = [when < _half_way() for when in hot_moments(world, there)]
        ratios.append((len(early) - sum(early)) / sum(early))
    rising, steady, fading = ratios
    assert rising > 1.3 * steady > 1.3**2 * fading


def hot_moments(world: World, addresses: set[int]) -> list[datetime]:
    return [
        when
        for s in world.many
        for a, when, kind in zip(s.address.tolist(), s.when, s.kind, strict=True)
        if kind == HOT and a in addresses
    ]


def _half_way() -> datetime:
    return datetime.combine(SPLIT_DAY, time())


def test_night_season_and_years_come_back(world: World) -> None:
    afternoon = (
        np.asarray(world.land.area_before)[world.streets.sector] == world.plan.afternoon_area
    )
    when = [
        w
        for s in world.many
        for a, w in zip(s.address.tolist(), s.when, strict=True)
        if not afternoon[a]
    ]
    night = sum(w.hour >= 21 or w.hour < 2 for w in when) / len(when)
    assert night == pytest.approx(night_share(NIGHT_CLOCK), abs=0.015)
    months = Counter(w.month for w in when)
    assert months[7] / 31 > 1.5 * months[1] / 31
    years = Counter(w.year for w in when)
    assert max(years, key=years.__getitem__) == 2021
    weekdays = Counter(w.weekday() for w in when)
    assert min(weekdays[5], weekdays[6]) > max(weekdays[k] for k in range(4))


def test_the_skipped_hour_of_summer_time_holds_nothing(world: World) -> None:
    for shootings in world.many:
        for w in shootings.when:
            assert not (w.month == 3 and w.weekday() == 6 and 8 <= w.day <= 14 and w.hour == 2)


def test_repeats_follow_near_and_soon(world: World) -> None:
    planted_repeats = 0
    for s in world.many:
        child = np.flatnonzero(s.parent >= 0)
        parent = s.parent[child]
        x, y = world.streets.x_m[s.address], world.streets.y_m[s.address]
        gap = np.hypot(x[child] - x[parent], y[child] - y[parent])
        days = [
            (s.when[c] - s.when[p]).total_seconds() / 86400
            for c, p in zip(child, parent, strict=True)
        ]
        assert gap.max() <= 150.0
        assert min(days) > 0
        assert max(days) < 14
        assert all(s.kind[c] == REPEAT for c in child)
        planted_repeats += len(child)
    total = sum(len(s.when) for s in world.many)
    assert planted_repeats / total == pytest.approx(REPEAT_SHARE / (1 + REPEAT_SHARE), abs=0.006)


def test_programs_change_their_area_by_the_planted_effect(world: World) -> None:
    program = planted(world.plan.ranked)[0]
    assert program.start is not None
    area = np.asarray(world.land.area_before)[world.streets.sector]
    before = date(program.start.year, program.start.month - 1, 1)
    old, _ = month_weights(world.land, world.streets, world.plan, before)
    new, _ = month_weights(world.land, world.streets, world.plan, program.start)
    ratio = new[area == program.area].sum() / old[area == program.area].sum()
    assert ratio == pytest.approx(1 + program.effect, abs=0.01)


def test_the_cluster_is_small_new_and_in_a_quiet_place(world: World) -> None:
    cluster = world.plan.cluster
    for s in world.many:
        own = [k for k, kind in enumerate(s.kind) if kind == "cluster"]
        assert len(own) == cluster.incidents
        x, y = world.streets.x_m[s.address[own]], world.streets.y_m[s.address[own]]
        assert np.hypot(x - cluster.x_m, y - cluster.y_m).max() <= cluster.radius_m
        assert all(s.when[k].date() >= cluster.first_day for k in own)
    assert (
        min(np.hypot(cluster.x_m - p.x_m, cluster.y_m - p.y_m) for p in world.plan.hot_places) > 900
    )
