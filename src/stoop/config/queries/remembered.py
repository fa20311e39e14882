"""Under which key something is remembered."""

from django.utils.crypto import salted_hmac


def key(name: str, prefix: str, version: int) -> str:
    """A digest: the names hold addresses of visitors, and rows stay longer than their time."""
    return salted_hmac("stoop.config.remembered", f"{prefix}:{version}:{name}").hexdigest()
