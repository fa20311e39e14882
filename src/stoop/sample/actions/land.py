"""The land of Sample City: a shore, a river, an island, sectors, and districts made of sectors.

All in metres of EPSG:32620; the place is open ocean, so no map shows a real street under it.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import shapely

from stoop.kernel.errors import Refusal
from stoop.sample.actions.draws import Draws, Floats, Ints

ORIGIN_M = (504_000.0, 4_575_000.0)
# Kilometres from the origin. The first six corners are borders with other towns, the rest is shore.
BORDER_KM = [(-0.2, 6.0), (0.3, 9.2), (0.6, 12.4), (5.0, 13.2), (9.6, 12.8), (14.5, 12.1)]
BORDER_EAST_KM = [(15.1, 8.2), (14.7, 4.7)]
SHORE_KM = [
    (13.3, 3.7), (12.1, 2.3), (11.3, 1.0), (10.3, 1.1), (10.2, 2.6), (9.3, 3.7), (8.2, 4.2),
    (7.0, 3.9), (6.2, 2.9), (5.2, 2.5), (4.5, 3.1), (3.4, 2.6), (2.2, 1.4), (1.0, 1.8), (0.4, 3.3),
]  # fmt: skip
RIVER_KM = [(6.3, 13.9), (6.9, 11.6), (6.1, 9.8), (6.6, 8.0), (7.7, 6.6), (7.5, 5.2), (7.7, 2.6)]
RIVER_HALF_WIDTH_M = 150.0
ISLAND_KM = [(8.3, 2.2), (9.0, 2.5), (9.3, 1.9), (8.9, 1.3), (8.3, 1.5)]
PARK_KM = (9.9, 8.9)
SPLIT_KM = (12.8, 9.9)
CENTRE_KM = (7.2, 6.0)
WEST_AREAS, EAST_AREAS, SECTORS = 10, 14, 90
SAMPLE_STEP_M = 150.0
BOROUGHS = {"W": "Westbank", "E": "Eastbank", "H": "Harbor"}
HARBOR_NORTH_KM = 5.6


@dataclass(frozen=True)
class Land:
    """Sectors and the districts they make; `*_before` hold until the split, `*_after` from it.

    polygons: (n_sectors,) shapely polygons; area_before/area_after: (n_sectors,) district codes;
    code_before/code_after: (n_sectors,) sector codes.
    """

    polygons: tuple[Any, ...]
    area_before: tuple[str, ...]
    area_after: tuple[str, ...]
    code_before: tuple[str, ...]
    code_after: tuple[str, ...]
    park: str
    split_old: str
    split_new: str

    def areas(self, *, after: bool) -> dict[str, Any]:
        """District code to polygon, on one side of the split, in the order of the codes."""
        codes = self.area_after if after else self.area_before
        return {
            code: shapely.union_all(
                [p for p, c in zip(self.polygons, codes, strict=True) if c == code]
            )
            for code in sorted(set(codes), key=sort_key)
        }


def sort_key(code: str) -> tuple[int, int, str]:
    """W1 .. W10, then E1 .., then H1 ..; a sector's letter last."""
    digits = "".join(c for c in code[1:] if c.isdigit())
    return ("WEH".index(code[0]), int(digits), code[1 + len(digits) :])


def metres(kilometres: list[tuple[float, float]]) -> Floats:
    return np.asarray(np.asarray(kilometres) * 1000.0 + np.asarray(ORIGIN_M))


def make_land(seed: int) -> Land:
    draws = Draws(seed, "land")
    west, east, island = _mainland(draws)
    grounds = []
    for part, count in ((west, WEST_AREAS), (east, EAST_AREAS)):
        samples = _sample_points(part)
        centres, member = _cluster(samples, count, draws)
        grounds += [samples[member == k] for k in range(count)]
    park_area = WEST_AREAS + _nearest(centres, PARK_KM)
    split_area = WEST_AREAS + _nearest(centres, SPLIT_KM)
    seeds = [
        _cluster(ground, _sectors_of(area, park_area, split_area), draws)[0]
        for area, ground in enumerate(grounds)
    ]
    owner = np.repeat(np.arange(len(seeds)), [len(own) for own in seeds])
    points = np.vstack(seeds)
    polygons = _faces(shapely.union_all([west, east]), points, draws)
    shore_home = int(np.argmin([p.distance(island) for p in polygons]))
    polygons[shore_home] = polygons[shore_home].union(island)
    return _named(polygons, points, owner, park_area, split_area)


def _sectors_of(area: int, park: int, split: int) -> int:
    """Sectors of one district: two in the park, six in the one to be split, else 3 or 4."""
    if area == park:
        return 2
    if area == split:
        return 6
    ordinary = [k for k in range(WEST_AREAS + EAST_AREAS) if k not in (park, split)]
    base, extra = divmod(SECTORS - 2 - 6, len(ordinary))
    # The extra sectors go to every so many-th district, not all to one bank.
    place = ordinary.index(area)
    return base + ((place + 1) * extra // len(ordinary) - place * extra // len(ordinary))


def _mainland(draws: Draws) -> tuple[Any, Any, Any]:
    shore = _crooked(metres([BORDER_EAST_KM[-1], *SHORE_KM, BORDER_KM[0]]), draws, 0.13, levels=4)
    ring = np.vstack([metres(BORDER_KM + BORDER_EAST_KM[:-1]), shore])
    river_line = shapely.LineString(_crooked(metres(RIVER_KM), draws, 0.07, levels=4))
    mouth = shapely.Point(*metres([RIVER_KM[-1]])[0]).buffer(900)
    water = shapely.union_all([river_line.buffer(RIVER_HALF_WIDTH_M, quad_segs=3), mouth])
    parts = [p for p in shapely.Polygon(ring).buffer(0).difference(water).geoms if p.area > 5e6]
    west, east = sorted(parts, key=lambda p: p.centroid.x)
    corners = metres([*ISLAND_KM, ISLAND_KM[0]])
    island = shapely.Polygon(_crooked(corners, draws, 0.12, levels=3)).buffer(0)
    return west, east, island


def _crooked(line: Floats, draws: Draws, amount: float, *, levels: int) -> Floats:
    """Midpoint displacement: each pass halves every stretch and moves the middle sideways."""
    for _ in range(levels):
        start, end = line[:-1], line[1:]
        along = end - start
        sideways = np.column_stack([-along[:, 1], along[:, 0]])
        shift = draws.uniform(len(along), -amount, amount)[:, None]
        middle = (start + end) / 2 + sideways * shift
        out = np.empty((2 * len(line) - 1, 2))
        out[::2], out[1::2] = line, middle
        line = out
    return np.round(line, 1)


def _sample_points(part: Any) -> Floats:
    x0, y0, x1, y1 = part.bounds
    x, y = np.meshgrid(
        np.arange(np.floor(x0), x1, SAMPLE_STEP_M), np.arange(np.floor(y0), y1, SAMPLE_STEP_M)
    )
    inside = shapely.contains_xy(part, x.ravel(), y.ravel())
    return np.asarray(np.column_stack([x.ravel(), y.ravel()])[inside])


def _cluster(points: Floats, count: int, draws: Draws) -> tuple[Floats, Ints]:
    """Lloyd's algorithm: centres of compact parts, smaller towards the centre of the city."""
    distance_km = np.hypot(*(points - metres([CENTRE_KM])[0]).T) / 1000
    weight = 1 / (1 + (distance_km / 4) ** 2)
    centres = points[_spread(points, count, draws)]
    member = np.zeros(len(points), np.int64)
    for _ in range(12):
        gaps = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        member = np.argmin(np.round(gaps, 3), axis=1).astype(np.int64)
        mass = np.bincount(member, weight, count)
        centres = np.column_stack(
            [np.bincount(member, weight * points[:, axis], count) / mass for axis in (0, 1)]
        )
        centres = np.round(centres, 1)
    return centres, member


def _spread(points: Floats, count: int, draws: Draws) -> list[int]:
    """Starting centres: a random first, then always the point farthest from all chosen, nudged."""
    chosen = [int(draws.below(len(points), 1)[0])]
    gap = np.full(len(points), np.inf)
    while len(chosen) < count:
        gap = np.minimum(gap, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(np.argmax(np.round(gap * draws.uniform(len(points), 0.5, 1.0), 3))))
    return chosen


def _nearest(centres: Floats, place_km: tuple[float, float]) -> int:
    return int(np.argmin(((centres - metres([place_km])[0]) ** 2).sum(axis=1)))


def _faces(land: Any, points: Floats, draws: Draws) -> list[Any]:
    """Voronoi cells with crooked borders, cut by the shore; one polygon for each point."""
    frame = shapely.box(*land.bounds).buffer(2000)
    edges = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame, only_edges=True)
    lines = [shapely.LineString(_crooked(e, draws, 0.09, levels=2)) for e in _stretches(edges)]
    border = shapely.boundary(land)
    faces = [
        f
        for f in shapely.polygonize([shapely.union_all([*lines, border])]).geoms
        if land.contains(f.representative_point())
    ]
    owner = _owners(faces, points)
    return [
        shapely.normalize(
            shapely.union_all([f for f, o in zip(faces, owner, strict=True) if o == k])
        )
        for k in range(len(points))
    ]


def _stretches(edges: Any) -> list[Floats]:
    """Straight pieces of the Voronoi edges, each and all in one fixed order."""
    pieces = set()
    for line in shapely.get_parts(edges):
        corners = [tuple(c) for c in np.round(shapely.get_coordinates(line), 1).tolist()]
        pieces |= {tuple(sorted(pair)) for pair in pairwise(corners)}
    return [np.asarray(pair) for pair in sorted(pieces) if pair[0] != pair[1]]


def _owners(faces: list[Any], points: Floats) -> list[int]:
    """A face belongs to the point in it; a scrap beyond water joins its longest neighbour."""
    tree = shapely.STRtree(shapely.points(points))
    owner = []
    for face in faces:
        inside = sorted(int(i) for i in tree.query(face, predicate="contains"))
        owner.append(inside[0] if inside else -1)
    while -1 in owner:
        before = owner.count(-1)
        for i, face in enumerate(faces):
            if owner[i] < 0:
                shared = [
                    (round(face.intersection(other).length, 1), -owner[j])
                    for j, other in enumerate(faces)
                    if owner[j] >= 0 and face.touches(other)
                ]
                if shared and max(shared)[0] > 0:
                    owner[i] = -max(shared)[1]
        if owner.count(-1) == before:
            raise Refusal(
                "Of this seed a piece of Sample City lies in no sector; choose another seed."
            )
    return owner


def _named(polygons: list[Any], points: Floats, owner: Ints, park: int, split: int) -> Land:
    """District codes by borough and from south to north, sector letters from west to east."""
    count = int(owner.max()) + 1
    middle = np.asarray([points[owner == k].mean(axis=0) for k in range(count)])
    harbor_north_m = ORIGIN_M[1] + HARBOR_NORTH_KM * 1000
    letters = [
        "W" if k < WEST_AREAS else "H" if middle[k, 1] < harbor_north_m and k != split else "E"
        for k in range(count)
    ]
    names: dict[int, str] = {}
    for letter in BOROUGHS:
        own = sorted((k for k in range(count) if letters[k] == letter), key=lambda k: middle[k, 1])
        names |= {k: f"{letter}{n}" for n, k in enumerate(own, start=1)}
    opened = f"E{letters.count('E') + 1}"
    before = [names[k] for k in owner.tolist()]
    after = list(before)
    for sector in _leaving(polygons, points, np.flatnonzero(owner == split)):
        after[sector] = opened
    codes = _sector_codes(before, points)
    moved = _sector_codes(after, points)
    return Land(
        polygons=tuple(polygons),
        area_before=tuple(before),
        area_after=tuple(after),
        code_before=codes,
        code_after=tuple(
            new if a == opened else old for old, new, a in zip(codes, moved, after, strict=True)
        ),
        park=names[park],
        split_old=names[split],
        split_new=opened,
    )


def _leaving(polygons: list[Any], points: Floats, sectors: Ints) -> tuple[int, ...]:
    """Three northern sectors of a district that can leave it with both parts in one piece."""
    north = sorted(sectors.tolist(), key=lambda s: -points[s, 1])
    for leaving in combinations(north, 3):
        staying = [s for s in north if s not in leaving]
        parts = [shapely.union_all([polygons[s] for s in own]) for own in (leaving, staying)]
        if all(part.geom_type == "Polygon" for part in parts):
            return leaving
    raise Refusal("Of this seed the district to split comes apart; choose another seed.")


def _sector_codes(areas: list[str], points: Floats) -> tuple[str, ...]:
    """The district's code and a letter from west to east."""
    codes = [""] * len(areas)
    for area in set(areas):
        own = sorted((s for s, a in enumerate(areas) if a == area), key=lambda s: points[s, 0])
        for letter, sector in zip("ABCDEFGH", own, strict=False):
            codes[sector] = f"{area}{letter}"
    return tuple(codes)
