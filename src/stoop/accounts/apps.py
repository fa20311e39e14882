"""What Django calls this module."""

from allauth.usersessions.apps import UserSessionsConfig
from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stoop.accounts"
    label = "accounts"


class SessionListConfig(UserSessionsConfig):
    """The sign-in library's list of sessions, without what writes their keys into it.

    `actions.sessions` writes it.
    """

    default = False

    def ready(self) -> None:
        """Wait for nothing that the library says."""
