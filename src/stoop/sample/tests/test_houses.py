"""The list of addresses: made-up houses, in blocks, on the streets of the made-up districts."""

import csv
import json
from collections import defaultdict
from itertools import pairwise
from math import cos, dist, radians

import pytest
import shapely

from stoop.sample.models import City

METRES = 111_195  # in a degree of latitude
BLOCK_M = 180


@pytest.fixture(scope="module")
def listed(city: City) -> list[dict[str, str]]:
    with city.addresses.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def lines(listed: list[dict[str, str]]) -> list[dict[str, str]]:
    """The houses."""
    return [line for line in listed if line["number"]]


def metres(line: dict[str, str]) -> tuple[float, float]:
    latitude = float(line["lat"])
    return float(line["lon"]) * METRES * cos(radians(41.4)), latitude * METRES


def test_every_house_has_an_address_of_its_own(lines: list[dict[str, str]]) -> None:
    assert 10_000 < len(lines) < 20_000
    assert len({(line["number"], line["street"]) for line in lines}) == len(lines)
    assert len({(line["lat"], line["lon"]) for line in lines}) == len(lines)
    assert {("2200", "Mill Lane"), ("2200", "Harbor Way")} <= {
        (line["number"], line["street"]) for line in lines
    }


def test_houses_stand_on_land_in_a_district(city: City, lines: list[dict[str, str]]) -> None:
    features = json.loads(city.areas.read_text())["features"]
    now = [f["geometry"] for f in features if f["properties"]["valid_to"] is None]
    land = shapely.union_all([shapely.geometry.shape(each) for each in now])
    shapely.prepare(land)
    points = ([float(line[axis]) for line in lines] for axis in ("lon", "lat"))
    assert shapely.contains_xy(land, *points).all()


def test_a_hundred_is_a_block(lines: list[dict[str, str]]) -> None:
    """Numbers rise along a straight street, a hundred to every 180 m."""
    streets = defaultdict(list)
    for line in lines:
        streets[line["street"]].append((int(line["number"]), metres(line)))
    assert len(streets) > 200
    for houses in streets.values():
        assert houses == sorted(houses)
        for (low, here), (high, there) in pairwise(houses):
            blocks = high // 100 - low // 100
            thirds = 3 * blocks + (high % 100) // 33 - (low % 100) // 33
            assert dist(here, there) == pytest.approx(thirds * BLOCK_M / 3, rel=0.01)


def test_main_streets_have_crossings(listed: list[dict[str, str]]) -> None:
    """A crossing is the corner at which a hundred begins."""
    corners = {(line["lat"], line["lon"]): line for line in listed if line["number"]}
    crossings = [line for line in listed if not line["number"]]
    assert len({line["street"] for line in crossings}) == len(crossings) > 300
    assert any(line["street"] == "Mill Lane & Dock Street" for line in crossings)
    assert any(line["street"].startswith("Harbor Way & East 2") for line in crossings)
    for line in crossings:
        house = corners[line["lat"], line["lon"]]
        assert line["street"].startswith(house["street"] + " & ")
        assert house["number"].endswith("00")
