"""The service that knows passwords from breaches, asked by the library's client."""

from pwned_passwords_django.api import PwnedPasswords  # type: ignore[import-untyped]
from pwned_passwords_django.exceptions import PwnedPasswordsError  # type: ignore[import-untyped]


def service(address: str) -> PwnedPasswords:
    """The client that asks at this address. Five signs of a hash leave the machine, no more."""
    client = PwnedPasswords()
    client.api_endpoint = address
    return client


def knows_breaches(address: str) -> bool:
    """Whether what answers there knows the best known password of all."""
    try:
        return bool(service(address).check_password("password"))
    except PwnedPasswordsError:
        return False
