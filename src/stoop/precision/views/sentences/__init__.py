"""The one plain sentence that opens each section, and what must be said right after it."""

from stoop.precision.views.sentences.blocks import area_line, forecast, hot_spots, month_words
from stoop.precision.views.sentences.data import quality, source
from stoop.precision.views.sentences.happened import trend
from stoop.precision.views.sentences.news import cluster_words, clusters, near_repeat
from stoop.precision.views.sentences.places import areas, by_rate, coverage, gaps
from stoop.precision.views.sentences.times import hours
from stoop.precision.views.sentences.words import (
    METHOD_NAMES,
    Lead,
    chance,
    clock,
    day_words,
    listed,
    ordinal,
    place_words,
)

__all__ = [
    "METHOD_NAMES",
    "Lead",
    "area_line",
    "areas",
    "by_rate",
    "chance",
    "clock",
    "cluster_words",
    "clusters",
    "coverage",
    "day_words",
    "forecast",
    "gaps",
    "hot_spots",
    "hours",
    "listed",
    "month_words",
    "near_repeat",
    "ordinal",
    "place_words",
    "quality",
    "source",
    "trend",
]
