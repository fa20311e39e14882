"""The Django app of this module."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The public site."""

    name = "stoop.portal"
    label = "portal"
