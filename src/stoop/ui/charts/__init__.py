"""Charts made on the server: numbers in, a `Figure` (inline SVG, key, table) out.

Draw a Figure with ui/figure.html, a Table with ui/table.html. All words come in translated;
all text is escaped; a missing number (None or NaN) is drawn as missing, never as zero.
"""

from stoop.ui.charts.blocks import Block, block_map
from stoop.ui.charts.figure import Figure, Head, Key, Table
from stoop.ui.charts.forest import Branch, Kind, forest
from stoop.ui.charts.hours import Window, hour_columns, hours_grid
from stoop.ui.charts.inline import interval, sparkline
from stoop.ui.charts.knox import KnoxCell, format_p, knox_table
from stoop.ui.charts.maps import Area, Circle, Site, choropleth, class_breaks
from stoop.ui.charts.numbers import (
    format_compact,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
)
from stoop.ui.charts.ranks import Rank, ranks
from stoop.ui.charts.rates import Estimate, Method, hit_rates, share_curve
from stoop.ui.charts.trend import Band, Month, Year, months, years

__all__ = [
    "Area",
    "Band",
    "Block",
    "Branch",
    "Circle",
    "Estimate",
    "Figure",
    "Head",
    "Key",
    "Kind",
    "KnoxCell",
    "Method",
    "Month",
    "Rank",
    "Site",
    "Table",
    "Window",
    "Year",
    "block_map",
    "choropleth",
    "class_breaks",
    "forest",
    "format_compact",
    "format_estimate",
    "format_interval",
    "format_number",
    "format_p",
    "format_percent",
    "hit_rates",
    "hour_columns",
    "hours_grid",
    "interval",
    "knox_table",
    "months",
    "ranks",
    "share_curve",
    "sparkline",
    "years",
]
