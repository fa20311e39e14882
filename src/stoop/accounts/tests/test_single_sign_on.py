"""Single sign-on: a small OpenID Connect provider on loopback, and who it lets in."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from stoop.accounts.models import Person

CLIENT, SECRET = "stoop", "a-secret-of-32-letters-for-hs256"


class Provider:
    """Says of everybody what `says` holds; `mood` is well, broken, or an odd issuer."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.mood = "well"
        self.asked: list[str] = []
        self.nonce = ""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(provider.get(urlsplit(self.path).path))

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self.answer(provider.token(parse_qs(self.rfile.read(length).decode())))

            def answer(self, body: dict[str, Any]) -> None:
                provider.asked.append(self.path)
                self.send_response(500 if provider.mood == "broken" else 200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *about: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def get(self, path: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        return self.says

    def token(self, form: dict[str, list[str]]) -> dict[str, Any]:
        assert form["client_secret"] == [SECRET]
        assert form["code_verifier"], "the code is bound to this browser (PKCE)"
        issuer = "http://elsewhere.invalid" if self.mood == "odd" else self.url
        now = int(time.time())
        claims = {**self.says, "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 60}
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        return {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    made = Provider()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "city",
                    "name": "Sample City",
                    "client_id": CLIENT,
                    "secret": SECRET,
                    "settings": {"server_url": made.url, "verified_email": []},
                }
            ],
        }
    }
    yield made
    made.server.shutdown()
    made.server.server_close()


def come_back(client, provider: Provider, **says: Any):
    """Press the button, and come back from the provider with a code."""
    provider.says = {"sub": says.pop("sub", "1"), "name": "Somebody", **says}
    start = client.get(reverse("openid_connect_login", args=["city"]))
    assert start.url.startswith(f"{provider.url}/authorize?"), start.content
    asked = parse_qs(urlsplit(start.url).query)
    return client.get(
        reverse("openid_connect_callback", args=["city"]),
        {"code": "a-code", "state": asked["state"][0]},
    )


def test_who_was_invited_comes_in(client, personas, provider) -> None:
    Authenticator.objects.filter(user=personas.ann).delete()
    assert "Sign in with Sample City" in client.get(reverse("account_login")).content.decode()
    come_back(client, provider, email="Ann@Example.org", email_verified=True)
    assert "ann@example.org" in client.get(reverse("me")).content.decode()
    # The second time the provider's own name for her is enough, whatever her address is now.
    client.logout()
    come_back(client, provider, email="ann.new@example.org", email_verified=True)
    assert "ann@example.org" in client.get(reverse("me")).content.decode()


@pytest.mark.parametrize(
    ("email", "verified"),
    [
        ("stranger@example.org", True),
        ("ann@example.org", False),
        ("", True),
        ("ann@example.org.evil.example", True),
    ],
    ids=["not invited", "not verified", "no address", "like hers"],
)
def test_nobody_else_does(client, personas, provider, email, verified) -> None:
    before = Person.objects.count()
    page = come_back(client, provider, email=email, email_verified=verified)
    assert "nobody has invited this address" in page.content.decode()
    assert client.get(reverse("me")).url.startswith(reverse("account_login"))
    assert Person.objects.count() == before


def test_a_closed_account_does_not(client, personas, provider) -> None:
    Person.objects.filter(pk=personas.ann.pk).update(is_active=False)
    come_back(client, provider, email="ann@example.org", email_verified=True)
    assert client.get(reverse("me")).status_code == 302


def test_the_second_factor_is_asked_all_the_same(client, personas, provider) -> None:
    page = come_back(client, provider, email="alice@example.org", email_verified=True)
    assert page.url == reverse("mfa_authenticate")
    assert client.get(reverse("me")).status_code == 302


@pytest.mark.parametrize("mood", ["broken", "odd"])
def test_a_provider_that_fails_lets_nobody_in(client, personas, provider, mood) -> None:
    if mood == "broken":
        provider.mood = mood
        page = client.get(reverse("openid_connect_login", args=["city"]))
    else:
        start = client.get(reverse("openid_connect_login", args=["city"]))
        provider.mood = mood
        state = parse_qs(urlsplit(start.url).query)["state"][0]
        provider.says = {"sub": "1", "email": "ann@example.org", "email_verified": True}
        page = client.get(
            reverse("openid_connect_callback", args=["city"]), {"code": "x", "state": state}
        )
    assert "gave no good answer" in page.content.decode()
    assert client.get(reverse("me")).status_code == 302


def test_a_forged_way_back_lets_nobody_in(client, personas, provider) -> None:
    provider.says = {"sub": "1", "email": "ann@example.org", "email_verified": True}
    page = client.get(
        reverse("openid_connect_callback", args=["city"]), {"code": "x", "state": "forged"}
    )
    assert page.status_code in (401, 200)
    assert client.get(reverse("me")).status_code == 302
    assert "/token" not in " ".join(provider.asked)


def test_nobody_joins_another_address_to_her_account(client, personas, provider) -> None:
    """Or a borrowed session would open the account for good to whoever borrowed it."""
    client.force_login(personas.ann)
    begin = reverse("openid_connect_login", args=["city"])
    for ask in (client.get, client.post):
        for process in ("connect", "redirect"):
            assert ask(f"{begin}?process={process}").status_code == 404
            assert ask(begin, {"process": process}).status_code == 404
    assert not provider.asked


def test_without_a_provider_there_is_no_such_page(client, db) -> None:
    assert client.get(reverse("openid_connect_login", args=["city"])).status_code == 404
    assert "Sign in with" not in client.get(reverse("account_login")).content.decode().replace(
        "Sign in with a passkey", ""
    )
