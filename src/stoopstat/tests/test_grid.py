"""Grid: corners on whole multiples, land order, points just off land."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoopstat.grid import Grid, grid_over, land_from_events

metres = st.floats(-1e6, 1e6, allow_nan=False)


def ell() -> Grid:
    """Three land cells of 100 m in the shape of an L, water in the upper right."""
    return grid_over([0.0, 199.0], [0.0, 199.0], cell_m=100).with_land([[1, 1], [1, 0]])


def test_land_cells_are_numbered_row_by_row_from_the_lower_left():
    x, y = ell().corners()
    assert x.tolist() == [0.0, 100.0, 0.0]
    assert y.tolist() == [0.0, 0.0, 100.0]
    assert ell().centers()[0].tolist() == [50.0, 150.0, 50.0]
    assert ell().cells == 3
    assert ell().land_area_m2 == 30_000


def test_a_cell_owns_its_lower_and_left_border():
    grid = grid_over([0.0, 299.0], [0.0, 0.0], cell_m=100)
    assert grid.cell_of([0.0, 99.9, 100.0, 300.0, -0.1], [0.0] * 5).tolist() == [0, 0, 1, -1, -1]
    assert grid.cell_of([50.0], [100.0]).tolist() == [-1]


@pytest.mark.parametrize("cell_m", [0.7, 33.3, 100.3, 250.1])
def test_corners_lie_in_their_own_cells_whatever_the_rounding(cell_m):
    grid = grid_over([0.0, 300 * cell_m], [0.0, 0.0], cell_m=cell_m)
    assert np.array_equal(grid.cell_of(*grid.corners()), np.arange(grid.cells))


@given(st.lists(metres, min_size=1, max_size=20), st.floats(500, 5000))
def test_every_point_lies_in_the_cell_it_is_given(points, cell_m):
    x = np.array(points)
    # One far pair can span more cells than a grid may hold; a strip is enough here.
    grid = grid_over(x, np.zeros_like(x), cell_m=cell_m)
    cell = grid.cell_of(x, np.zeros_like(x))
    assert (cell >= 0).all()
    left = (grid.first_column + cell) * grid.cell_m
    assert (left <= x).all()
    assert (x < (grid.first_column + cell + 1) * grid.cell_m).all()


def test_moving_points_and_grid_by_whole_cells_changes_nothing():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 5_000, (2, 60))
    here, there = (
        grid_over(x + shift, y - shift, cell_m=250).counts(x + shift, y - shift)
        for shift in (0, 7_500)
    )
    assert np.array_equal(here, there)
    assert here.sum() == 60


def test_a_point_just_off_land_goes_to_the_nearest_land_cell():
    placed = ell().place([110.0, 190.0, 150.0, 500.0], [180.0, 120.0, 50.0, 500.0])
    assert placed.cell.tolist() == [2, 1, 1, -1]
    assert placed.moved.tolist() == [True, True, False, False]
    assert placed.off_land == 1
    assert ell().place([110.0], [180.0], within_m=0).cell.tolist() == [-1]
    assert ell().place([110.0], [180.0], within_m=9).cell.tolist() == [-1]
    assert ell().place([110.0], [180.0], within_m=10).cell.tolist() == [2]
    assert ell().counts([110.0, 50.0, 900.0], [180.0, 50.0, 0.0]).tolist() == [1, 0, 1]


def test_a_raster_puts_values_back_in_their_place():
    picture = ell().raster([1.0, 2.0, 3.0], fill=-1.0)
    assert picture.tolist() == [[1.0, 2.0], [3.0, -1.0]]


def test_land_can_be_asked_of_the_centers():
    grid = grid_over([0.0, 299.0], [0.0, 0.0], cell_m=100).with_land_where(lambda x, y: x > 100)
    assert grid.land.tolist() == [[False, True, True]]


def test_land_from_events_holds_every_event_and_its_surroundings():
    grid = land_from_events([50.0, 5_050.0], [50.0, 50.0], cell_m=100, within_m=150)
    assert grid.cell_of([50.0, 5_050.0], [50.0, 50.0]).min() >= 0
    # Centres within 150 m of one centre: the three by three block around it.
    assert grid.cells == 18
    assert land_from_events([1.0], [1.0], cell_m=100, within_m=0).cells == 1


def test_what_a_grid_refuses():
    with pytest.raises(ValueError, match="at least one point"):
        grid_over([], [], cell_m=100)
    with pytest.raises(ValueError, match="at least one point"):
        land_from_events([], [], cell_m=100)
    with pytest.raises(ValueError, match="positive"):
        grid_over([0.0], [0.0], cell_m=0)
    with pytest.raises(ValueError, match="25 million"):
        grid_over([0.0, 1e7], [0.0, 1e7], cell_m=100)
    with pytest.raises(ValueError, match="finite"):
        grid_over([np.nan], [0.0], cell_m=100)
    with pytest.raises(ValueError, match="one length"):
        ell().cell_of([0.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="at least one land"):
        ell().with_land([[0, 0], [0, 0]])
    with pytest.raises(ValueError, match="shape"):
        ell().with_land([[1, 1]])
    with pytest.raises(ValueError, match="within_m"):
        land_from_events([0.0], [0.0], cell_m=100, within_m=-1)
