"""Is a new password known from a breach? The library's validator, with our address and words."""

from django.utils.translation import gettext_lazy as _
from pwned_passwords_django.validators import (  # type: ignore[import-untyped]
    PwnedPasswordsValidator,
)

from stoop.accounts import queries


def not_breached(address: str) -> PwnedPasswordsValidator:
    """The validator that asks there. Without an answer its own list of common passwords decides."""
    return PwnedPasswordsValidator(
        error_message=_("This password is known from a breach of another service; choose another."),
        help_message=_("It must not be known from a breach of another service."),
        api_client=queries.breach_service(address),
    )
