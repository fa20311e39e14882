"""The watch zone read off a Knox test: slow twin, laws, adjusted p that keep their level."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoopstat.events import Events, events
from stoopstat.nearrepeat import Knox, knox
from stoopstat.reference import watchzone as plain
from stoopstat.watchzone import watch_zone

LEVEL = 0.3


def by_knox(e: Events, *, permutations: int = 19, seed: int = 1) -> Knox:
    return knox(
        e,
        distance_m=[150, 300, 600],
        window_days=[5, 15],
        permutations=permutations,
        rng=np.random.default_rng(seed),
    )


def city(seed: int, *, repeats: int = 0) -> Events:
    """80 events at random places and days, some of them followed nearby a few days later."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 3_000, (2, 80))
    t = rng.integers(0, 200, 80)
    # So that zones come in several sizes, every second one lies farther off, every third later.
    after = np.arange(repeats)
    far, late = 90 + 160 * (after % 2), 3 + 7 * (after % 3 == 0)
    return events(np.r_[x, x[:repeats] + far], np.r_[y, y[:repeats]], np.r_[t, t[:repeats] + late])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9_999), st.sampled_from([0, 12, 40]))
def test_p_and_zone_agree_with_the_twin(seed, repeats):
    result = by_knox(city(seed, repeats=repeats))
    found = watch_zone(result, level=LEVEL)
    null = result.null_counts.reshape(len(result.null_counts), -1).tolist()
    p = plain.step_down(result.bands.observed.ravel().tolist(), null)
    assert found.p_adjusted.ravel().tolist() == pytest.approx(p)
    surplus = (result.within.observed - result.within.expected).tolist()
    corner = plain.zone(found.p_adjusted.tolist(), surplus, LEVEL)
    assert found.raised == (corner is not None)
    i, j = corner or (0, 0)
    assert (found.about_radius_m, found.about_days) == (
        result.distance_m[i],
        result.window_days[j],
    )


def test_with_one_cell_p_is_that_of_the_knox_test():
    # Nothing to adjust for: (1 + permutations as high) / (1 + permutations).
    for seed in range(8):
        e = city(seed, repeats=seed)
        result = knox(e, distance_m=[200], window_days=[9], permutations=39,
                      rng=np.random.default_rng(seed))  # fmt: skip
        assert watch_zone(result).p_adjusted[0, 0] == pytest.approx(result.within.p[0, 0])


def test_moving_turning_and_reordering_change_nothing():
    e = city(3, repeats=40)
    here = watch_zone(by_knox(e), level=LEVEL)
    assert here.raised
    moved = by_knox(events(e.x_m + 9_000, e.y_m - 7_000, e.t_days + 400))
    assert np.array_equal(watch_zone(moved, level=LEVEL).p_adjusted, here.p_adjusted)
    # Turned or in another order, events get other permutations of the same null.
    order = np.random.default_rng(4).permutation(len(e))
    cities = (
        e,
        events(-e.y_m, e.x_m, e.t_days),
        events(e.x_m[order], e.y_m[order], e.t_days[order]),
    )
    found = [watch_zone(by_knox(c, permutations=1_999)) for c in cities]
    assert len({(z.raised, z.about_radius_m, z.about_days, z.ratio) for z in found}) == 1
    assert np.ptp([z.p_adjusted.min() for z in found]) < 0.01


def test_permutations_in_another_order_and_a_stricter_level():
    result = by_knox(city(5, repeats=40))
    loose = watch_zone(result, level=LEVEL)
    turned = watch_zone(replace(result, null_counts=result.null_counts[::-1].copy()), level=LEVEL)
    assert np.array_equal(turned.p_adjusted, loose.p_adjusted)
    strict = watch_zone(result, level=0.06)
    assert not (strict.cells & ~loose.cells).any()
    # Adjusting for six looks never makes a cell more certain than looking at it alone.
    assert (loose.p_adjusted >= result.bands.p - 1e-12).all()


def test_the_smallest_of_all_adjusted_p_keeps_its_level():
    # Under the null the chance that any cell is raised at level a is at most a, for every a.
    least = np.array([watch_zone(by_knox(city(s), seed=s)).p_adjusted.min() for s in range(300)])
    for level in (0.05, 0.1, 0.2, 0.5):
        share = (least <= level).mean()
        assert share <= level + 3 * np.sqrt(level * (1 - level) / 300)
    # It is no idle bound either: about half of all empty searches have a least p up to one half.
    assert (least <= 0.5).mean() > 0.35
