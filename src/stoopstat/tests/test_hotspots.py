"""Gi*: exact chances, known answers, slow twin, laws, and false discoveries."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from stoopstat.grid import Grid, grid_over
from stoopstat.hotspots import adjusted, gi_star, joined
from stoopstat.reference import hotspots as twin


def block(rows: int, columns: int, cell_m: float = 100.0) -> Grid:
    return grid_over([0.0, columns * cell_m - 1], [0.0, rows * cell_m - 1], cell_m=cell_m)


def test_with_zeros_and_ones_p_is_the_hypergeometric_tail():
    rng = np.random.default_rng(5)
    grid = block(20, 20)
    x = (rng.random(400) < 0.1).astype(int)
    found = gi_star(x, grid, radius_m=200)
    above = hypergeom.sf(found.total - 1, 400, x.sum(), found.neighbours)
    below = hypergeom.cdf(found.total, 400, x.sum(), found.neighbours)
    assert np.allclose(found.p, above, rtol=1e-9, atol=0)
    assert np.allclose(found.p_cold, below, rtol=1e-9, atol=0)


def test_one_full_cell_is_found_with_chance_k_over_n():
    # One cell holds everything: a neighbourhood of k of n cells has it with chance k / n.
    found = gi_star([0, 0, 9, 0, 0, 0], block(1, 6), radius_m=100)
    assert found.neighbours.tolist() == [2, 3, 3, 3, 3, 2]
    assert found.total.tolist() == [0, 9, 9, 9, 0, 0]
    assert found.p.tolist() == pytest.approx([1, 1 / 2, 1 / 2, 1 / 2, 1, 1])
    assert found.p_cold.tolist() == pytest.approx([2 / 3, 1, 1, 1, 1 / 2, 2 / 3])
    # z of Ord and Getis by hand: mean 3/2, s^2 = 81/6 - 9/4, k = 3, n = 6.
    by_hand = (9 - 3 * 1.5) / np.sqrt((81 / 6 - 9 / 4) * (6 * 3 - 9) / 5)
    assert found.z[2] == pytest.approx(by_hand)


def test_a_tail_far_below_any_simulation_is_exact():
    x = np.zeros(900, dtype=int)
    grid = block(30, 30)
    # Nine ones side by side: 1 in C(900, 9), about 4e-21.
    x[(np.arange(3)[:, None] * 30 + np.arange(3)).ravel()] = 1
    found = gi_star(x, grid, radius_m=142)
    assert found.neighbours[31] == 9
    assert found.p[31] == pytest.approx(1 / comb(900, 9), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=12, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12).filter(any),
    st.sampled_from([0, 100, 150, 200, 500]),
)
def test_it_agrees_with_listing_every_draw(counts, land, radius_m):
    grid = block(3, 4).with_land(np.reshape(land, (3, 4)))
    x = [c for c, on in zip(counts, land, strict=True) if on]
    found = gi_star(x, grid, radius_m=radius_m)
    for i, near in enumerate(twin.neighbours(grid, radius_m)):
        total = sum(x[j] for j in near)
        above, below = twin.tails(x, len(near), total)
        assert (found.neighbours[i], found.total[i]) == (len(near), total)
        assert found.p[i] == pytest.approx(above, rel=1e-12)
        assert found.p_cold[i] == pytest.approx(below, rel=1e-12)
        assert found.z[i] == pytest.approx(twin.z(x, len(near), total), abs=1e-9)
    assert found.q.tolist() == pytest.approx(twin.adjusted(found.p.tolist(), 1.0))


def test_it_agrees_with_whole_number_polynomials_on_a_larger_map():
    rng = np.random.default_rng(11)
    x = rng.negative_binomial(0.4, 0.2, 100)
    found = gi_star(x, block(10, 10), radius_m=200)
    for i in (0, 15, int(found.total.argmax())):
        exact = twin.upper_tail_by_polynomial(
            x.tolist(), int(found.neighbours[i]), int(found.total[i])
        )
        assert found.p[i] == pytest.approx(exact, rel=1e-10)


def test_very_different_neighbourhood_sizes_do_not_underflow():
    # A long pier (few neighbours) beside a broad city (over a thousand).
    land = np.zeros((40, 120), dtype=bool)
    land[:, :40] = True
    land[20, :] = True
    grid = block(40, 120).with_land(land)
    x = np.zeros(grid.cells, dtype=int)
    x[::7] = 1
    found = gi_star(x, grid, radius_m=2_000)
    assert found.neighbours.max() > 1_000
    assert found.neighbours.min() == 21
    exact = hypergeom.sf(found.total - 1, grid.cells, x.sum(), found.neighbours)
    assert np.allclose(found.p, exact, rtol=1e-8, atol=0)


def test_a_radius_of_three_cells_reaches_three_cells_whatever_the_rounding():
    row = grid_over([0.0, 0.65], [0.0, 0.0], cell_m=0.1)
    assert 0.3 / 0.1 < 3
    assert gi_star([0, 1, 0, 0, 0, 0, 0], row, radius_m=0.3).neighbours[3] == 7


def test_moving_the_grid_or_turning_the_map_changes_nothing():
    rng = np.random.default_rng(2)
    x = rng.poisson(0.5, (6, 9))
    here = gi_star(x.ravel(), block(6, 9), radius_m=150)
    away = grid_over([90_000.0, 90_899.0], [-5_000.0, -4_401.0], cell_m=100)
    moved = gi_star(x.ravel(), away, radius_m=150)
    turned = gi_star(np.rot90(x).ravel(), block(9, 6), radius_m=150)
    assert np.array_equal(here.p, moved.p)
    assert np.allclose(here.z, moved.z)
    assert np.allclose(np.rot90(here.p.reshape(6, 9)).ravel(), turned.p, rtol=1e-12)


def test_doubling_every_count_changes_neither_z_nor_p():
    x = np.random.default_rng(4).poisson(0.7, 48)
    once = gi_star(x, block(6, 8), radius_m=100)
    twice = gi_star(2 * x, block(6, 8), radius_m=100)
    assert np.allclose(once.z, twice.z)
    assert np.allclose(once.p, twice.p)


def test_p_keeps_its_level_when_counts_are_dealt_at_random():
    rng = np.random.default_rng(8)
    x = np.sort(rng.negative_binomial(0.3, 0.1, 144))
    p, middle = [], []
    for _ in range(400):
        # One cell of each map: the cells of one map depend on each other.
        found = gi_star(rng.permutation(x), block(12, 12), radius_m=150)
        p.append(found.p[66])
        middle.append((found.p[66] + 1 - found.p_cold[66]) / 2)
    for level in (0.01, 0.05, 0.2, 0.5):
        share = np.mean(np.array(p) <= level)
        assert abs(share - level) < 3.5 * np.sqrt(level / 400)
    # Halving the chance of the observed sum makes the mean exactly one half.
    assert np.mean(middle) == pytest.approx(0.5, abs=3.5 * np.sqrt(1 / 12 / 400))


def test_false_discoveries_are_rare_when_there_is_nothing():
    rng = np.random.default_rng(9)
    alarms = sum(
        gi_star(rng.poisson(0.2, 400), block(20, 20), radius_m=150).significant.any()
        for _ in range(100)
    )
    # At most 5 in 100 maps are expected to hold a false alarm; 12 would be 3 deviations off.
    assert alarms <= 12


def test_a_planted_hot_place_is_found_and_the_stricter_control_flags_no_more():
    rng = np.random.default_rng(1)
    x = rng.poisson(0.3, (20, 20))
    x[8:11, 8:11] += 3
    loose = gi_star(x.ravel(), block(20, 20), radius_m=150)
    strict = gi_star(x.ravel(), block(20, 20), radius_m=150, control="by")
    assert loose.significant.reshape(20, 20)[9, 9]
    assert not loose.significant.reshape(20, 20)[:5].any()
    assert (strict.q >= loose.q).all()
    assert not (strict.significant & ~loose.significant).any()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_agree_with_scipy(p):
    assert np.allclose(adjusted(p), false_discovery_control(p))
    assert np.allclose(adjusted(p, control="by"), false_discovery_control(p, method="by"))


def test_cells_that_touch_at_a_corner_are_one_area_and_the_largest_comes_first():
    picture = np.array([[1, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1]], dtype=bool)
    assert joined(picture.ravel(), block(4, 4)).reshape(4, 4).tolist() == [
        [2, 0, 0, 1],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
        [3, 0, 0, 4],
    ]
    assert joined(np.zeros(16), block(4, 4)).tolist() == [0] * 16
    with pytest.raises(ValueError, match="one value per land cell"):
        joined([True], block(4, 4))


def test_counts_that_do_not_vary_are_nowhere_hot():
    for x in (np.zeros(12, dtype=int), np.full(12, 4)):
        found = gi_star(x, block(3, 4), radius_m=100)
        assert (found.z == 0).all()
        assert (found.p == 1).all()
        assert not found.significant.any()


def test_a_single_land_cell_is_its_own_city():
    found = gi_star([7], block(1, 1), radius_m=500)
    assert (found.z.tolist(), found.p.tolist(), found.p_cold.tolist()) == ([0.0], [1.0], [1.0])


def test_what_gi_star_refuses():
    grid = block(2, 2)
    for counts in ([1, 2, 3], [1, 2, 3, -1], [1, 2, 3, 0.5]):
        with pytest.raises(ValueError, match="counts must"):
            gi_star(counts, grid, radius_m=100)
    with pytest.raises(ValueError, match="no land"):
        gi_star([], Grid(100.0, 0, 0, np.zeros((2, 2), dtype=bool)), radius_m=100)
    with pytest.raises(ValueError, match="radius_m"):
        gi_star([1, 2, 3, 4], grid, radius_m=-1)
    with pytest.raises(ValueError, match="false_discovery"):
        gi_star([1, 2, 3, 4], grid, radius_m=1, false_discovery=1)
