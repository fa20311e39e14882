"""Small areas and map files for tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import shapely

from stoop.places.models import Area, Areas

NEVER = np.datetime64("NaT")
# Actors of accounts look so from here.
EDITOR: Any = SimpleNamespace(ref="system", sites=lambda permission: frozenset({None}))
OUTSIDER: Any = SimpleNamespace(ref="person:x", sites=lambda permission: frozenset())


def areas(
    shapes: Sequence[Any],
    *,
    codes: Sequence[str] | None = None,
    valid_from: Sequence[Any] | None = None,
    valid_to: Sequence[Any] | None = None,
) -> Areas:
    n = len(shapes)
    polygons = np.empty(n, dtype=object)
    polygons[:] = shapes
    return Areas(
        codes=tuple(codes or map(str, range(1, n + 1))),
        polygons=polygons,
        valid_from=np.array(valid_from or [NEVER] * n, dtype="datetime64[D]"),
        valid_to=np.array(valid_to or [NEVER] * n, dtype="datetime64[D]"),
        file="made.geojson",
        sha256="",
        field="code",
        kind="area",
    )


def split_city() -> Areas:
    """One square until 2020-06-01; from that day its two halves, the west one under its code."""
    return areas(
        [shapely.box(0, 0, 2, 1), shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        codes=["A", "A", "B"],
        valid_from=[NEVER, "2020-06-01", "2020-06-01"],
        valid_to=["2020-06-01", NEVER, NEVER],
    )


def geojson(
    path: Path, rows: Sequence[tuple[Mapping[str, Any], Any]], *, crs: str | None = None
) -> Path:
    """Write (properties, shape or None) rows as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": dict(properties),
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for properties, shape in rows
    ]
    body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        body["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def make_area(
    kind: str = "precinct",
    code: str = "1",
    shape: Any = (0.0, 0.0, 1.0, 1.0),
    *,
    name: str = "",
    valid_from: Any = None,
    valid_to: Any = None,
) -> Area:
    """An area in the table; `shape` is a polygon or a box of west, south, east, north."""
    from stoop.places import actions

    return actions.set_area(
        kind=kind,
        code=code,
        name=name,
        polygon=shapely.box(*shape) if isinstance(shape, tuple) else shape,
        valid_from=valid_from,
        valid_to=valid_to,
        by=EDITOR,
    )
