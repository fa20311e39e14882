"""Addresses of this module."""

from django.urls import path

from stoop.precision.views import pages, zones

urlpatterns = [
    path("map/zones/", zones.zones, name="map-zones"),
    path("brief/", pages.brief_file, name="brief"),
    path("brief/<path:path>", pages.brief_file, name="brief-file"),
]
