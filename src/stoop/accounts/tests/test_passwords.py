"""Passwords: stored by Argon2, long, not common, not breached; and no network blocks anybody."""

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from stoop.accounts.forms import passwords

GOOD = "harbor lamp quietly 94"
BREACHED = "summer in the city 2019"


class Breaches:
    """A service on loopback that knows one password; `mood` says how it answers."""

    def __init__(self) -> None:
        self.mood = "well"
        self.asked: list[str] = []
        self.awake = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                if service.mood == "hangs":
                    service.awake.wait(10)
                status = 503 if service.mood == "broken" else 200
                digest = hashlib.sha1(BREACHED.encode()).hexdigest().upper()
                body = f"{digest[5:]}:1,204\r\n{'0' * 35}:0\r\n"
                body = "<html>not what was asked" if service.mood == "odd" else body
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *about: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/range/"


@pytest.fixture
def breaches(settings) -> Iterator[Breaches]:
    service = Breaches()
    threading.Thread(target=service.server.serve_forever, daemon=True).start()
    settings.STOOP_BREACHED_PASSWORDS = service.url
    yield service
    service.awake.set()
    service.server.shutdown()
    service.server.server_close()


def refusal(password: str) -> str:
    try:
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def test_a_breached_password_is_refused_and_not_given_away(breaches) -> None:
    assert "known from a breach" in refusal(BREACHED)
    assert refusal(GOOD) == ""
    assert [len(path.removeprefix("/range/")) for path in breaches.asked] == [5, 5]


@pytest.mark.parametrize("mood", ["broken", "odd"])
def test_a_service_that_fails_blocks_nobody(breaches, mood) -> None:
    breaches.mood = mood
    assert refusal(GOOD) == ""
    assert "too common" in refusal("1qaz2wsx3edc")


def test_a_service_that_hangs_blocks_nobody(breaches, monkeypatch) -> None:
    breaches.mood = "hangs"
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.2)
    before = time.monotonic()
    assert refusal(GOOD) == ""
    assert time.monotonic() - before < 1.0


def test_no_service_at_all_blocks_nobody(settings) -> None:
    settings.STOOP_BREACHED_PASSWORDS = "http://127.0.0.1:1/range/"
    assert refusal(GOOD) == ""
    settings.STOOP_BREACHED_PASSWORDS = ""
    assert refusal(GOOD) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [("short but 7", "at least 12"), ("1qaz2wsx3edc", "too common")],
)
def test_a_weak_password_is_refused(password, why) -> None:
    assert why in refusal(password)


def test_passwords_are_kept_by_argon2(real_hashers, settings) -> None:
    settings.PASSWORD_HASHERS = real_hashers
    assert make_password(GOOD).startswith("argon2$argon2id$")
