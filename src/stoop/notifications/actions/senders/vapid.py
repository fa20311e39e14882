"""The key with which this city's server shows itself to push services."""

import base64
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from stoop.kernel.errors import Refusal

_lock = threading.Lock()
_made: dict[str, Any] = {}
_tokens: dict[str, tuple[float, str]] = {}
LIFE_S = 12 * 3600
ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)


def private_key() -> ec.EllipticCurvePrivateKey:
    """From STOOP_VAPID_KEY, else from STOOP_HOME/vapid-key, which is made when there is none."""
    given = settings.STOOP_VAPID_KEY or str(_file())
    with _lock:
        if given not in _made:
            text = settings.STOOP_VAPID_KEY or _kept()
            _made[given] = _parsed(text)
        key: ec.EllipticCurvePrivateKey = _made[given]
    return key


def public_key() -> str:
    """What a browser asks for when it subscribes: the public point in base64url."""
    point = (
        private_key()
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def authorization(origin: str) -> str:
    """The Authorization header for a push service; signed anew twice a day."""
    from py_vapid import Vapid02

    now = time.time()
    known = f"{origin} {public_key()}"
    until, header = _tokens.get(known, (0.0, ""))
    if until < now:
        signer = Vapid02()
        signer.private_key = private_key()
        claims = {"aud": origin, "sub": _contact(), "exp": int(now + LIFE_S)}
        header = signer.sign(claims)["Authorization"]
        _tokens[known] = (now + LIFE_S / 2, header)
    return header


def _contact() -> str:
    """Where a push service may turn to: a mail address of the city, else its own address."""
    return f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"


def _file() -> Path:
    return Path(settings.STOOP_HOME) / "vapid-key"


def _kept() -> str:
    """The key in the file; of several processes that make one at once, the first one's stays."""
    path = _file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        number = secrets.randbelow(ORDER - 1) + 1
        text = base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
        fresh = path.with_name(f".vapid-key-{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def _parsed(text: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
        return ec.derive_private_key(number, ec.SECP256R1())
    except ValueError:
        raise Refusal(
            "The key for push messages cannot be read; set STOOP_VAPID_KEY to 32 bytes in "
            "base64url, or move vapid-key out of STOOP_HOME and a new one is made."
        ) from None
