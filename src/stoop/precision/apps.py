"""The Django app of this module."""

from django.apps import AppConfig


class PrecisionConfig(AppConfig):
    """Targeting: ranks, hot spots, clusters, forecasts, the brief."""

    name = "stoop.precision"
    label = "precision"
