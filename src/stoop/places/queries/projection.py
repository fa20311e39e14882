"""Degrees to metres and back. Whatever unit a reference system has, Stoop sees metres."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike

from stoop.kernel.errors import Refusal
from stoop.places.models import Areas, Floats, Geometries


@lru_cache(maxsize=16)
def _system(crs: str) -> tuple[Any, Any, float]:
    """Transformers there and back, and the metres in one unit of the system."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise Refusal(
            f"{crs!r} is not a reference system; give a code such as EPSG:2263 or EPSG:32618."
        ) from error
    if not system.is_projected:
        raise Refusal(
            f"{crs} measures in degrees, not in metres; give a projected reference system such as "
            "EPSG:32618."
        )
    there = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
    back = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    return there, back, float(system.axis_info[0].unit_conversion_factor)


def metric_crs(lon: ArrayLike, lat: ArrayLike) -> str:
    """The UTM zone of the middle of the points, as an EPSG code (WGS 84).

    Inside a city distances are right to 1 in 2,500. Refuses when no point has coordinates or
    their middle lies beyond 84 degrees north or 80 south, where there is no such zone.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise Refusal("No row has coordinates, so there is no map; check the coordinate columns.")
    middle_lon, middle_lat = float(np.median(x[known])), float(np.median(y[known]))
    if not (-180 <= middle_lon <= 180 and -80 <= middle_lat <= 84):
        raise Refusal(
            f"The coordinates centre on longitude {middle_lon:.4f}, latitude {middle_lat:.4f}, "
            "which is no city; check which column is which, or say the projection with --crs."
        )
    zone = min(int((middle_lon + 180) // 6), 59) + 1
    return f"EPSG:{(32600 if middle_lat >= 0 else 32700) + zone}"


def project(lon: ArrayLike, lat: ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """Longitudes and latitudes (EPSG:4326) to metres east and north of the system's origin.

    In a system in feet the result is still metres: EPSG:2263's feet times 0.3048006096. NaN stays
    NaN; a point that the system cannot show becomes infinite. Refuses a system in degrees.
    """
    there, _, unit = _system(crs)
    x, y = there.transform(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return np.asarray(x, dtype=np.float64) * unit, np.asarray(y, dtype=np.float64) * unit


def unproject(x_m: ArrayLike, y_m: ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """The inverse of `project`: metres to longitudes and latitudes (EPSG:4326)."""
    _, back, unit = _system(crs)
    x, y = np.asarray(x_m, dtype=np.float64) / unit, np.asarray(y_m, dtype=np.float64) / unit
    lon, lat = back.transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def project_polygons(areas: Areas, crs: str) -> Geometries:
    """The polygons of `areas`, in its order, with coordinates in metres as `project` gives them."""

    def to_metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        return project(lon, lat, crs)

    polygons: Geometries = shapely.transform(areas.polygons, to_metres, interleaved=False)
    return polygons
