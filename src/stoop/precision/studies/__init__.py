"""The bridge to stoopstat: what the city's files say, worked out section by section."""

from stoop.precision.studies import areas, blocks, clusters, forecasts, near_repeat
from stoop.precision.studies.brief import Brief, make_brief
from stoop.precision.studies.city import City, Request, load, month_index
from stoop.precision.studies.plain import plain

__all__ = [
    "Brief",
    "City",
    "Request",
    "areas",
    "blocks",
    "clusters",
    "forecasts",
    "load",
    "make_brief",
    "month_index",
    "near_repeat",
    "plain",
]
