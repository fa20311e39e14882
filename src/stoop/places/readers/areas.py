"""Outlines of areas from GeoJSON, Shapefile or GeoPackage, each with the days it was valid."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest
from stoop.kernel.rejects import RejectedRow
from stoop.places.models import Areas, Days, Geometries, area_code
from stoop.places.readers.days import day
from stoop.places.readers.layers import Layer, read_layer
from stoop.places.readers.overlaps import overlaps

_COLLECTION = 7
_POLYGONAL = (3, 6, _COLLECTION)  # shapely's type ids of Polygon, MultiPolygon and a mixture


def read_areas(
    path: str | Path,
    *,
    field: str | None = None,
    kind: str = "area",
    name_field: str | None = None,
) -> Areas:
    """Read polygons with their codes from the property `field`, in longitude and latitude.

    Without `field`, the file's only property beside the dates is taken. `name_field` is the
    property that holds what people call an area, where it is wanted.

    GeoJSON, Shapefile, GeoPackage, or whatever else GDAL reads, also in a zip, in any reference
    system. Properties `valid_from` and `valid_to`, where there, say when a polygon holds:
    `valid_to` is the first day on which it no longer does, so that the old and the new shape of a
    split area carry one and the same day. Polygons of one code that hold on the same days become
    one; broken polygons are repaired; other shapes are left out: each with a note.

    Refuses (Refusal) a file that is missing or unreadable, has no polygons, lacks the field or a
    reference system, or has dates that are none or run backwards.
    """
    source = Path(path)
    sha256 = _digest(source)
    layer = read_layer(source, field, name_field)
    notes: list[str] = []
    layer, rejects = _usable(layer, notes)
    polygons = _mend(layer, _geographic(layer), notes)
    codes = [area_code(value) for value in layer.codes]
    starts, ends = _validity(layer, codes)
    _note_gaps(codes, starts, ends, notes)
    areas = _merged(
        Areas(
            tuple(codes), polygons, starts, ends, source.name, sha256, layer.field, kind,
            tuple(notes), _names(layer), rejects,
        )
    )  # fmt: skip
    return replace(areas, notes=(*areas.notes, *overlaps(areas)))


def _digest(source: Path) -> str:
    if source.is_dir():
        raise Refusal(f"{source} is a folder; name the map file in it.")
    try:
        return digest(source)
    except OSError as error:
        raise Refusal(
            f"The map file {source} cannot be read ({error.strerror or error}); "
            "check its name and folder."
        ) from error


def _usable(layer: Layer, notes: list[str]) -> tuple[Layer, tuple[RejectedRow, ...]]:
    """Leave out what is no polygon or has no code, and say so."""
    codes = [area_code(value) for value in layer.codes]
    coded = np.array([code != "" for code in codes], dtype=bool)
    drawn = np.array([_drawn(shape) for shape in layer.shapes], dtype=bool)
    if (coded & ~drawn).any():
        hollow = sorted({codes[row] for row in np.flatnonzero(coded & ~drawn)})
        raise Refusal(
            f"In {layer.name} area {', '.join(hollow)} has an empty or broken shape; "
            "draw it again or take it out."
        )
    polygon = drawn & np.isin(shapely.get_type_id(layer.shapes), _POLYGONAL)
    keep = polygon & coded
    if not keep.any():
        raise Refusal(
            f"{layer.name} holds no polygon with a value in {layer.field!r}; "
            "give the outlines of the areas, not points or lines."
        )
    _note(notes, int((drawn & ~polygon).sum()), "shape is no polygon and was left out",
          "shapes are no polygons and were left out")  # fmt: skip
    _note(notes, int((polygon & ~coded).sum()),
          f"polygon has no value in {layer.field!r} and was left out",
          f"polygons have no value in {layer.field!r} and were left out")  # fmt: skip
    rejects = [
        RejectedRow(
            layer.name,
            row + 1,
            "no polygon" if coded[row] else f"no value in {layer.field!r}",
            f"{layer.field}={codes[row]}; {getattr(layer.shapes[row], 'geom_type', 'no shape')}",
        )
        for row in np.flatnonzero(~keep).tolist()
    ]
    usable = replace(
        layer,
        shapes=layer.shapes[keep],
        codes=layer.codes[keep],
        starts=None if layer.starts is None else layer.starts[keep],
        ends=None if layer.ends is None else layer.ends[keep],
        names=None if layer.names is None else layer.names[keep],
    )
    return usable, tuple(rejects)


def _names(layer: Layer) -> tuple[str, ...]:
    if layer.names is None:
        return ()
    return tuple(" ".join(area_code(name).split())[:200] for name in layer.names)


def _drawn(shape: Any) -> bool:
    """Whether there is a shape at all, with coordinates that are numbers."""
    points = shapely.get_coordinates(shape)
    return bool(points.size) and bool(np.isfinite(points).all())


def _note(notes: list[str], count: int, one: str, many: str) -> None:
    if count:
        notes.append(f"{count:,} {one if count == 1 else many}.")


def _geographic(layer: Layer) -> Geometries:
    if layer.crs is None:
        raise Refusal(
            f"{layer.name} does not say which reference system its coordinates are in; put the "
            ".prj file beside the Shapefile (or into the zip), or save it as GeoJSON."
        )
    crs = pyproj.CRS.from_user_input(layer.crs)
    shapes = layer.shapes
    if not crs.equals("EPSG:4326", ignore_axis_order=True):
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
        shapes = shapely.transform(shapes, to_degrees, interleaved=False)
    west, south, east, north = shapely.total_bounds(shapes)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Refusal(
            f"The coordinates of {layer.name} are not longitudes and latitudes, as it claims; "
            "save it again with its reference system, or in EPSG:4326."
        )
    return shapes


def _mend(layer: Layer, shapes: Geometries, notes: list[str]) -> Geometries:
    """Valid polygons with nothing else among them."""
    broken = ~shapely.is_valid(shapes) | (shapely.get_type_id(shapes) == _COLLECTION)
    if not broken.any():
        return shapes
    shapes = shapes.copy()
    shapes[broken] = [_polygonal(shape) for shape in shapely.make_valid(shapes[broken])]
    flat = np.flatnonzero(shapely.is_empty(shapes))
    if flat.size:
        raise Refusal(
            f"In {layer.name} the shape of area {area_code(layer.codes[flat[0]])} encloses "
            "nothing; draw it again or take it out."
        )
    _note(notes, int(broken.sum()), "polygon was broken (most cross themselves) and was repaired",
          "polygons were broken (most cross themselves) and were repaired")  # fmt: skip
    return shapes


def _polygonal(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(np.array([shape])))
    return shapely.union_all([part for part in parts if shapely.get_type_id(part) == 3])


def _validity(layer: Layer, codes: list[str]) -> tuple[Days, Days]:
    starts = _days(layer, codes, layer.starts, "valid_from")
    ends = _days(layer, codes, layer.ends, "valid_to")
    backwards = np.flatnonzero(ends <= starts)
    if backwards.size:
        at = int(backwards[0])
        raise Refusal(
            f"In {layer.name} area {codes[at]} has valid_to {ends[at]}, which is not after "
            f"valid_from {starts[at]}; valid_to is the first day on which it no longer holds."
        )
    return starts, ends


def _days(layer: Layer, codes: list[str], column: Any, noun: str) -> Days:
    if column is None:
        return np.full(len(codes), "NaT", dtype="datetime64[D]")
    if np.issubdtype(column.dtype, np.datetime64):
        dates: Days = column.astype("datetime64[D]")
        return dates
    found = np.full(len(codes), "NaT", dtype="datetime64[D]")
    for row, value in enumerate(column):
        text = area_code(value)
        if not text:
            continue
        try:
            found[row] = day(text)
        except ValueError as error:
            raise Refusal(
                f"In {layer.name} area {codes[row]} has {noun} {text!r}; write it as 2024-12-01."
            ) from error
    return found


def _note_gaps(codes: list[str], starts: Days, ends: Days, notes: list[str]) -> None:
    """A file whose valid_to is the last day, not the first day after it, loses that one day."""
    for last in np.unique(ends[~np.isnat(ends)]):
        if (starts == last + 1).any() and not (starts == last).any():
            names = ", ".join(sorted({codes[row] for row in np.flatnonzero(ends == last)}))
            notes.append(
                f"Area {names} has no shape on {last}: valid_to is the first day on which a shape "
                f"no longer holds, so {last + 1} was probably meant."
            )


def _merged(areas: Areas) -> Areas:
    """One row for each code and stretch of days, so that a code never holds twice on a day."""
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(areas.codes):
        rows.setdefault(code, []).append(row)
    if len(rows) == len(areas.codes):
        return areas
    pieces = [piece for code in rows for piece in _stretches(areas, rows[code])]
    united = sum(len(members) > 1 for _, _, members in pieces)
    notes = list(areas.notes)
    _note(notes, united, "area is drawn in several polygons, which were united",
          "areas are drawn in several polygons, which were united")  # fmt: skip
    polygons = np.empty(len(pieces), dtype=object)
    for at, (_, _, members) in enumerate(pieces):
        first = areas.polygons[members[0]]
        polygons[at] = first if len(members) == 1 else shapely.union_all(areas.polygons[members])
    return replace(
        areas,
        codes=tuple(areas.codes[members[0]] for _, _, members in pieces),
        polygons=polygons,
        valid_from=np.array([start for start, _, _ in pieces], dtype="datetime64[D]"),
        valid_to=np.array([end for _, end, _ in pieces], dtype="datetime64[D]"),
        notes=tuple(notes),
        names=tuple(areas.names[members[0]] for _, _, members in pieces) if areas.names else (),
    )


def _stretches(
    areas: Areas, rows: list[int]
) -> list[tuple[np.datetime64, np.datetime64, list[int]]]:
    """Stretches of days over which one and the same polygons of a code hold."""
    nat = np.datetime64("NaT", "D")
    days = np.concatenate([areas.valid_from[rows], areas.valid_to[rows]])
    cuts = [nat, *np.unique(days[~np.isnat(days)]), nat]
    found: list[tuple[np.datetime64, np.datetime64, list[int]]] = []
    for start, end in pairwise(cuts):
        members = [row for row in rows if _holds(areas, row, start, end)]
        if not members:
            continue
        if found and found[-1][2] == members and found[-1][1] == start:
            found[-1] = (found[-1][0], end, members)
        else:
            found.append((start, end, members))
    return found


def _holds(areas: Areas, row: int, start: np.datetime64, end: np.datetime64) -> bool:
    begins, ends = areas.valid_from[row], areas.valid_to[row]
    begun = np.isnat(begins) or (not np.isnat(start) and begins <= start)
    lasts = np.isnat(ends) or (not np.isnat(end) and end <= ends)
    return bool(begun and lasts)
