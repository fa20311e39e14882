"""Which areas hold a point: the index equals asking shapely about every area."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely

from stoop.kernel import clock
from stoop.places import queries
from stoop.places.queries.lookup import Index, row
from stoop.places.tests.factories import make_area

JANUARY = date(2020, 1, 1)


def brute(rows, lon, lat, day):
    found: dict[str, tuple[str, ...]] = {}
    for one in rows:
        if one.first <= day < one.past and shapely.contains_xy(one.polygon, lon, lat):
            held = found.get(one.kind, ())
            found[one.kind] = held if one.code in held else (*held, one.code)
    return found


def city(seed: int, n: int = 60):
    """Shards that tile a square, discs that overlap, some with days: every hard case at once."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform(0, 1, (n, 2)))
    shards = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 1, 1)))
    rows = [row("precinct", str(at), shard, None, None) for at, shard in enumerate(shards)]
    for at in range(12):
        disc = shapely.Point(*rng.uniform(0, 1, 2)).buffer(rng.uniform(0.05, 0.3))
        start = date(2018 + at % 4, 1, 1) if at % 3 else None
        end = date(2021, 1, 1) if at % 2 else None
        rows.append(row("catchment", f"site-{at}", disc, start, end))
    hollow = shapely.box(0.2, 0.2, 0.8, 0.8) - shapely.box(0.4, 0.4, 0.6, 0.6)
    rows.append(row("district", "ring", hollow, None, JANUARY))
    rows.append(row("district", "ring", shapely.box(0.4, 0.4, 0.6, 0.6), JANUARY, None))
    return rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_index_equals_brute_force(seed):
    rows, rng = city(seed), np.random.default_rng(seed)
    index = Index(rows)
    lon, lat = rng.uniform(-0.2, 1.2, (2, 3000))
    corners = shapely.get_coordinates([one.polygon for one in rows])
    lon, lat = np.append(lon, corners[:500, 0]), np.append(lat, corners[:500, 1])
    lon[:3], lat[3:6] = np.nan, np.nan
    days = np.datetime64("2017-06-01") + rng.integers(0, 1800, lon.size)
    bulk = index.placed_all(lon, lat, days)
    for at in range(lon.size):
        day = days[at].astype(object).toordinal()
        want = brute(rows, lon[at], lat[at], day)
        assert index.placed(lon[at], lat[at], day) == want
        assert bulk.combinations[bulk.which[at]] == want


def test_index_equals_locate_where_areas_do_not_overlap(real_data):
    from stoop.places.readers import read_areas

    areas = read_areas(real_data / "precincts.geojson", field="precinct")
    rows = [row("p", code, areas.polygons[at], None, None) for at, code in enumerate(areas.codes)]
    rng = np.random.default_rng(4)
    west, south, east, north = shapely.total_bounds(areas.polygons)
    lon, lat = rng.uniform(west, east, 50_000), rng.uniform(south, north, 50_000)
    found = Index(rows).placed_all(lon, lat, np.full(lon.size, np.datetime64("2020-01-01")))
    codes = [found.combinations[at].get("p", ("",))[0] for at in found.which]
    want = np.append(areas.codes, "")[queries.locate(areas, lon, lat)]
    assert codes == want.tolist()


def test_an_index_of_nothing_or_of_a_sliver_answers():
    assert Index([]).placed(0.5, 0.5, 1) == {}
    assert Index([]).bounds is None
    nothing = Index([]).placed_all(np.array([0.5]), np.array([0.5]), np.array(["2020-01-01"], "M8"))
    assert nothing.combinations == ({},)
    sliver = shapely.box(0.5, 0.5, 0.5 + 1e-12, 0.6)
    index = Index([row("p", "1", sliver, None, None)])
    assert index.placed(0.5 + 5e-13, 0.55, 1) == {"p": ("1",)}
    assert index.placed(0.7, 0.55, 1) == {}


@pytest.mark.django_db
def test_a_point_is_placed_by_the_borders_of_its_day():
    make_area("precinct", "A", (0, 0, 2, 1))
    make_area("precinct", "A", (0, 0, 1, 1), valid_from=JANUARY)
    make_area("precinct", "B", (1, 0, 2, 1), valid_from=JANUARY)
    assert queries.placed(1.5, 0.5, on=date(2019, 12, 31)) == {"precinct": ("A",)}
    assert queries.placed(1.5, 0.5, on=JANUARY) == {"precinct": ("B",)}
    with clock.held(datetime(2019, 5, 1, tzinfo=UTC)):
        assert queries.placed(1.5, 0.5) == {"precinct": ("A",)}
    assert queries.placed(0, 0.5) == {}, "a border is in neither"
    assert queries.placed(float("nan"), 0.5) == {}


@pytest.mark.django_db
def test_a_changed_area_is_seen_at_once(django_assert_num_queries):
    make_area("precinct", "A", (0, 0, 1, 1))
    assert queries.placed(0.5, 0.5) == {"precinct": ("A",)}
    with django_assert_num_queries(1):  # within a transaction one look at the newest change
        queries.placed(0.5, 0.5)
    make_area("precinct", "A", (2, 2, 3, 3))
    assert queries.placed(0.5, 0.5) == {}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_table_is_asked_once_a_second(
    django_assert_num_queries, monkeypatch
):
    now = [100.0]
    monkeypatch.setattr("stoop.places.queries.kept.monotonic", lambda: now[0])
    make_area("precinct", "A", (0, 0, 1, 1))
    now[0] += 2
    assert queries.placed(0.5, 0.5) == {"precinct": ("A",)}
    with django_assert_num_queries(0):
        for _ in range(50):
            queries.placed(0.5, 0.5)
    now[0] += 1
    with django_assert_num_queries(1):
        queries.placed(0.5, 0.5)


def about(lon: float | None, lat: float, within_m: float) -> queries.Catchments:
    [found] = queries.catchments_about([(lon, lat, None)], within_m=within_m)
    return found


@pytest.mark.django_db
def test_neighbouring_catchments_come_nearest_first_without_those_that_hold_the_point():
    make_area("catchment", "here", (-73.95, 40.70, -73.94, 40.71))
    make_area("catchment", "next", (-73.94, 40.70, -73.93, 40.71))
    make_area("catchment", "far", (-73.90, 40.70, -73.89, 40.71))
    make_area("catchment", "gone", (-73.95, 40.70, -73.94, 40.71), valid_to=JANUARY)
    make_area("precinct", "1", (-73.95, 40.70, -73.94, 40.71))
    near = about(-73.9401, 40.705, within_m=500).near
    assert [code for code, _ in near] == ["next"]
    assert about(-73.9401, 40.705, within_m=500).here == ("here",)
    assert near[0][1] == pytest.approx(8.45, abs=0.1)  # 0.0001 degrees of longitude there
    far = about(-73.9401, 40.705, within_m=5000).near
    assert [code for code, _ in far] == ["next", "far"]
    border = about(-73.94, 40.705, within_m=1).near
    assert {code for code, _ in border} == {"here", "next"}, "no one is forgotten on a border"
    nowhere = about(float("nan"), 40.7, within_m=500)
    assert about(None, 40.7, within_m=500) == nowhere
    assert not nowhere.here
    assert not nowhere.near


@pytest.mark.django_db
def test_kinds_and_bounds_and_lists():
    assert queries.city_bounds() is None
    assert queries.main_kind() == ""
    make_area("catchment", "site", (0, 0, 1, 1))
    make_area("precinct", "10", (1, 0, 3, 1))
    make_area("precinct", "9", (1, 1, 3, 2), valid_to=JANUARY)
    assert queries.kinds() == ["catchment", "precinct"]
    assert queries.main_kind() == "precinct"
    assert queries.city_bounds() == (0, 0, 3, 2)
    assert [area.code for area in queries.areas("precinct")] == ["10"]
    assert [area.code for area in queries.areas("precinct", on=date(2019, 1, 1))] == ["10", "9"]
