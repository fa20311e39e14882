"""Texts that stand in the database and are of no use without the platform's key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

_MARK = "sealed:"


def seal(text: str) -> str:
    """The text, shut with the platform's key (AES-128-CBC with HMAC-SHA-256, as Fernet has it)."""
    return _MARK + _lock(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(text: str) -> str | None:
    """What was sealed; None when it was under another key. A text never sealed comes as it is."""
    if not text.startswith(_MARK):
        return text
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _lock(key).decrypt(text.removeprefix(_MARK)).decode()
        except InvalidToken:
            continue
    return None


def _lock(key: str) -> Fernet:
    own = salted_hmac("stoop.kernel.sealing", "", secret=key, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(own))
