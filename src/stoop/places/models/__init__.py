"""The nouns of this module. Other modules import them from `readers` or `queries`, its doors."""

from stoop.places.models.files import (
    Agreement,
    Areas,
    Bools,
    Days,
    Floats,
    Geometries,
    Ints,
    Outline,
    Pair,
    Program,
    Texts,
    area_code,
    area_order,
)
from stoop.places.models.tables import Address, Area, Crossing, Drawing, Street

__all__ = [
    "Address",
    "Agreement",
    "Area",
    "Areas",
    "Bools",
    "Crossing",
    "Days",
    "Drawing",
    "Floats",
    "Geometries",
    "Ints",
    "Outline",
    "Pair",
    "Program",
    "Street",
    "Texts",
    "area_code",
    "area_order",
]
