"""Which area a point lies in, held against asking every polygon about every point."""

import csv

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from stoop.places.queries import compare, labels, locate, near_area, nearest
from stoop.places.readers import read_areas
from stoop.places.tests.factories import areas, split_city


def by_brute_force(polygons, x, y):
    """The obvious twin: the first polygon of which shapely says that it contains the point."""
    found = np.full(len(x), -1, dtype=np.int64)
    for at in range(len(polygons) - 1, -1, -1):
        found[shapely.contains_xy(polygons[at], x, y)] = at
    return found


def star(rng, x, y, corners, radius):
    """A simple polygon, mostly concave: corners in order of their angle, at any distance."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.2, 1, corners)
    shell = np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)])
    return shapely.make_valid(shapely.polygons(shell))


def random_polygons(rng, n, corners, lattice):
    """Overlapping stars and boxes, some with holes, some on round coordinates."""
    shapes = []
    for _ in range(n):
        x, y = rng.uniform(-1, 1, 2)
        shape = star(rng, x, y, corners, rng.uniform(0.1, 0.9))
        if rng.random() < 0.3:
            shape = shape.difference(star(rng, x, y, 5, 0.3))
        if rng.random() < 0.3:
            shape = shapely.box(x, y, x + rng.uniform(0.1, 1), y + rng.uniform(0.1, 1))
        if lattice:
            shape = shapely.set_precision(shape, 0.125)
        if not shape.is_empty and shape.area > 0:
            shapes.append(shape)
    return shapes or [shapely.box(0, 0, 1, 1)]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 12),
    corners=st.integers(3, 40),
    side=st.integers(1, 40),
    lattice=st.booleans(),
)
@example(seed=0, n=3, corners=3, side=1, lattice=True)
def test_equals_brute_force(seed, n, corners, side, lattice):
    rng = np.random.default_rng(seed)
    city = areas(random_polygons(rng, n, corners, lattice))
    x, y = rng.uniform(-2.2, 2.2, (2, 1500))
    vertices = shapely.get_coordinates(city.polygons)
    some = rng.choice(len(vertices), 200)
    # Points on corners, a rounding beside them, and on the lines of the grid.
    x = np.concatenate([x, vertices[some, 0], np.nextafter(vertices[some, 0], 9), np.round(x, 1)])
    y = np.concatenate([y, vertices[some, 1], vertices[some[::-1], 1], np.round(y, 1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels, "_FEWEST_POINTS", 1)
        patch.setattr(labels, "_SIDES", (side, side))
        patch.setattr(labels, "_CHUNK", 999)
        assert_array_equal(locate(city, x, y), by_brute_force(city.polygons, x, y))


def test_a_far_small_city_is_still_exact():
    rng = np.random.default_rng(5)
    far = [
        shapely.transform(one, lambda p: p * 1e-4 + 179) for one in random_polygons(rng, 8, 9, 0)
    ]
    x, y = 179 + rng.uniform(-1e-4, 1e-4, (2, 20_000))
    assert_array_equal(locate(areas(far), x, y), by_brute_force(far, x, y))


def test_a_city_too_small_for_a_grid_is_still_exact():
    dot = [shapely.box(100, 50, 100 + 1e-9, 50 + 1e-9)]
    x, y = np.full(5000, 100 + 5e-10), np.full(5000, 50 + 5e-10)
    assert (locate(areas(dot), x, y) == 0).all()


def test_many_points_and_few_agree():
    rng = np.random.default_rng(11)
    city = areas(random_polygons(rng, 20, 12, False))
    x, y = rng.uniform(-2, 2, (2, 20_000))
    few = np.concatenate([locate(city, x[:500], y[:500]), locate(city, x[500:900], y[500:900])])
    assert_array_equal(locate(city, x, y)[:900], few)


@pytest.mark.parametrize("n", [1, 10_000])
def test_points_without_coordinates_are_in_no_area(n):
    x = np.tile([np.nan, 0.5, np.inf, -np.inf, 0.5], n)
    y = np.tile([0.5, np.nan, 0.5, 0.5, 0.5], n)
    assert_array_equal(locate(split_city(), x, y), np.tile([-1, -1, -1, -1, 1], n))


def test_no_areas_and_no_points():
    assert_array_equal(locate(areas([]), [0.5], [0.5]), [-1])
    assert locate(split_city(), [], []).shape == (0,)


def test_lengths_must_match():
    with pytest.raises(ValueError, match="one length"):
        locate(split_city(), [0.5, 0.6], [0.5])
    with pytest.raises(ValueError, match="one day for each point"):
        locate(split_city(), [0.5, 0.6], [0.5, 0.5], on=np.array(["2020-01-01"] * 3, "M8[D]"))


def test_a_split_area_is_one_before_and_two_after():
    city, x, y = split_city(), [0.5, 1.5], [0.5, 0.5]
    before, day = np.datetime64("2020-05-31"), np.datetime64("2020-06-01")
    assert_array_equal(locate(city, x, y, on=before), [0, 0])
    assert_array_equal(locate(city, x, y, on=day), [1, 2])
    assert_array_equal(locate(city, x, y), [1, 2])
    assert_array_equal(locate(city, x, y, on="2019-01-01"), [0, 0])
    assert_array_equal(locate(city, x, y, on=np.array([before, day])), [0, 2])


def test_a_row_without_a_date_takes_the_newest_areas():
    days = np.array(["NaT", "2000-01-01", "2020-06-01"], dtype="M8[D]")
    assert_array_equal(locate(split_city(), [1.5] * 3, [0.5] * 3, on=days), [2, 0, 2])


def test_areas_that_all_have_ended_are_newest_while_they_held():
    ended = areas([shapely.box(0, 0, 1, 1)], valid_to=["2020-01-01"])
    assert_array_equal(locate(ended, [0.5], [0.5]), [0])
    assert_array_equal(locate(ended, [0.5], [0.5], on="2020-01-01"), [-1])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8))
def test_dates_equal_asking_one_day_at_a_time(seed, n):
    rng = np.random.default_rng(seed)
    shapes = random_polygons(rng, n, 6, False)
    start = np.datetime64("2020-01-01") + rng.integers(0, 10, len(shapes))
    end = start + rng.integers(1, 10, len(shapes))
    start[rng.random(len(shapes)) < 0.3] = np.datetime64("NaT")
    end[rng.random(len(shapes)) < 0.3] = np.datetime64("NaT")
    city = areas(shapes, valid_from=list(start), valid_to=list(end))
    x, y = rng.uniform(-2, 2, (2, 300))
    days = np.datetime64("2019-12-30") + rng.integers(0, 25, 300)
    expected = np.full(300, -1)
    for day in np.unique(days):
        holds = ~(city.valid_from > day) & ~(city.valid_to <= day)
        rows = np.flatnonzero(holds)
        inside = by_brute_force(city.polygons[rows], x, y)
        on_day = (days == day) & (inside >= 0)
        expected[on_day] = rows[inside[on_day]]
    assert_array_equal(locate(city, x, y, on=days), expected)


def test_nearest_reaches_a_pier_but_not_an_island():
    metre = 1 / 111_320
    city = areas([shapely.box(0, 0, 0.01, 0.01), shapely.box(0.02, 0, 0.03, 0.01)])
    lon = np.array([0.01 + 80 * metre, 0.02 - 80 * metre, 0.015, 0.005, np.nan])
    lat = np.full(5, 0.005)
    assert_array_equal(nearest(city, lon, lat, within_m=100), [0, 1, -1, 0, -1])
    assert_array_equal(nearest(city, lon, lat, within_m=60), [-1, -1, -1, 0, -1])
    assert_array_equal(nearest(city, lon, lat, within_m=0), [-1] * 5)


def test_nearest_keeps_to_the_areas_of_the_day():
    lon, lat = [2 + 1e-4], [0.5]
    assert nearest(split_city(), lon, lat, within_m=50) == 2
    assert nearest(split_city(), lon, lat, within_m=50, on="2019-01-01") == 0


def test_nearest_gives_the_first_of_equally_near():
    city = areas([shapely.box(3, 0, 4, 1), *[shapely.box(0, 0, 1, 1)] * 2])
    assert nearest(city, [0.5], [1 + 1e-4], within_m=50) == 1


def test_near_area_asks_about_the_recorded_area_of_the_day():
    lon, lat = np.array([0.5, 1 + 1e-4, 1 + 1e-4, 1.5, 0.5, np.nan]), np.full(6, 0.5)
    codes = ["A", "A", "B", "A", "Z", "A"]
    near = near_area(split_city(), codes, lon, lat, within_m=25)
    assert_array_equal(near, [True, True, True, False, False, False])
    assert not near_area(split_city(), codes, lon, lat, within_m=1)[1]
    before = near_area(split_city(), codes, lon, lat, within_m=25, on="2019-01-01")
    assert_array_equal(before, [True, True, False, True, False, False])
    mixed = np.array(["2019-01-01"] * 3 + ["2021-01-01"] * 3, dtype="M8[D]")
    both = near_area(split_city(), codes, lon, lat, within_m=25, on=mixed)
    assert_array_equal(both, [True, True, False, False, False, False])
    assert not near_area(areas([]), ["A"], [0.5], [0.5], within_m=5).any()


@pytest.mark.real_data
def test_new_york_points_equal_brute_force(real_data):
    city = read_areas(real_data / "precincts.geojson", field="precinct", kind="precinct")
    rng = np.random.default_rng(2)
    west, south, east, north = shapely.total_bounds(city.polygons)
    x, y = rng.uniform(west, east, 60_000), rng.uniform(south, north, 60_000)
    shapely.prepare(city.polygons)
    assert_array_equal(locate(city, x, y), by_brute_force(city.polygons, x, y))


@pytest.mark.real_data
def test_new_york_recorded_and_mapped_precincts(real_data):
    """The 116th opened in December 2024 out of the 105th and the 113th: nobody records it."""
    city = read_areas(real_data / "precincts.geojson", field="precinct", kind="precinct")
    columns = ["PRECINCT", "Latitude", "Longitude"]
    rows = np.concatenate([_columns(path, columns) for path in real_data.glob("shootings_*.csv")])
    lon, lat = rows[:, 2].astype(float), rows[:, 1].astype(float)
    near = near_area(city, rows[:, 0], lon, lat, within_m=25)
    mapped = np.append(city.codes, "")[locate(city, lon, lat)]
    agreement = compare(rows[:, 0], mapped, areas=city, near=near)
    assert 450 < agreement.at_border < 650
    assert agreement.compared > 23_500
    assert 0.95 < agreement.share < 0.97
    assert agreement.never_recorded == ("116",)
    assert agreement.not_on_map == ()
    assert ("105", "116") in {(one.recorded, one.mapped) for one in agreement.differ[:3]}


def _columns(path, names):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return np.array([[row[name] or "nan" for name in names] for row in csv.DictReader(file)])
