"""The module as Django knows it."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "stoop.ui"
    label = "ui"
