"""What Django calls this module."""

from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    name = "stoop.fieldwork"
    label = "fieldwork"
