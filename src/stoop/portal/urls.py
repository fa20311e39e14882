"""Addresses of the public site: all of them are named in config.urls.PUBLIC."""

from django.urls import path

from stoop.portal.views import findings

urlpatterns = [
    path("findings/", findings.findings, name="findings"),
    path("findings/<slug:slug>/", findings.finding, name="finding"),
    path("findings/<slug:slug>/<str:name>", findings.finding_file, name="finding-file"),
]
