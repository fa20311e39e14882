"""Outlines of areas for the map, as fine as its zoom can show. Outlines are public."""

import json
from collections import OrderedDict
from datetime import date
from hashlib import sha256
from typing import Any

import shapely
from django.utils import timezone

from stoop.kernel import clock
from stoop.places import queries as places

# A zoom is drawn with the outlines made for the next of these; places after the comma for each.
_FINE = {10: 3, 12: 4, 14: 5, 16: 5}
_PIXELS = 0.75
_KEPT = 40
_made: "OrderedDict[tuple[Any, ...], tuple[str, bytes]]" = OrderedDict()


def outlines(kind: str, zoom: int) -> tuple[str, bytes] | None:
    """(mark of this version, GeoJSON) of the areas of a kind that hold today; None without any."""
    today = timezone.localdate(clock.now())
    rows = places.areas(kind, on=today)
    newest = rows.order_by("-changed").values_list("changed", flat=True).first()
    if newest is None:
        return None
    fine = next((each for each in _FINE if zoom <= each), max(_FINE))
    key = (kind, fine, newest, today)  # what was loaded ahead of its first day begins on it
    if key not in _made:
        body = _geojson(kind, fine, today)
        _made[key] = sha256(body).hexdigest()[:20], body
        while len(_made) > _KEPT:
            _made.popitem(last=False)
    return _made[key]


def names(kind: str) -> dict[str, str]:
    """What people call the areas of a kind, by code; the code where there is no name."""
    found = places.areas(kind).values_list("code", "name")
    return {code: name or code for code, name in found}


def _geojson(kind: str, fine: int, on: date) -> bytes:
    rows = list(places.areas(kind, on=on))
    shapes = _simpler([places.polygon(row) for row in rows], kind, 360 / 256 / 2**fine * _PIXELS)
    step = 10.0 ** -_FINE[fine]
    features = []
    for row, shape in zip(rows, shapes, strict=True):
        middle = shapely.point_on_surface(shape)
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code": row.code,
                    "name": row.name or row.code,
                    "at": [round(middle.x, 5), round(middle.y, 5)],
                },
                "geometry": _rounded(shape, step),
            }
        )
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()


def _simpler(shapes: list[Any], kind: str, degrees: float) -> Any:
    """Areas that share borders keep sharing them; catchments may overlap, so each goes alone."""
    if kind != "catchment":
        simple = shapely.coverage_simplify(shapes, degrees)
        if not shapely.is_empty(simple).any():
            return simple
    return shapely.simplify(shapes, degrees)


def _rounded(shape: Any, step: float) -> Any:
    """Its GeoJSON geometry with coordinates in whole steps; the shape itself if none is left."""
    places_after = max(0, len(str(round(1 / step))) - 1)
    geometry = json.loads(shapely.to_geojson(shape))

    def rounded(part: Any) -> Any:
        if isinstance(part[0], int | float):
            return [round(part[0], places_after), round(part[1], places_after)]
        inner = [rounded(each) for each in part]
        if isinstance(inner[0][0], int | float):
            return [p for i, p in enumerate(inner) if i == 0 or p != inner[i - 1]]
        return inner

    geometry["coordinates"] = rounded(geometry["coordinates"])
    return geometry
