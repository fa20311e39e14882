"""Door for questions about places: which area, how far, which land, what shape."""

from stoop.places.models import Agreement, Areas, Outline, Pair, area_code, area_order
from stoop.places.queries.addresses import Found, find_address, known_street
from stoop.places.queries.agreement import compare
from stoop.places.queries.kept import (
    Catchments,
    areas,
    catchments_about,
    city_bounds,
    every_shape,
    kinds,
    main_kind,
    placed,
    placed_all,
    placed_mainly,
    polygon,
)
from stoop.places.queries.location import locate, near_area, nearest, rows_on
from stoop.places.queries.lookup import Placed
from stoop.places.queries.projection import metric_crs, project, project_polygons, unproject
from stoop.places.queries.shape import bounds, land_mask, outline

__all__ = [
    "Agreement",
    "Areas",
    "Catchments",
    "Found",
    "Outline",
    "Pair",
    "Placed",
    "area_code",
    "area_order",
    "areas",
    "bounds",
    "catchments_about",
    "city_bounds",
    "compare",
    "every_shape",
    "find_address",
    "kinds",
    "known_street",
    "land_mask",
    "locate",
    "main_kind",
    "metric_crs",
    "near_area",
    "nearest",
    "outline",
    "placed",
    "placed_all",
    "placed_mainly",
    "polygon",
    "project",
    "project_polygons",
    "rows_on",
    "unproject",
]
