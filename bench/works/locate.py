"""1,000,000 points to 78 precincts: which polygon holds each."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from stoop.places.queries import Areas, locate
from stoop.places.readers import read_areas

TITLE = "1,000,000 points to 78 precincts"
PEER = "shapely contains_xy, prepared, with boxes"
PEER_REQUIRES: list[str] = []  # shapely is one of Stoop's own packages
QUOTED = None
AIM = "2 x less CPU, identical"

POINTS = 1_000_000
SEED = 20_201_231

Inputs = tuple[Areas, np.ndarray, np.ndarray]


def prepare(data: Path) -> Inputs:
    areas = read_areas(data / "precincts.geojson", field="precinct", kind="precinct")
    west, south, east, north = shapely.total_bounds(areas.polygons)
    rng = np.random.default_rng(SEED)
    return areas, rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)


def warm(inputs: Inputs) -> None:
    """Load what is loaded late, on other polygons, so that none of these is prepared already."""
    square = shapely.box(0, 0, 1, 1)
    shapely.prepare(square)
    shapely.contains_xy(square, [0.5], [0.5])


def ours(inputs: Inputs) -> Any:
    areas, lon, lat = inputs
    return locate(areas, lon, lat)


def theirs(inputs: Inputs) -> Any:
    """The fastest public way known: boxes first, then prepared polygons, in one thread."""
    areas, lon, lat = inputs
    shapely.prepare(areas.polygons)
    found = np.full(lon.size, -1, dtype=np.int64)
    boxes = shapely.bounds(areas.polygons)
    for at in reversed(range(len(areas))):  # the first polygon wins, at no cost to the peer
        west, south, east, north = boxes[at]
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found[near[shapely.contains_xy(areas.polygons[at], lon[near], lat[near])]] = at
    return found


def agree(ours: Any, theirs: Any, data: Path) -> str:
    assert np.array_equal(ours, theirs), f"{int((ours != theirs).sum())} points differ"
    return f"Every point in the same precinct or in none; {int((ours >= 0).sum()):,} in one."
