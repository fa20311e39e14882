"""What Django calls this module."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "stoop.incidents"
    label = "incidents"
