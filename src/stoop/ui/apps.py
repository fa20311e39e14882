"""The module as Django knows it."""

from django.apps import AppConfig


class UiConfig(AppConfig):  # type: ignore[misc]
    name = "stoop.ui"
    label = "ui"
