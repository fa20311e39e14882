"""What Django calls this module."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "stoop.places"
    label = "places"
