"""What Django calls this module."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "stoop.ledger"
    label = "ledger"
