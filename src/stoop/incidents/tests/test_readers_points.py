"""Coordinates: which serve, which are set aside and why, and how they become metres."""

from pathlib import Path

import numpy as np
import pyproj
import pytest

from stoop.incidents import readers
from stoop.incidents.readers.numbers import number_of, point_of
from stoop.kernel.errors import Refusal

SURVEY_FOOT_M = 1200 / 3937
BOUNDS = (-75.4, 39.8, -74.9, 40.2)


def read(tmp_path: Path, text: str, name: str = "a.csv", **choices) -> readers.Shootings:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return readers.read([path], **choices)


def table(*points: str, header: str = "date,lat,lon,district", area: str = "7") -> str:
    rows = [f"2019-08-{i + 1:02d},{point},{area}" for i, point in enumerate(points)]
    return "\n".join([header, *rows])


FAULTS = [
    ("0,0", "coordinates are zero: 0, 0"),
    ("0,-75.1", "coordinates are zero: 0, -75.1"),
    (",", "no coordinates"),
    ("NULL,(null)", "no coordinates"),
    ("UNKNOWN,-", "no coordinates"),
    ("somewhere,-75.1", "coordinates that are no numbers"),
    ("12 Main St,-75.1", "coordinates that are no numbers"),
    ("4.0.1,-75.1", "coordinates that are no numbers: 4.0.1"),
    ("-75.1,40", "latitude and longitude swapped: -75.1, 40"),
    ("40,75.1", "longitude or latitude without its minus sign: 40, 75.1"),
    ("4000,-75.1", "coordinates that are nowhere on Earth: 4000, -75.1"),
    ("40,-76.2", "coordinates outside the city: 40, -76.2"),
    ("inf,-75.1", "coordinates that are nowhere on Earth: inf, -75.1"),
    ("nan,-75.1", "no coordinates"),
]


@pytest.mark.parametrize("bounds", [BOUNDS, None])
@pytest.mark.parametrize(("point", "reason"), FAULTS)
def test_faults_are_named_and_the_row_still_counts(tmp_path, point, reason, bounds):
    good = ["40.0,-75.1"] * 5
    shootings = read(tmp_path, table(*good, point), bounds=bounds)
    assert len(shootings) == 6
    (reject,) = shootings.report.rejects
    assert (reject.row, reject.reason, reject.use) == (6, reason, "counts only")
    assert np.isnan([shootings.lat[5], shootings.lon[5], shootings.x_m[5], shootings.y_m[5]]).all()
    assert shootings.report.rows_rejected == 0


@pytest.mark.parametrize(("point", "reason"), FAULTS)
def test_without_an_area_the_row_serves_nothing(tmp_path, point, reason):
    shootings = read(tmp_path, table("40.0,-75.1", "40.0,-75.1", "40.1,-75.2", point, area=""))
    (reject,) = shootings.report.rejects
    assert (reject.reason, reject.use) == (reason, "nothing")
    assert shootings.report.rows_read == 4 == len(shootings) + shootings.report.rows_rejected


@pytest.mark.parametrize(
    ("city", "bounds"),
    [("51.5,-0.1", (-0.5, 51.3, 0.3, 51.7)), ("0.3,32.6", (32.4, -0.2, 32.8, 0.6))],
)
def test_a_city_on_the_equator_or_the_prime_meridian_has_points_at_zero(tmp_path, city, bounds):
    lat, lon = city.split(",")
    on_the_line = f"{lat},0" if bounds[0] < 0 else f"0,{lon}"
    shootings = read(tmp_path, table(city, on_the_line), bounds=bounds)
    assert not len(shootings.report.rejects)
    assert np.isfinite(shootings.x_m).all()


def test_a_southern_city_may_lose_its_minus_sign_too(tmp_path):
    shootings = read(tmp_path, table(*["-33.9,151.2"] * 5, "33.9,151.2"))
    (reject,) = shootings.report.rejects
    assert reject.reason == "longitude or latitude without its minus sign: 33.9, 151.2"
    assert shootings.crs == "EPSG:32756"


def test_columns_that_changed_places_are_refused(tmp_path):
    with pytest.raises(Refusal, match="swapped"):
        read(tmp_path, table("-75.1,40", "-75.2,40.1"))
    with pytest.raises(Refusal, match="swapped"):
        read(tmp_path, table("-75.1,40", "-75.2,40.1"), bounds=BOUNDS)


@pytest.mark.parametrize(
    ("text", "degrees", "number"),
    [
        ("1,037,451", False, 1037451.0), ("993,290", False, 993290.0), ("40,697", True, 40.697),
        ("-73,808140", True, -73.80814), ("1.037.451,5", False, 1037451.5),
        ("1037451,25", False, 1037451.25), (" 40.5 ", True, 40.5), ("40.5° N", True, 40.5),
        ("75.1W", True, -75.1), ("1 037 451.5", False, 1037451.5), ("x", True, None),
        ("1e999", True, None),
    ],
)  # fmt: skip
def test_numbers_as_published(text, degrees, number):
    assert number_of(text, degrees=degrees) == number


@pytest.mark.parametrize(
    "text",
    [
        "POINT (-75.5 40.25)", "point(-75.5 40.25)", "SRID=4326;POINT(-75.5 40.25)",
        "POINT Z (-75.5 40.25 0)", "(40.25, -75.5)", "40.25, -75.5", "12 Main St\n(40.25, -75.5)",
        '{"type":"Point","coordinates":[-75.5,40.25]}',
        "{'latitude': '40.25', 'longitude': '-75.5'}",
    ],
)  # fmt: skip
def test_points_in_one_cell(text):
    assert point_of(text) == (40.25, -75.5)


@pytest.mark.parametrize("text", ["", "1200 Main St", "POINT EMPTY", "(40.25)", "POINT (a b)"])
def test_cells_without_a_point(text):
    assert point_of(text) is None


def test_a_point_column_fills_what_degrees_lack(tmp_path):
    text = (
        "date,lat,lon,location\n"
        '2019-01-01,,,"(40.25, -75.5)"\n'
        '2019-01-02,40.26,-75.51,"(1, 1)"\n'
        "2019-01-03,40.26,-75.51,12 Main St\n"
    )
    shootings = read(tmp_path, text)
    assert shootings.lat.tolist() == [40.25, 40.26, 40.26]


def test_decimal_commas_in_a_semicolon_file(tmp_path):
    text = "date;lat;lon\n2019-01-01;40,25;-75,5\n2019-01-02;40,26;-75,51\n"
    assert read(tmp_path, text).lon.tolist() == [-75.5, -75.51]


def feet_of(lat, lon, crs: str = "EPSG:2272"):
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)


def test_projected_columns_alone_need_their_projection(tmp_path):
    x, y = feet_of(40.0, -75.1)
    text = table(f"{x},{y}", header="date,X Coordinate,Y Coordinate,district")
    with pytest.raises(Refusal, match="--crs"):
        read(tmp_path, text)
    shootings = read(tmp_path, text, crs="EPSG:2272")
    assert shootings.lat[0] == pytest.approx(40.0, abs=1e-9)
    assert shootings.lon[0] == pytest.approx(-75.1, abs=1e-9)
    assert shootings.x_m[0] == pytest.approx(x * SURVEY_FOOT_M, abs=1e-6)
    assert shootings.crs == "EPSG:2272"


def test_projected_columns_serve_where_degrees_are_zero(tmp_path):
    x, y = feet_of(40.0, -75.1)
    text = table(
        f"0,0,{x},{y}", f"40,-75.1,{x},{y}", header="date,lat,lon,x_coord,y_coord,district"
    )
    shootings = read(tmp_path, text, crs="EPSG:2272")
    assert shootings.lat == pytest.approx([40.0, 40.0], abs=1e-9)
    assert not len(shootings.report.rejects)


@pytest.mark.parametrize("point", ["0,0", "2700000,0", "0,240000"])
def test_projected_coordinates_of_zero_are_said_to_be_zero(tmp_path, point):
    x, y = feet_of(40.0, -75.1)
    text = table(f"{x},{y}", point, header="date,X Coordinate,Y Coordinate,district")
    (reject,) = read(tmp_path, text, crs="EPSG:2272").report.rejects
    assert (reject.row, reject.kind, reject.use) == (2, "coordinates are zero", "counts only")


def test_projected_columns_that_agree_are_taken_as_published(tmp_path):
    places = [(40.0 + i / 100, -75.1) for i in range(9)]
    rows = [(a, b, *(round(v, 1) for v in feet_of(a, b))) for a, b in places]
    text = table(
        *(",".join(map(str, r)) for r in rows), header="date,lat,lon,x_coord,y_coord,district"
    )
    shootings = read(tmp_path, text, crs="EPSG:2272")
    assert shootings.x_m.tolist() == [r[2] * SURVEY_FOOT_M for r in rows]
    other = read(tmp_path, text, crs="EPSG:2263")
    assert any("not in EPSG:2263" in note for note in other.report.notes)
    expected = [feet_of(*p, crs="EPSG:2263")[0] * SURVEY_FOOT_M for p in places]
    assert other.x_m == pytest.approx(expected, abs=1e-6)


def test_a_slip_in_a_projected_column_gives_way_to_degrees(tmp_path):
    places = [(40.0 + i / 1000, -75.1) for i in range(150)]
    rows = ["date,lat,lon,x,y"]
    for i, (lat, lon) in enumerate(places):
        x, y = feet_of(lat, lon)
        rows.append(f"2019-08-01,{lat},{lon},{x + (5000 if i == 7 else 0)},{y}")
    shootings = read(tmp_path, "\n".join(rows), crs="EPSG:2272")
    assert shootings.x_m[7] == pytest.approx(feet_of(*places[7])[0] * SURVEY_FOOT_M, abs=1e-6)
    assert any("1 rows have projected" in note for note in shootings.report.notes)


def test_degrees_in_the_projected_columns(tmp_path):
    text = table("-75.1,40.0", header="date,point_x,point_y,dist")
    assert read(tmp_path, text).lat.tolist() == [40.0]


def test_metres_are_those_of_the_ground(tmp_path):
    shootings = read(tmp_path, table("40.0,-75.1", "40.01,-75.1"))
    metres = np.hypot(*(np.diff(v)[0] for v in (shootings.x_m, shootings.y_m)))
    ground = pyproj.Geod(ellps="WGS84").inv(-75.1, 40.0, -75.1, 40.01)[2]
    assert metres == pytest.approx(ground, rel=1e-3)


def test_a_projection_that_stretches_is_not_measured_in(tmp_path):
    shootings = read(tmp_path, table("40.0,-75.1"), crs="EPSG:3857")
    assert shootings.crs == "EPSG:32618"
    assert any("EPSG:3857 stretches distances by 3" in n for n in shootings.report.notes)
    next_zone, the_one_after = (read(tmp_path, table("40.0,-75.1"), crs=f"EPSG:{zone}")
                                for zone in (32617, 32616))  # fmt: skip
    assert next_zone.crs == "EPSG:32617"
    assert the_one_after.crs == "EPSG:32618"


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:99999999", "nonsense", "+proj=longlat", "\0"])
def test_what_is_no_projection_is_refused(tmp_path, crs):
    with pytest.raises(Refusal):
        read(tmp_path, table("40.0,-75.1"), crs=crs)


def test_a_file_without_coordinates_counts_by_area(tmp_path):
    shootings = read(tmp_path, "date,precinct\n2019-01-01,40\n2019-01-02,\n2019-01-02,75\n")
    assert len(shootings) == 2
    assert shootings.crs == ""
    assert np.isnan(shootings.lat).all()
    assert shootings.report.reasons == {("no area", "nothing"): 1}
    assert any("no coordinates" in note for note in shootings.report.notes)
