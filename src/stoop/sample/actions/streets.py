"""A street grid for each bank, and the addresses on it where a shooting can be recorded.

Police write down a corner or the middle of a block face, so real coordinates repeat; here every
shooting lies at one of these addresses.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from stoop.sample.actions.draws import Draws, Floats, Ints
from stoop.sample.actions.land import Land

BLOCK_M = (180.0, 90.0)
# (cosine, sine) of each bank's grid: exact fractions, turned by about 16 and -11 degrees.
TURN = {"W": (24 / 25, 7 / 25), "E": (60 / 61, -11 / 61), "H": (60 / 61, -11 / 61)}
BANKS = ("W", "EH")
KERB_M = 15.0
BORDER_STREET_M = 45.0
PARK_PATHS = 0.08


@dataclass(frozen=True)
class Streets:
    """All arrays (n_addresses,): metres of EPSG:32620, the sector's position in Land.polygons, and
    the district across a border street before and after the split ("" where there is none)."""

    x_m: Floats
    y_m: Floats
    sector: Ints
    across_before: tuple[str, ...]
    across_after: tuple[str, ...]


def make_streets(land: Land, seed: int) -> Streets:
    draws = Draws(seed, "streets")
    inner = [polygon.buffer(-1.0) for polygon in land.polygons]
    dry = shapely.union_all(list(land.polygons)).buffer(-KERB_M)
    found: list[tuple[Floats, Ints]] = []
    for letters in BANKS:
        own = bank(land, letters)
        points = _grid(shapely.union_all([land.polygons[k] for k in own]), TURN[letters[0]])
        points = points[shapely.contains_xy(dry, points)]
        sector = np.full(len(points), -1, np.int64)
        for k in own:
            sector[_inside(inner[k], points)] = k
        found.append((points[sector >= 0], sector[sector >= 0]))
    points = np.vstack([p for p, _ in found])
    sector = np.concatenate([s for _, s in found])
    in_park = np.asarray([land.area_before[k] == land.park for k in sector.tolist()])
    keep = ~in_park | (draws.uniform(len(points)) < PARK_PATHS)
    points, sector = points[keep], sector[keep]
    return Streets(
        x_m=points[:, 0],
        y_m=points[:, 1],
        sector=sector,
        across_before=_across(points, sector, land, after=False),
        across_after=_across(points, sector, land, after=True),
    )


def bank(land: Land, letters: str) -> list[int]:
    """Positions of a bank's sectors in Land.polygons."""
    return [k for k, code in enumerate(land.area_before) if code[0] in letters]


def _grid(part: Any, turn: tuple[float, float]) -> Floats:
    """Corners, and two addresses on every long block face."""
    x0, y0, x1, y1 = part.bounds
    reach = (x1 - x0 + y1 - y0) / 2
    along = np.arange(-reach // BLOCK_M[0], reach // BLOCK_M[0] + 1) * BLOCK_M[0]
    along = (along[:, None] + np.asarray([0.0, 60.0, 120.0])[None, :]).ravel()
    u, v = np.meshgrid(along, np.arange(-reach // BLOCK_M[1], reach // BLOCK_M[1] + 1) * BLOCK_M[1])
    cosine, sine = turn
    middle_x, middle_y = middle(part)
    x = middle_x + u.ravel() * cosine - v.ravel() * sine
    y = middle_y + u.ravel() * sine + v.ravel() * cosine
    return np.round(np.column_stack([x, y]), 1)


def middle(part: Any) -> tuple[float, float]:
    """Where a bank's grid begins: a corner of it, in whole metres."""
    x0, y0, x1, y1 = part.bounds
    return float(np.round((x0 + x1) / 2)), float(np.round((y0 + y1) / 2))


def _inside(polygon: Any, points: Floats) -> Ints:
    x0, y0, x1, y1 = polygon.bounds
    x, y = points[:, 0], points[:, 1]
    near = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    return np.asarray(near[shapely.contains_xy(polygon, points[near])], np.int64)


def _across(points: Floats, sector: Ints, land: Land, *, after: bool) -> tuple[str, ...]:
    areas = land.areas(after=after)
    own = land.area_after if after else land.area_before
    codes = list(areas)
    tree = shapely.STRtree(shapely.points(points))
    across = [""] * len(points)
    for code in codes:
        for at in tree.query(areas[code], predicate="dwithin", distance=BORDER_STREET_M).tolist():
            if own[sector[at]] != code:
                across[at] = code
    return tuple(across)


def near(streets: Streets, x_m: float, y_m: float, radius_m: float) -> Ints:
    """Addresses within the radius of a point, in their order."""
    squared = (streets.x_m - x_m) ** 2 + (streets.y_m - y_m) ** 2
    return np.asarray(np.flatnonzero(squared <= radius_m**2), np.int64)
