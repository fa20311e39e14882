"""GeoJSON: the properties of each feature as columns, its point as one more."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stoop.incidents.readers.columns import key
from stoop.incidents.readers.files import Opened
from stoop.incidents.readers.tables import Table, write_table
from stoop.kernel.errors import Refusal

GEOMETRY = "geometry"


def read_geojson(opened: Opened, scratch: Path) -> Table:
    """Write a FeatureCollection, or a plain list of records, as a table."""
    features = _features(opened)
    names: dict[str, None] = {}
    pointed = False
    for record, point in features:
        names.update(dict.fromkeys(map(str, record)))
        pointed = pointed or bool(point)
    if pointed:
        # A property of that name gives way to the true geometry.
        names = {name: None for name in names if key(name) != GEOMETRY}
        names[GEOMETRY] = None
    header = tuple(names)
    rows = (
        [point if pointed and name == GEOMETRY else _text(record.get(name)) for name in header]
        for record, point in features
    )
    source, _ = write_table(rows, header, scratch / f"{opened.sha256}.csv")
    return Table(header, source, surplus=True)


def _features(opened: Opened) -> list[tuple[Mapping[str, Any], str]]:
    name = opened.name
    try:
        content = json.loads(opened.path.read_text(encoding=opened.encoding).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is damaged JSON; fetch or export it again.") from error
    if isinstance(content, dict):
        _check_degrees(content, name)
        listed = content.get("features")
        found = list(_from_features(listed if isinstance(listed, list) else []))
    else:
        found = [(record, "") for record in content if isinstance(record, dict)]
    if not found:
        raise Refusal(f"{name} holds no features; give GeoJSON with one point for each shooting.")
    return found


def _from_features(features: list[Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for feature in features:
        if not isinstance(feature, dict):
            continue
        properties = feature.get("properties")
        geometry = feature.get("geometry")
        record = properties if isinstance(properties, dict) else {}
        yield record, _point(geometry if isinstance(geometry, dict) else {})


def _point(geometry: Mapping[str, Any]) -> str:
    place = geometry.get("coordinates")
    if geometry.get("type") == "MultiPoint" and isinstance(place, list) and len(place) == 1:
        place = place[0]
    elif geometry.get("type") != "Point":
        return ""
    if not isinstance(place, list) or len(place) < 2:
        return ""
    lon, lat = place[:2]
    if not (isinstance(lon, (int, float)) and isinstance(lat, (int, float))):
        return ""
    return f"POINT ({lon} {lat})"


def _check_degrees(content: Mapping[str, Any], name: str) -> None:
    crs = content.get("crs")
    said = json.dumps(crs) if crs else ""
    if said and not any(word in said for word in ("CRS84", "4326", "4979")):
        raise Refusal(
            f"{name} is GeoJSON in a projection of its own; export it in longitude and latitude"
            " (EPSG:4326)."
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
