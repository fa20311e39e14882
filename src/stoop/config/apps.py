"""config as Django sees it: it owns the pages of errors and the heartbeats of the processes."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    name = "stoop.config"
    default_auto_field = "django.db.models.BigAutoField"
