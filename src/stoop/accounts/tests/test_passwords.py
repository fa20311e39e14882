"""Passwords: stored by Argon2, long, not common, not breached; and no network blocks anybody."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from stoop.accounts import queries
from stoop.accounts.tests.conftest import BREACHES

GOOD = "harbor lamp quietly 94"
BREACHED = "summer in the city 2019"
KNOWN = (BREACHED, "password")


class Breaches:
    """A service on loopback that knows two passwords; `mood` says how it answers."""

    def __init__(self) -> None:
        self.mood = "well"
        self.asked: list[str] = []
        self.answered = 0
        self.awake = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                if service.mood == "hangs":
                    service.awake.wait(10)
                status = 503 if service.mood == "broken" else 200
                digests = [hashlib.sha1(each.encode()).hexdigest().upper() for each in KNOWN]
                body = "".join(f"{each[5:]}:1,204\r\n" for each in digests) + f"{'0' * 35}:0\r\n"
                body = "<html>not what was asked" if service.mood == "odd" else body
                service.answered += 1
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *about: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *about: None  # who asked has gone
        self.url = f"http://127.0.0.1:{self.server.server_port}/range/"


def asking(settings, address: str) -> None:
    """The settings that a city has, with another address to ask."""
    asks = {"NAME": f"stoop.accounts.forms.{BREACHES}", "OPTIONS": {"address": address}}
    settings.AUTH_PASSWORD_VALIDATORS = [*settings.AUTH_PASSWORD_VALIDATORS, asks]


@pytest.fixture
def breaches(settings) -> Iterator[Breaches]:
    service = Breaches()
    threading.Thread(target=service.server.serve_forever, daemon=True).start()
    asking(settings, service.url)
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


@pytest.mark.parametrize(("mood", "knows"), [("well", True), ("broken", False), ("odd", False)])
def test_the_doctor_can_tell_whether_it_answers(breaches, mood, knows) -> None:
    breaches.mood = mood
    assert queries.knows_breaches(breaches.url) is knows


@pytest.mark.parametrize("mood", ["broken", "odd"])
def test_a_service_that_fails_blocks_nobody(breaches, mood) -> None:
    breaches.mood = mood
    assert refusal(GOOD) == ""
    assert "too common" in refusal("1qaz2wsx3edc")


def test_a_service_that_hangs_blocks_nobody(settings, breaches) -> None:
    settings.PWNED_PASSWORDS = {"API_TIMEOUT": 0.2}
    breaches.mood = "hangs"
    assert refusal(GOOD) == ""
    assert breaches.asked
    assert breaches.answered == 0, "it was not waited for"


def test_no_service_at_all_blocks_nobody(settings) -> None:
    asking(settings, "http://127.0.0.1:1/range/")
    assert refusal(GOOD) == ""
    assert "too common" in refusal("1qaz2wsx3edc")


def test_a_city_asks_unless_it_says_otherwise() -> None:
    """The settings as they are read: the library's check stands last, with the city's address."""
    said = "import json; from django.conf import settings as s; "
    said += "print(json.dumps([s.AUTH_PASSWORD_VALIDATORS[-1], s.PWNED_PASSWORDS]))"
    for address, last in (("https://x.example/r/", BREACHES), ("", "CommonPasswordValidator")):
        env = {**os.environ, "STOOP_BREACHED_PASSWORDS": address}
        read = subprocess.run(
            [sys.executable, "-c", said], env=env, capture_output=True, check=True, text=True
        )
        validator, library = json.loads(read.stdout)
        assert validator["NAME"].endswith(last)
        assert validator.get("OPTIONS", {"address": ""}) == {"address": address}
        assert library == {"API_TIMEOUT": 3.0}


@pytest.mark.parametrize(
    ("password", "why"),
    [("short but 7", "at least 12"), ("1qaz2wsx3edc", "too common")],
)
def test_a_weak_password_is_refused(password, why) -> None:
    assert why in refusal(password)


def test_passwords_are_kept_by_argon2(real_hashers, settings) -> None:
    settings.PASSWORD_HASHERS = real_hashers
    assert make_password(GOOD).startswith("argon2$argon2id$")
