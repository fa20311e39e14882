"""Kernel density: mass kept on land, peers' values, slow twin, laws; and the bandwidth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from stoopstat.density import (
    _laid,
    _laid_by_nodes,
    _merge,
    choose_bandwidth,
    kernel_density,
)
from stoopstat.grid import Grid, grid_over
from stoopstat.reference import density as twin

places = st.lists(
    st.tuples(st.integers(-50, 650), st.integers(-50, 450), st.integers(0, 3)),
    min_size=1,
    max_size=8,
)


def shore() -> Grid:
    """Six by four cells of 100 m; the upper right quarter is water."""
    land = np.ones((4, 6), dtype=bool)
    land[2:, 3:] = False
    return grid_over([0.0, 599.0], [0.0, 399.0], cell_m=100).with_land(land)


def city(seed: int = 6, n: int = 300) -> tuple[np.ndarray, np.ndarray, Grid]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1_500, (2, n)).round()
    grid = grid_over([-6_000.0, 6_000.0], [-6_000.0, 6_000.0], cell_m=250)
    return x, y, grid.with_land_where(lambda a, b: a + b < 2_000)


@pytest.mark.parametrize("edge", ["land", "none"])
@pytest.mark.parametrize("at", ["cell", "center"])
@pytest.mark.parametrize("h", [150.0, 700.0, 4_000.0])
def test_wide_kernels_by_way_of_nodes_are_those_laid_straight(h, at, edge):
    x, y, grid = city()
    merged = _merge(x, y, np.ones(x.size))
    straight, far = _laid(*merged, grid, grid.land, h, edge, at)
    by_nodes, far_by_nodes = _laid_by_nodes(*merged, grid, grid.land, h, edge, at)
    assert np.abs(by_nodes - straight)[grid.land].max() < 1e-6 * straight.max()
    if edge == "none":
        assert np.abs(by_nodes - straight).max() < 1e-12 * straight.max()
    assert far == far_by_nodes


def test_one_event_at_a_center_has_the_gaussians_peak():
    grid = grid_over([0.0, 2_099.0], [0.0, 2_099.0], cell_m=100)
    found = kernel_density([1_050.0], [1_050.0], grid, bandwidth_m=100, edge="none", at="center")
    peak = grid.cell_of([1_050.0], [1_050.0])[0]
    assert found.value[peak] == pytest.approx(1 / (2 * np.pi * 100**2), rel=1e-12)
    beside = grid.cell_of([1_150.0], [1_050.0])[0]
    assert found.value[beside] / found.value[peak] == pytest.approx(np.exp(-0.5), rel=1e-12)


def test_values_at_centers_are_the_normal_density():
    x, y, grid = city()
    found = kernel_density(x, y, grid, bandwidth_m=400, edge="none", at="center")
    nodes = np.column_stack(grid.centers())
    normal = multivariate_normal(mean=[0, 0], cov=400**2)
    expected = sum(normal.pdf(nodes - point) for point in np.column_stack([x, y]))
    assert np.abs(found.value - expected).max() < 1e-12 * expected.max()


@settings(max_examples=40, deadline=None)
@given(
    places,
    st.sampled_from([20.0, 90.0, 400.0]),
    st.sampled_from(["land", "none"]),
    st.sampled_from(["cell", "center"]),
)
def test_it_agrees_with_every_event_to_every_cell(events, h, edge, at):
    x, y, weight = np.array(events, dtype=float).T
    found = kernel_density(x, y, shore(), bandwidth_m=h, weight=weight, edge=edge, at=at)
    slow = twin.kernel_density(events, shore(), h, edge=edge, at=at)
    # What the twin follows and we cut is below 6.1e-13 of a peak, over the least share on land.
    least = 1e-6 if edge == "land" else 1.0
    assert np.allclose(found.value, slow, rtol=1e-9, atol=6.1e-13 / least * weight.sum() / h**2)


@pytest.mark.parametrize("h", [30, 300, 3_000])
@pytest.mark.parametrize("at", ["cell", "center"])
def test_land_keeps_the_whole_weight(h, at):
    x, y, grid = city()
    weight = np.random.default_rng(1).random(x.size)
    ashore = grid.cell_of(x, y) >= 0
    found = kernel_density(x[ashore], y[ashore], grid, bandwidth_m=h, weight=weight[ashore], at=at)
    assert found.left_out == 0
    assert found.mass == pytest.approx(weight[ashore].sum(), rel=1e-12)


def test_weight_far_from_land_is_left_out_and_said():
    found = kernel_density([50.0, 90_000.0], [50.0, 50.0], shore(), bandwidth_m=50)
    assert found.left_out == 1
    assert found.mass == pytest.approx(1)
    near_water = kernel_density([550.0, 550.0], [350.0, 3_900.0], shore(), bandwidth_m=100)
    assert near_water.left_out == 1
    assert near_water.mass == pytest.approx(1)


def test_without_edge_correction_water_takes_its_part():
    # An event on a straight border gives half of itself away.
    grid = grid_over([0.0, 3_999.0], [0.0, 3_999.0], cell_m=100)
    half = grid.with_land_where(lambda x, y: x < 2_000)
    found = kernel_density([2_000.0], [2_000.0], half, bandwidth_m=150, edge="none")
    assert found.mass == pytest.approx(0.5, abs=1e-9)


def test_moving_by_whole_cells_and_reordering_change_nothing():
    x, y, grid = city()
    here = kernel_density(x, y, grid, bandwidth_m=200)
    there = Grid(250.0, grid.first_column + 400, grid.first_row - 80, grid.land)
    moved = kernel_density(x + 100_000, y - 20_000, there, bandwidth_m=200)
    order = np.random.default_rng(2).permutation(x.size)
    shuffled = kernel_density(x[order], y[order], grid, bandwidth_m=200)
    assert np.allclose(here.value, moved.value, rtol=1e-9, atol=1e-20)
    assert np.allclose(here.value, shuffled.value, rtol=1e-12, atol=1e-20)


def test_turning_and_doubling():
    x, y, grid = city()
    everywhere = grid.with_land(np.ones(grid.land.shape, dtype=bool))
    here = kernel_density(x, y, everywhere, bandwidth_m=200)
    twice = kernel_density(np.tile(x, 2), np.tile(y, 2), everywhere, bandwidth_m=200)
    by_weight = kernel_density(x, y, everywhere, bandwidth_m=200, weight=np.full(x.size, 2.0))
    assert np.allclose(twice.value, 2 * here.value)
    assert np.allclose(by_weight.value, 2 * here.value)
    # The grid runs from -6000 to 6250, so a mirror at 125 maps it on itself.
    mirrored = kernel_density(250 - x, y, everywhere, bandwidth_m=200)
    picture, mirror = everywhere.raster(here.value), everywhere.raster(mirrored.value)
    assert np.allclose(picture[:, ::-1], mirror, rtol=1e-6, atol=1e-18)


def test_no_events_are_no_density():
    found = kernel_density([], [], shore(), bandwidth_m=100)
    assert (found.value == 0).all()
    assert (found.mass, found.left_out) == (0.0, 0.0)


def test_the_bandwidths_likelihood_is_that_of_the_slow_twin():
    rng = np.random.default_rng(3)
    spots = rng.normal(0, 300, (25, 2)).round(-1)
    repeated = np.concatenate([spots, spots[:8]])
    found = choose_bandwidth(*repeated.T, candidates_m=[30, 90, 270])
    slow = [twin.log_likelihood([tuple(p) for p in repeated], h) for h in (30, 90, 270)]
    assert found.log_likelihood.tolist() == pytest.approx(slow, rel=1e-10)
    assert found.bandwidth_m == [30, 90, 270][int(np.argmax(slow))]


def test_a_known_scale_is_recovered_and_repeats_do_not_pull_it_down():
    # Clumps of deviation 100: the best bandwidth is of that order, whatever the repeats.
    rng = np.random.default_rng(4)
    centers = rng.uniform(0, 20_000, (12, 2))
    spots = (centers[rng.integers(0, 12, 400)] + rng.normal(0, 100, (400, 2))).round(-1)
    candidates = [5, 15, 50, 150, 500]
    once = choose_bandwidth(*spots.T, candidates_m=candidates)
    repeated = choose_bandwidth(*np.tile(spots, (3, 1)).T, candidates_m=candidates)
    assert once.bandwidth_m == repeated.bandwidth_m == 50


def test_a_lonely_event_does_not_break_the_choice():
    found = choose_bandwidth([0.0, 10.0, 1e6], [0.0] * 3, candidates_m=[10.0, 1_000.0])
    assert np.isfinite(found.log_likelihood).all()


def test_what_density_refuses():
    with pytest.raises(ValueError, match="bandwidth_m"):
        kernel_density([0.0], [0.0], shore(), bandwidth_m=0)
    with pytest.raises(ValueError, match="edge is"):
        kernel_density([0.0], [0.0], shore(), bandwidth_m=1, edge="sea")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one length"):
        kernel_density([0.0], [0.0, 1.0], shore(), bandwidth_m=1)
    with pytest.raises(ValueError, match="finite coordinates"):
        kernel_density([np.inf], [0.0], shore(), bandwidth_m=1)
    with pytest.raises(ValueError, match="weights"):
        kernel_density([0.0], [0.0], shore(), bandwidth_m=1, weight=[-1.0])
    with pytest.raises(ValueError, match="two locations"):
        choose_bandwidth([1.0, 1.0], [1.0, 1.0], candidates_m=[5.0])
    with pytest.raises(ValueError, match="candidates_m"):
        choose_bandwidth([1.0, 2.0], [1.0, 1.0], candidates_m=[0.0])
