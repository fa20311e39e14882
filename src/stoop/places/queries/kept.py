"""The areas that the platform keeps: which there are, which hold a point, which lie near it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stoop.kernel import clock
from stoop.places.models import Area, Days, Floats
from stoop.places.queries.lookup import Codes, Index, Placed, Row, row
from stoop.places.queries.projection import metric_crs, project

# Another process may have changed an area: outside a transaction the newest change is asked for
# this often, inside one each time, so that what is written agrees with what is there.
FRESH_S = 1.0


@dataclass(frozen=True)
class _Held:
    """The index of this process, the newest change that it knows, and when that was asked."""

    index: Index
    changed: UUID | None
    asked: float
    near: dict[date, Any]


_held: _Held | None = None


def placed(lon: float, lat: float, *, on: date | None = None) -> Codes:
    """Codes by kind of the areas that hold the point on the day; None means today.

    Kinds that hold it nowhere are left out; areas of one kind may overlap, so each kind has a
    tuple, in the order in which they were loaded. A point on a border is in neither area.
    """
    return _index().index.placed(lon, lat, _day(on).toordinal())


def placed_mainly(lon: float, lat: float, *, on: date | None = None) -> tuple[Codes, str]:
    """The same, and the code of the main kind among them; '' where there is none."""
    index = _index().index
    codes = index.placed(lon, lat, _day(on).toordinal())
    return codes, next(iter(codes.get(_main_kind(index), ())), "")


def placed_all(lon: Floats, lat: Floats, *, on: Days) -> Placed:
    """The same for (n,) points in degrees, each on its day; NaN and NaT are nowhere."""
    return _index().index.placed_all(lon, lat, on)


DatedPoint = tuple[float | None, float | None, date | None]
"""Longitude and latitude in degrees, None for nowhere; and a day, None for today."""


@dataclass(frozen=True)
class Catchments:
    """Sites' codes whose catchments hold a point, and those near it with their metres."""

    here: tuple[str, ...]
    near: list[tuple[str, float]]


def catchments_about(points: Sequence[DatedPoint], *, within_m: float) -> list[Catchments]:
    """For each point the catchments that hold it on its day, and the others up to so far away,
    nearest first.

    A point on the border of a catchment is 0 m from it.
    """
    held = _index()
    return [_about(held, lon, lat, _day(on), within_m) for lon, lat, on in points]


def _about(
    held: _Held, lon: float | None, lat: float | None, day: date, within_m: float
) -> Catchments:
    rows, polygons, crs = _catchments(held, day)
    if not rows or lon is None or lat is None:
        return Catchments((), [])
    x_m, y_m = project([lon], [lat], crs)
    if not math.isfinite(x_m[0] + y_m[0]):
        return Catchments((), [])
    metres = shapely.distance(polygons, shapely.points(x_m[0], y_m[0]))
    here = tuple(held.index.placed(lon, lat, day.toordinal()).get(Area.CATCHMENT, ()))
    near: dict[str, float] = {}
    for at in np.argsort(metres, kind="stable").tolist():
        code = rows[at].code
        if metres[at] <= within_m and code not in here:
            near.setdefault(code, float(metres[at]))
    return Catchments(here, list(near.items()))


def areas(kind: str, *, on: date | None = None) -> QuerySet[Area]:
    """Areas of a kind that hold on the day, by code; None means today."""
    return holding(Area.objects.filter(kind=kind), _day(on)).order_by("code", "pk")


def every_shape(kind: str) -> QuerySet[Area]:
    """Areas of a kind in all their shapes, whenever they held, by code."""
    return Area.objects.filter(kind=kind).order_by("code", "pk")


def holding(rows: QuerySet[Area], day: date) -> QuerySet[Area]:
    """Those of the rows that hold on the day."""
    return rows.filter(
        Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
    )


def kinds() -> list[str]:
    """Kinds of areas that there are, in the order in which they were first loaded."""
    return _kinds(_index().index)


def main_kind() -> str:
    """The kind that boards and filters speak of; '' where there are no areas.

    STOOP_AREA_KIND says it; else the first kind that was loaded and is no catchment.
    """
    return _main_kind(_index().index)


def city_bounds() -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of all areas; None where there are none."""
    return _index().index.bounds


def polygon(area: Area) -> Any:
    """The shape of an area, a shapely Polygon or MultiPolygon in degrees."""
    return shapely.from_wkb(bytes(area.polygon))


def forget() -> None:
    """Look at the table again at the next question; for the action that has just changed it."""
    global _held
    if _held is not None:
        _held = replace(_held, asked=-math.inf)


def _kinds(index: Index) -> list[str]:
    return list(dict.fromkeys(one.kind for one in index.rows))


def _main_kind(index: Index) -> str:
    said = settings.STOOP_AREA_KIND
    return said or next((kind for kind in _kinds(index) if kind != Area.CATCHMENT), "")


def _day(on: date | None) -> date:
    return on or timezone.localdate(clock.now())


def _index() -> _Held:
    """The index of the table as it is now, built anew when an area has changed."""
    global _held
    held, now = _held, monotonic()
    within = transaction.get_connection().in_atomic_block
    if held is not None and not within and 0 <= now - held.asked < FRESH_S:
        return held
    changed = Area.objects.order_by("-changed").values_list("changed", flat=True).first()
    if held is None or held.changed != changed:
        held = _Held(Index(_rows()), changed, now, {})
    else:
        held = _Held(held.index, changed, now, held.near)
    _held = held
    return held


def _rows() -> list[Row]:
    kept = Area.objects.order_by("pk").values_list(
        "kind", "code", "polygon", "valid_from", "valid_to"
    )
    rows = list(kept)
    shapes = shapely.from_wkb([bytes(wkb) for _, _, wkb, _, _ in rows])
    return [
        row(kind, code, shape, start, end)
        for (kind, code, _, start, end), shape in zip(rows, shapes, strict=True)
    ]


def _catchments(held: _Held, day: date) -> tuple[Sequence[Row], Any, str]:
    """Catchments that hold on the day, their shapes in metres, and the projection of these."""
    found: tuple[Sequence[Row], Any, str] | None = held.near.get(day)
    if found is None:
        number = day.toordinal()
        rows = [
            one
            for one in held.index.rows
            if one.kind == Area.CATCHMENT and one.first <= number < one.past
        ]
        shapes, crs = np.array([one.polygon for one in rows], dtype=object), ""
        if rows:
            west, south, east, north = shapely.total_bounds(shapes)
            crs = metric_crs([(west + east) / 2], [(south + north) / 2])
            zone = crs
            shapes = shapely.transform(shapes, lambda x, y: project(x, y, zone), interleaved=False)
            shapely.prepare(shapes)
        if len(held.near) > 64:
            held.near.clear()
        found = held.near[day] = rows, shapes, crs
    return found
