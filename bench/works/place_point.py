"""One point at a time, as a report comes: which precinct and sector hold it on its day."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from stoop.places.queries.lookup import Index, row
from stoop.places.readers import read_areas

TITLE = "100,000 points, one by one, to 78 precincts and their sectors"
PEER = "shapely STRtree, within, prepared polygons"
PEER_REQUIRES: list[str] = []  # shapely is one of Stoop's own packages
QUOTED = None
AIM = "microseconds a point"

POINTS = 100_000
SEED = 20_201_231
_DAY = 737_000

Inputs = tuple[Index, Any, list[str], list[float], list[float]]


def prepare(data: Path) -> Inputs:
    rows, polygons, codes = [], [], []
    for kind in ("precinct", "sector"):
        areas = read_areas(data / f"{kind}s.geojson", field=kind, kind=kind)
        rows += [
            row(kind, *pair, None, None) for pair in zip(areas.codes, areas.polygons, strict=True)
        ]
        polygons += list(areas.polygons)
        codes += [f"{kind} {code}" for code in areas.codes]
    west, south, east, north = shapely.total_bounds(polygons)
    rng = np.random.default_rng(SEED)
    lon, lat = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    shapely.prepare(polygons)
    return Index(rows), shapely.STRtree(polygons), codes, lon.tolist(), lat.tolist()


def warm(inputs: Inputs) -> None:
    """Nothing: the index is held by every process that is asked."""


def ours(inputs: Inputs) -> list[list[str]]:
    index, _, _, lon, lat = inputs
    return [
        sorted(f"{kind} {code}" for kind, held in placed.items() for code in held)
        for placed in (index.placed(x, y, _DAY) for x, y in zip(lon, lat, strict=True))
    ]


def theirs(inputs: Inputs) -> list[list[str]]:
    _, tree, codes, lon, lat = inputs
    return [
        sorted(codes[at] for at in tree.query(shapely.Point(x, y), predicate="within").tolist())
        for x, y in zip(lon, lat, strict=True)
    ]


def agree(ours: list[list[str]], theirs: list[list[str]] | None, data: Path) -> str:
    assert theirs is None or ours == theirs
    inside = sum(map(bool, ours))
    return f"The same areas for every point; {inside:,} in one. Seconds x 10 are microseconds each."
