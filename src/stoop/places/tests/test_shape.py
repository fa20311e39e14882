"""Projections, land and outlines."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from stoop.kernel.errors import Refusal
from stoop.places.queries import (
    bounds,
    land_mask,
    metric_crs,
    outline,
    project,
    project_polygons,
    unproject,
)
from stoop.places.readers import read_areas
from stoop.places.tests.factories import areas, split_city

FOOT_M = 1200 / 3937  # the US survey foot


def test_a_system_in_feet_gives_metres():
    """The origin of EPSG:2263 lies at 74 W, 40 10 N with a false easting of 984,250 feet.

    Source: EPSG Geodetic Parameter Dataset, New York Long Island.
    """
    x, y = project([-74.0], [40 + 1 / 6], "EPSG:2263")
    assert_allclose([x[0], y[0]], [984_250 * FOOT_M, 0], atol=1e-3)


def test_utm_of_the_central_meridian():
    """500 km east, and a degree of latitude at the equator scaled by 0.9996 (110,574 m)."""
    x, y = project([-75.0, -75.0], [0.0, 1.0], "EPSG:32618")
    assert_allclose(x, 500_000, atol=1e-6)
    assert_allclose(y, [0, 110_574.389 * 0.9996], atol=0.01)


@settings(max_examples=50, deadline=None)
@given(
    lon=st.floats(-74.3, -73.7),
    lat=st.floats(40.4, 41.0),
    crs=st.sampled_from(["EPSG:2263", "EPSG:32618", "EPSG:3857"]),
)
def test_there_and_back_within_a_millimetre(lon, lat, crs):
    x, y = project([lon], [lat], crs)
    back_lon, back_lat = unproject(x, y, crs)
    again_x, again_y = project(back_lon, back_lat, crs)
    assert abs(again_x[0] - x[0]) < 1e-3
    assert abs(again_y[0] - y[0]) < 1e-3
    assert abs(back_lon[0] - lon) < 1e-8
    assert abs(back_lat[0] - lat) < 1e-8


def test_missing_coordinates_stay_missing():
    x, y = project([np.nan, -74.0], [40.7, 40.7], "EPSG:2263")
    assert_array_equal(np.isfinite(x) & np.isfinite(y), [False, True])


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (-73.9, 40.7, "EPSG:32618"),
        (-87.6, 41.9, "EPSG:32616"),
        (180.0, 10.0, "EPSG:32660"),
        (-180.0, 10.0, "EPSG:32601"),
        (28.0, -26.2, "EPSG:32735"),
    ],
)
def test_the_zone_of_a_city(lon, lat, code):
    assert metric_crs([lon, np.nan, lon], [lat, 5.0, lat]) == code


def test_no_zone_without_a_city():
    with pytest.raises(Refusal, match="No row has coordinates"):
        metric_crs([np.nan], [40.0])
    with pytest.raises(Refusal, match="which is no city"):
        metric_crs([1_000_000.0], [200_000.0])


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:999999", "feet"])
def test_systems_that_do_not_measure_are_refused(crs):
    with pytest.raises(Refusal, match=r"EPSG:32618"):
        project([0.0], [0.0], crs)


def test_bounds_widen_by_at_least_the_margin():
    city = areas([shapely.box(-74, 40, -73.9, 40.1)])
    west, south, east, north = bounds(city, 1000)
    x, y = project([west, -74, -73.9, east], [40.1] * 4, "EPSG:32618")
    assert x[1] - x[0] >= 1000
    assert x[3] - x[2] >= 1000
    assert x[3] - x[2] < 1030
    x, y = project([-74] * 4, [south, 40, 40.1, north], "EPSG:32618")
    assert 1000 <= y[1] - y[0] < 1030
    assert 1000 <= y[3] - y[2] < 1030
    assert bounds(city, 0) == (-74, 40, -73.9, 40.1)


def in_metres(*boxes):
    """Areas that are boxes in EPSG:32618, measured from (500 km, 4,500 km)."""
    shapes = [shapely.box(*(np.array(box) + [500_000, 4_500_000] * 2)) for box in boxes]
    return areas(
        list(
            shapely.transform(shapes, lambda x, y: unproject(x, y, "EPSG:32618"), interleaved=False)
        )
    )


def test_land_is_what_a_cell_touches_or_where_its_centre_lies():
    city = in_metres((10, 10, 260, 160), (1010, 10, 1015, 15))
    grid = {"first_column": 4999, "first_row": 44_999, "n_columns": 13, "n_rows": 4, "cell_m": 100}
    centre = land_mask(city, "EPSG:32618", **grid, rule="centre")
    expected = np.zeros((4, 13), dtype=bool)
    expected[1:3, 1:4] = True
    assert_array_equal(centre, expected)
    expected[1, 11] = True
    assert_array_equal(land_mask(city, "EPSG:32618", **grid), expected)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_land_equals_asking_every_cell(seed):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 900, (4, 2))
    city = in_metres(*np.column_stack([corner, corner + rng.uniform(1, 500, (4, 2))]))
    land = shapely.union_all(project_polygons(city, "EPSG:32618"))
    grid = {
        "first_column": 4_990,
        "first_row": 44_990,
        "n_columns": 30,
        "n_rows": 28,
        "cell_m": 100,
    }
    x, y = np.meshgrid(499_000 + 100 * np.arange(30), 4_499_000 + 100 * np.arange(28))
    cells = shapely.box(x, y, x + 100, y + 100)
    assert_array_equal(land_mask(city, "EPSG:32618", **grid), shapely.intersects(cells, land))
    centre = land_mask(city, "EPSG:32618", **grid, rule="centre")
    assert_array_equal(centre, shapely.contains_xy(land, x + 50, y + 50))


def test_outlines_keep_common_borders_in_common():
    wave = np.column_stack([1000 + 30 * np.sin(np.arange(101)), np.arange(101) * 20.0])
    west = shapely.polygons([[0, 0], *wave, [0, 2000]])
    east = shapely.polygons([[2000, 0], *wave, [2000, 2000]])
    shift = np.array([500_000, 4_500_000])
    city = areas(
        [
            shapely.transform(
                one, lambda p: np.column_stack(unproject(*(p + shift).T, "EPSG:32618"))
            )
            for one in (west, east)
        ]
    )
    drawn = outline(city, "EPSG:32618", tolerance_m=100)
    assert [(one.row, one.code) for one in drawn] == [(0, "1"), (1, "2")]
    rings = [shapely.polygons(one.rings[0]) for one in drawn]
    assert sum(map(shapely.get_num_coordinates, rings)) < 60
    assert shapely.area(shapely.intersection(*rings)) < 1
    assert_allclose(shapely.area(shapely.union_all(rings)), 4e6, rtol=1e-3)


def test_outlines_leave_out_islets_but_no_area():
    big, islet = shapely.box(0, 0, 0.1, 0.1), shapely.box(0.2, 0, 0.2001, 0.0001)
    holed = shapely.difference(big, shapely.box(0.05, 0.05, 0.0501, 0.0501))
    city = areas([shapely.union_all([holed, islet]), shapely.box(0.3, 0, 0.3001, 0.0001)])
    drawn = outline(city, "EPSG:32631", tolerance_m=100)
    assert [len(one.rings) for one in drawn] == [1, 1]
    assert [len(one.rings) for one in outline(city, "EPSG:32631", tolerance_m=1)] == [3, 1]


def test_outlines_are_of_one_day():
    assert [one.code for one in outline(split_city(), "EPSG:32631", tolerance_m=0)] == ["A", "B"]
    old = outline(split_city(), "EPSG:32631", tolerance_m=0, on="2019-01-01")
    assert [one.row for one in old] == [0]


@pytest.mark.real_data
def test_new_york_on_a_grid_and_on_paper(real_data):
    city = read_areas(real_data / "precincts.geojson", field="precinct", kind="precinct")
    west, south, east, north = bounds(city, 500)
    x, y = project([west, east], [south, north], "EPSG:2263")
    column, row = (x // 250).astype(int), (y // 250).astype(int)
    grid = {
        "first_column": int(column[0]),
        "first_row": int(row[0]),
        "n_columns": int(np.ptp(column)) + 1,
        "n_rows": int(np.ptp(row)) + 1,
        "cell_m": 250,
    }
    assert land_mask(city, "EPSG:2263", **grid).sum() == 13_899
    assert land_mask(city, "EPSG:2263", **grid, rule="centre").sum() == 12_538
    drawn = outline(city, "EPSG:2263", tolerance_m=30)
    assert len(drawn) == 78
    assert sum(len(ring) for one in drawn for ring in one.rings) < 9_000
