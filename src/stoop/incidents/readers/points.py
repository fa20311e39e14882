"""Points: which coordinates can be used, why the others cannot, and metres to measure in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from stoop.kernel.errors import Refusal

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# States of a row's point; all but the first set the point aside.
USABLE, ABSENT, UNREAD, ZERO, IMPOSSIBLE, SWAPPED, UNSIGNED, OUTSIDE = range(8)
REASONS = {
    ABSENT: "no coordinates",
    UNREAD: "coordinates that are no numbers",
    ZERO: "coordinates are zero",
    IMPOSSIBLE: "coordinates that are nowhere on Earth",
    SWAPPED: "latitude and longitude swapped",
    UNSIGNED: "longitude or latitude without its minus sign",
    OUTSIDE: "coordinates outside the city",
}
# Without the city's outline: a box of so many degrees around the median point.
AROUND_DEGREES = 1.0
# Projected coordinates are trusted as they stand when so many agree with latitude and longitude.
AGREE_SHARE, AGREE_M = 0.99, 2.0
# A projection that stretches distances by more than this is no projection to measure in.
STRETCH = 0.01

US_SURVEY_FOOT_M = 1200 / 3937

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Projection:
    """A projected coordinate system: `to_m` turns its unit into metres."""

    name: str
    to_m: float
    transformer: pyproj.Transformer

    def project(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Metres east and north; NaN where a point cannot be projected."""
        x, y = self.transformer.transform(lon, lat)
        return _finite(np.asarray(x) * self.to_m, np.asarray(y) * self.to_m)

    def unproject(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude of coordinates in the system's own unit."""
        lon, lat = self.transformer.transform(x, y, direction="INVERSE")
        return _finite(np.asarray(lat), np.asarray(lon))

    def stretch(self, lat: float, lon: float) -> float:
        """How much longer a short way is here than on the ground, as a share."""
        north = 0.01
        x, y = self.project(np.array([lat, lat + north]), np.array([lon, lon]))
        ground = pyproj.Geod(ellps="WGS84").inv(lon, lat, lon, lat + north)[2]
        return float(np.hypot(x[1] - x[0], y[1] - y[0]) / ground - 1.0)


def projection(crs: str) -> Projection:
    """The projection of a name such as EPSG:2263. Raises Refusal for what cannot measure."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        raise Refusal(
            f"'{crs[:60]}' is no coordinate system; give one by its number, as EPSG:2263."
        ) from error
    if not system.is_projected:
        raise Refusal(
            f"{crs[:60]} is not a projection in metres or feet; give one that is, as EPSG:2263, or"
            " leave --crs out."
        )
    authority = system.to_authority(min_confidence=100)
    name = ":".join(authority) if authority else system.to_string()
    factor = float(system.axis_info[0].unit_conversion_factor)
    if abs(factor - US_SURVEY_FOOT_M) < 1e-12:
        factor = US_SURVEY_FOOT_M
    try:
        transformer = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
    except ProjError as error:
        raise Refusal(f"{crs[:60]} cannot be reached from latitude and longitude.") from error
    return Projection(name, factor, transformer)


def zone_of(lat: float, lon: float) -> Projection:
    """The UTM zone of a point."""
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return projection(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")


def states(lat: Floats, lon: Floats, unread: Bools, bounds: Bounds | None) -> NDArray[np.int8]:
    """The state of each point; `unread` marks rows whose coordinates are texts.

    bounds: west, south, east, north in degrees; without it a box around the median point.
    """
    state = np.zeros(lat.size, dtype=np.int8)
    absent = np.isnan(lat) | np.isnan(lon)
    zero = (lat == 0.0) | (lon == 0.0)
    possible = ~absent & ~zero & (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    box = bounds or _around(lat[possible], lon[possible])
    inside = _within(lat, lon, box)
    state[~inside] = OUTSIDE
    state[~inside & (_within(-lat, lon, box) | _within(lat, -lon, box))] = UNSIGNED
    state[~inside & ~possible] = IMPOSSIBLE
    state[~inside & _within(lon, lat, box)] = SWAPPED
    state[zero & ~inside] = ZERO
    state[absent] = ABSENT
    state[unread & absent] = UNREAD
    return state


def typical(values: Floats) -> float:
    """The median; of so many values, evenly spread, that more would not move it."""
    return float(np.median(values[:: max(1, values.size // 100_000)]))


def _around(lat: Floats, lon: Floats) -> Bounds | None:
    if not lat.size:
        return None
    y, x = typical(lat), typical(lon)
    wide = AROUND_DEGREES
    return (x - wide, y - wide, x + wide, y + wide)


def _within(lat: Floats, lon: Floats, box: Bounds | None) -> Bools:
    if box is None:
        return np.zeros(lat.size, dtype=bool)
    west, south, east, north = box
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def check_not_swapped(
    state: NDArray[np.int8], lat: Floats, lon: Floats, names: Sequence[str]
) -> None:
    """Refuse a reading in which latitude and longitude have plainly changed places."""
    given = state != ABSENT
    most = given.sum() / 2
    both = ~(np.isnan(lat) | np.isnan(lon))
    if not (most and both.any()):
        return
    # No city lies so near a pole.
    polar = typical(np.abs(lat[both])) > 66.0 > typical(np.abs(lon[both]))
    if polar or (state == SWAPPED).sum() > most:
        raise Refusal(
            f"Latitude and longitude look swapped in {' and '.join(names[:3])}; say which column is"
            " which with --columns lat=NAME,lon=NAME."
        )


def _finite(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    bad = ~(np.isfinite(a) & np.isfinite(b))
    if bad.any():
        a, b = np.where(bad, np.nan, a), np.where(bad, np.nan, b)
    return a, b
