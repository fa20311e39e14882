"""Addresses of this module."""

from django.urls import path

from stoop.precision.views import pages

urlpatterns = [
    path("brief/", pages.brief_file, name="brief"),
    path("brief/<path:path>", pages.brief_file, name="brief-file"),
]
