"""What Django calls this module."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stoop.accounts"
    label = "accounts"
