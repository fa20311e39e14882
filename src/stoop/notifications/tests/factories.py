"""Alerts and channels of the tests."""

import base64
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from stoop.accounts.permissions import actor_of
from stoop.kernel import ids
from stoop.notifications import actions
from stoop.notifications.models import Alert, Channel


def alert(site: Any = None, *steps: list[Any], kind: str = "shooting", **other: Any) -> Alert:
    """An alert of a made-up incident; `steps` are lists of people."""
    values = {
        "once": f"{kind}:{ids.new()}",
        "subject": f"incident:{ids.new()}",
        "title": "Shooting, 100 block of Main St, 23:40",
        "text": "Open it to take it.",
        "path": "/",
        "step_minutes": 5,
    } | other
    people = [[person.pk for person in step] for step in steps]
    return actions.tell(kind=kind, site=site, steps=people, **values)


def phone(person: Any, number: str = "+12125550100") -> Channel:
    return actions.add_channel(by=actor_of(person), kind="sms", address=number)


def browser_keys() -> tuple[dict[str, str], ec.EllipticCurvePrivateKey, bytes]:
    """What a browser gives when it subscribes, and with what it opens a message."""
    private, secret = ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes of"
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    keys = {"p256dh": _text(point), "auth": _text(secret)}
    return keys, private, secret


def browser(person: Any, endpoint: str = "https://fcm.googleapis.com/fcm/send/one") -> Channel:
    keys, _private, _secret = browser_keys()
    return actions.add_channel(
        by=actor_of(person), kind="push", address=endpoint, keys=keys, label="Phone"
    )


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
