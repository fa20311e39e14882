"""Every page of this module: it opens, nothing in it is missing, and no script stands inline."""

import re

import pytest
from django.urls import reverse

INLINE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))|\son\w+=\"|\sstyle=\"|<style"
)
ENTRANCE = (
    "account_login",
    "account_reset_password",
    "invitation",
    "account_inactive",
    "account_password_reset_completed",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
)
OWN = (
    "me",
    "sessions",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "account_logout",
)
SURE = (
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
)


def looked_at(response, status=200):
    text = response.content.decode()
    assert response.status_code == status, (response.status_code, getattr(response, "url", ""))
    assert "!! missing" not in text
    assert not INLINE.search(text), INLINE.search(text)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    return text


@pytest.mark.parametrize("name", ENTRANCE)
def test_a_page_before_one_is_in(client, db, name) -> None:
    status = {"invitation": 410, "socialaccount_login_error": 200}.get(name, 200)
    looked_at(client.get(reverse(name)), status)


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_ones_own(client, personas, name) -> None:
    client.force_login(personas.alice)
    looked_at(client.get(reverse(name)))
