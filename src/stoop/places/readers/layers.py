"""Opening a map file: the layer that holds a field, its shapes and what is said of them."""

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from stoop.kernel.errors import Refusal
from stoop.places.models import Geometries

_MAPS = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml")
_BESIDE_A_SHAPEFILE = (".shx", ".dbf")


@dataclass(frozen=True)
class Layer:
    """What a map file holds, before any judgement; one element of each array a shape.

    `shapes` may hold None, and anything that is no polygon; `starts` and `ends` are None where
    the file has no such property. `crs` is None where the file names no reference system.
    """

    name: str
    field: str
    crs: str | None
    shapes: Geometries
    codes: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any] | None
    ends: np.ndarray[Any, Any] | None
    names: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True)
class _Place:
    """Where the field was found, and how the file spells the properties that matter."""

    file: str
    layer: str
    field: str
    start: str | None
    end: str | None
    name: str | None


def read_layer(source: Path, field: str | None, name_field: str | None = None) -> Layer:
    """Read the first layer of the file, or of the zip's map files, that has the field.

    Refuses (Refusal) what cannot be read, and a file without the field.
    """
    _refuse_half_a_shapefile(source)
    try:
        with warnings.catch_warnings():
            # GDAL warns of a missing .prj and the like; what matters is refused later, in words.
            warnings.simplefilter("ignore")
            place = _find(source, field, name_field)
            meta, _, shapes, columns = pyogrio.raw.read(
                place.file,
                layer=place.layer,
                columns=list(
                    dict.fromkeys(
                        name for name in (place.field, place.start, place.end, place.name) if name
                    )
                ),
                force_2d=True,
            )
            geometries = shapely.from_wkb(shapes, on_invalid="fix")
    except (DataSourceError, DataLayerError, zipfile.BadZipFile) as error:
        raise Refusal(
            f"{source.name} is not a map file that can be read; save the areas as GeoJSON, "
            "GeoPackage, or a zipped Shapefile."
        ) from error
    table = dict(zip(meta["fields"], columns, strict=True))
    return Layer(
        name=source.name,
        field=place.field,
        crs=meta["crs"],
        shapes=geometries,
        codes=table[place.field],
        starts=table[place.start] if place.start else None,
        ends=table[place.end] if place.end else None,
        names=table[place.name] if place.name else None,
    )


def _refuse_half_a_shapefile(source: Path) -> None:
    if source.suffix.lower() != ".shp":
        return
    there = {one.suffix.lower() for one in source.parent.glob(f"{source.stem}.*")}
    missing = [f"{source.stem}{suffix}" for suffix in _BESIDE_A_SHAPEFILE if suffix not in there]
    if missing:
        raise Refusal(
            f"{source.name} is a part of a Shapefile; put {' and '.join(missing)} beside it."
        )


def _files(source: Path) -> list[str]:
    """The file itself, or the map files in a zip, however deep in its folders, or in a gz."""
    whole = source.resolve().as_posix()
    if source.suffix.lower() == ".gz":
        return [f"/vsigzip/{whole}"]
    if source.suffix.lower() != ".zip":
        return [str(source)]
    with zipfile.ZipFile(source) as box:
        names = [name for name in box.namelist() if not name.startswith("__MACOSX/")]
    inner = sorted(name for name in names if Path(name).suffix.lower() in _MAPS)
    return [f"/vsizip/{whole}/{name}" for name in inner] or [str(source)]


def _find(source: Path, field: str | None, name_field: str | None) -> _Place:
    """Where the field is; without a name, the one field that is no date of validity."""
    others: dict[str, None] = {}
    for file in _files(source):
        for layer, geometry_type in pyogrio.list_layers(file):
            if geometry_type is None:
                continue
            fields = [str(one) for one in pyogrio.read_info(file, layer=layer)["fields"]]
            spelled = {one.lower(): one for one in reversed(fields)}
            start, end = spelled.get("valid_from"), spelled.get("valid_to")
            called = spelled.get(name_field.lower()) if name_field else None
            if field is None:
                plain = [one for one in fields if one not in (start, end, called)]
                found = plain[0] if len(plain) == 1 else None
            else:
                found = field if field in fields else spelled.get(field.lower())
            if found is not None:
                if name_field and called is None:
                    raise Refusal(
                        f"{source.name} has no field {name_field!r} with names (its fields are "
                        f"{', '.join(fields)}); name another with --name-field."
                    )
                return _Place(file, layer, found, start, end, called)
            others.update(dict.fromkeys(fields))
    if not others:
        raise Refusal(
            f"{source.name} holds no outlines with a field; give the areas as GeoJSON, Shapefile "
            "or GeoPackage, each with its code."
        )
    there = f"its fields are {', '.join(others)}"
    what = f"has no field {field!r} ({there})" if field else f"is not clear on its own ({there})"
    raise Refusal(
        f"{source.name} {what}; name the field that holds the area's code with --area-field."
    )
