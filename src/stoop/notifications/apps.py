"""What Django calls this module."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "stoop.notifications"
    label = "notifications"
