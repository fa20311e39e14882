"""Outlines in every format, and every way in which a file can be wrong."""

import gzip
import hashlib
import json
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from stoop.kernel.errors import Refusal
from stoop.places.queries import project
from stoop.places.readers import read_areas
from stoop.places.readers.days import day
from stoop.places.tests.factories import geojson

WEST, EAST = shapely.box(-74, 40.7, -73.9, 40.8), shapely.box(-73.9, 40.7, -73.8, 40.8)
ROWS = [({"precinct": "1"}, WEST), ({"precinct": "2"}, EAST)]


def write(path, *, crs="EPSG:4326", layer=None, shapes=(WEST, EAST), append=False, **fields):
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(values) for values in fields.values()],
        list(fields),
        crs=crs,
        layer=layer,
        geometry_type="Polygon",
        append=append,
    )
    return path


def refusal(path, field="precinct"):
    with pytest.raises(Refusal) as caught:
        read_areas(path, field=field)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_geojson(tmp_path):
    path = geojson(tmp_path / "areas.geojson", ROWS)
    areas = read_areas(path, field="precinct", kind="precinct")
    assert areas.codes == ("1", "2")
    assert shapely.equals(areas.polygons, [WEST, EAST]).all()
    assert np.isnat(areas.valid_from).all()
    assert np.isnat(areas.valid_to).all()
    assert areas.valid_to.dtype == np.dtype("M8[D]")
    assert (areas.file, areas.field, areas.kind) == ("areas.geojson", "precinct", "precinct")
    assert areas.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert areas.notes == ()
    assert len(areas) == 2


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.shp", "areas.geojson", "areas.fgb"])
def test_other_formats_hold_the_same(tmp_path, name):
    areas = read_areas(write(tmp_path / name, precinct=[1, 2]), field="precinct")
    assert sorted(areas.codes) == ["1", "2"]
    first = areas.codes.index("1")
    assert shapely.equals_exact(shapely.normalize(areas.polygons[first]), WEST.normalize(), 1e-9)


@pytest.mark.parametrize("folder", ["", "release_24d/maps/"])
def test_zipped_shapefiles(tmp_path, folder):
    write(tmp_path / "areas.shp", precinct=["1", "2"])
    write(tmp_path / "a_park.shp", park=["x", "y"])
    with zipfile.ZipFile(tmp_path / "areas.zip", "w") as box:
        box.writestr("README.txt", "what this is")
        for part in [*tmp_path.glob("areas.[sdpc]*"), *tmp_path.glob("a_park.*")]:
            box.write(part, f"{folder}{part.name}")
    areas = read_areas(tmp_path / "areas.zip", field="precinct")
    assert (areas.codes, areas.file) == (("1", "2"), "areas.zip")


def test_packed_geojson(tmp_path):
    plain = geojson(tmp_path / "areas.geojson", ROWS).read_bytes()
    (tmp_path / "areas.geojson.gz").write_bytes(gzip.compress(plain))
    assert read_areas(tmp_path / "areas.geojson.gz", field="precinct").codes == ("1", "2")


def test_a_ring_left_open_is_closed(tmp_path):
    path = geojson(tmp_path / "a.geojson", ROWS[:1])
    body = json.loads(path.read_text())
    body["features"][0]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(body))
    assert read_areas(path, field="precinct").polygons[0].equals(WEST)


def test_feet_become_degrees_within_a_millimetre(tmp_path):
    feet = shapely.box(980_000, 190_000, 990_000, 200_000)
    path = write(tmp_path / "feet.gpkg", crs="EPSG:2263", shapes=[feet], precinct=["1"])
    [polygon] = read_areas(path, field="precinct").polygons
    x, y = project(*shapely.get_coordinates(polygon).T, "EPSG:2263")
    back = shapely.get_coordinates(feet) * 1200 / 3937
    assert np.abs(np.column_stack([x, y]) - back).max() < 1e-3


def test_a_geojson_may_name_its_system(tmp_path):
    feet = shapely.box(980_000, 190_000, 990_000, 200_000)
    path = geojson(tmp_path / "a.geojson", [({"p": 1}, feet)], crs="urn:ogc:def:crs:EPSG::2263")
    west, south, _, _ = shapely.total_bounds(read_areas(path, field="p").polygons)
    assert -74.1 < west < -74
    assert 40.6 < south < 40.8


@pytest.mark.parametrize("column", [[75.0, 101.0], ["75.0", " 101"], [75, 101]])
def test_codes_are_text_without_a_spreadsheet_tail(tmp_path, column):
    path = write(tmp_path / "areas.gpkg", code=column)
    assert read_areas(path, field="code").codes == ("75", "101")


def test_field_in_any_case(tmp_path):
    areas = read_areas(write(tmp_path / "a.gpkg", PRECINCT=["1", "2"]), field="precinct")
    assert (areas.codes, areas.field) == (("1", "2"), "PRECINCT")


def test_the_layer_that_has_the_field(tmp_path):
    path = write(tmp_path / "a.gpkg", layer="parks", park=["x", "y"])
    write(path, layer="precincts", precinct=["1", "2"], append=False)
    assert read_areas(path, field="precinct").codes == ("1", "2")


def test_days_of_validity(tmp_path):
    rows = [
        ({"code": "A", "valid_from": None, "valid_to": "2020-06-01"}, WEST.union(EAST)),
        ({"code": "A", "valid_from": "2020-06-01"}, WEST),
        ({"code": "B", "valid_from": "2020-06-01T00:00:00", "valid_to": ""}, EAST),
    ]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="code")
    assert areas.codes == ("A", "A", "B")
    assert list(areas.valid_from.astype(str)) == ["NaT", "2020-06-01", "2020-06-01"]
    assert list(areas.valid_to.astype(str)) == ["2020-06-01", "NaT", "NaT"]


def test_days_as_date_columns(tmp_path):
    path = write(
        tmp_path / "a.gpkg",
        code=["A", "B"],
        Valid_From=np.array(["2020-06-01", "NaT"], dtype="M8[D]"),
        valid_to=np.array(["NaT", "2020-06-01"], dtype="M8[ms]"),
    )
    areas = read_areas(path, field="code")
    assert list(areas.valid_from.astype(str)) == ["2020-06-01", "NaT"]
    assert list(areas.valid_to.astype(str)) == ["NaT", "2020-06-01"]


def test_polygons_of_one_code_are_united(tmp_path):
    rows = [*ROWS, ({"precinct": "1"}, shapely.box(-74.2, 40.7, -74.1, 40.8))]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="precinct")
    assert areas.codes == ("1", "2")
    assert shapely.get_num_geometries(areas.polygons[0]) == 2
    assert areas.notes == ("1 area is drawn in several polygons, which were united.",)


def test_a_part_added_later_makes_two_shapes(tmp_path):
    rows = [({"code": "A"}, WEST), ({"code": "A", "valid_from": "2020-06-01"}, EAST)]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="code")
    assert areas.codes == ("A", "A")
    assert shapely.equals(areas.polygons, [WEST, WEST.union(EAST)]).all()
    assert list(areas.valid_from.astype(str)) == ["NaT", "2020-06-01"]
    assert list(areas.valid_to.astype(str)) == ["2020-06-01", "NaT"]


def test_what_is_left_out_or_repaired_is_said(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    rows = [
        ({"code": "A"}, bow),
        ({"code": "B"}, shapely.Point(0, 0)),
        ({"code": None}, WEST),
        ({"code": " "}, EAST),
    ]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="code")
    assert areas.codes == ("A",)
    assert shapely.is_valid(areas.polygons).all()
    assert shapely.area(areas.polygons)[0] == pytest.approx(0.5)
    assert areas.notes == (
        "1 shape is no polygon and was left out.",
        "2 polygons have no value in 'code' and were left out.",
        "1 polygon was broken (most cross themselves) and was repaired.",
    )


def test_heights_and_collections_are_flattened(tmp_path):
    tall = shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])
    mixed = shapely.GeometryCollection([shapely.box(2, 0, 3, 1), shapely.Point(9, 9)])
    rows = [({"code": "A"}, tall), ({"code": "B"}, mixed)]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="code")
    assert not shapely.has_z(areas.polygons).any()
    assert areas.polygons[1].equals(shapely.box(2, 0, 3, 1))


def test_gaps_of_one_day_are_noted(tmp_path):
    rows = [
        ({"code": "A", "valid_to": "2020-05-31"}, WEST.union(EAST)),
        ({"code": "A", "valid_from": "2020-06-01"}, WEST),
    ]
    areas = read_areas(geojson(tmp_path / "a.geojson", rows), field="code")
    [note] = areas.notes
    assert note.startswith("Area A has no shape on 2020-05-31")


def test_refusals_name_the_trouble(tmp_path):
    assert "cannot be read (No such file or directory)" in refusal(tmp_path / "none.geojson")
    assert "is a folder" in refusal(tmp_path)
    bad = tmp_path / "bad.geojson"
    bad.write_text("precinct,shape\n1,round\n")
    assert "is not a map file" in refusal(bad)
    path = geojson(tmp_path / "a.geojson", ROWS)
    assert "has no field 'beat' (its fields are precinct)" in refusal(path, "beat")
    bare = geojson(tmp_path / "bare.geojson", [({}, WEST)])
    assert "no outlines with a field" in refusal(bare)
    table = tmp_path / "table.csv"
    table.write_text("district,population\nA,100\n")
    assert "give the areas as GeoJSON" in refusal(table)
    points = geojson(tmp_path / "p.geojson", [({"precinct": 1}, shapely.Point(0, 0))])
    assert "holds no polygon with a value in 'precinct'" in refusal(points)
    hollow = geojson(tmp_path / "h.geojson", [*ROWS, ({"precinct": "3"}, shapely.Polygon())])
    assert "area 3 has an empty or broken shape" in refusal(hollow)
    absent = geojson(tmp_path / "n.geojson", [*ROWS, ({"precinct": "4"}, None)])
    assert "area 4 has an empty or broken shape" in refusal(absent)

    flat = shapely.Polygon([(0, 0), (1, 1), (2, 2)])
    path = geojson(tmp_path / "f.geojson", [({"precinct": "5"}, flat)])
    assert "the shape of area 5 encloses nothing" in refusal(path)
    path.write_text(path.read_text().replace("2.0", "NaN"))
    assert "area 5 has an empty or broken shape" in refusal(path)
    (tmp_path / "bad.zip").write_bytes(b"PK")
    assert "is not a map file" in refusal(tmp_path / "bad.zip")


@pytest.mark.parametrize("part", ["shx", "dbf"])
def test_half_a_shapefile_names_its_other_half(tmp_path, part):
    write(tmp_path / "a.shp", precinct=["1", "2"])
    (tmp_path / f"a.{part}").unlink()
    assert f"put a.{part} beside it" in refusal(tmp_path / "a.shp")


def test_coordinates_must_be_what_they_claim(tmp_path):
    write(tmp_path / "a.shp", precinct=["1", "2"])
    (tmp_path / "a.prj").unlink()
    assert "put the .prj file beside" in refusal(tmp_path / "a.shp")
    feet = [({"precinct": "1"}, shapely.box(980_000, 190_000, 990_000, 200_000))]
    assert "are not longitudes and latitudes" in refusal(geojson(tmp_path / "f.geojson", feet))


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"valid_from": "June"}, "area 1 has valid_from 'June'; write it as 2024-12-01"),
        ({"valid_to": "2024-13-01"}, "area 1 has valid_to '2024-13-01'"),
        ({"valid_from": "2020-06-01", "valid_to": "2020-01-01"}, "not after valid_from 2020-06-01"),
        ({"valid_from": "2020-06-01", "valid_to": "2020-06-01"}, "is the first day on which it no"),
    ],
)
def test_days_must_be_days_in_order(tmp_path, properties, said):
    rows = [({"precinct": "1", **properties}, WEST), ({"precinct": "2"}, EAST)]
    assert said in refusal(geojson(tmp_path / "a.geojson", rows))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-12-01", "2024-12-01", "2024-12-01"),
        ("2024/2/9", "2024-02-09", "2024-02-09"),
        ("2024-12-01T10:00:00Z", "2024-12-01", "2024-12-01"),
        ("2/9/2024", "2024-02-09", "2024-02-09"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2021", "2021-01-01", "2021-12-31"),
    ],
)
def test_days(text, first, last):
    assert str(day(text)) == first
    assert str(day(text, last=True)) == last


@pytest.mark.real_data
def test_new_york(real_data):
    precincts = read_areas(real_data / "precincts.geojson", field="precinct", kind="precinct")
    sectors = read_areas(real_data / "sectors.geojson", field="sector", kind="sector")
    assert len(precincts) == len(set(precincts.codes)) == 78
    assert len(sectors) == len(set(sectors.codes))
    assert "no polygon" in refusal(real_data / "precinct_houses.geojson", "PRECINCT")
