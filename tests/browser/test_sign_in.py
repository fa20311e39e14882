"""Coming in, in a real browser: an invitation, a passkey made and used, and no script needed."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
PASSWORD = "harbor lamp quietly 94"
# A phone that knows its owner by finger, and keeps passkeys.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def at(world: Any) -> Callable[[str], str]:
    """The address of a path; by name, for a passkey belongs to a name and not to a number."""
    return lambda path: f"http://localhost:{world.port}{path}"


def submit(sheet: Any) -> None:
    sheet.locator("main form button[type=submit]").first.click()
    sheet.wait_for_load_state()


def sign_out(sheet: Any, at: Callable[[str], str]) -> None:
    sheet.goto(at("/sign-out"))
    submit(sheet)
    assert sheet.url.startswith(at("/sign-in"))


def test_from_the_invitation_to_a_passkey(page: Any, axe: Any, world: Any, at: Any) -> None:
    sheet = page(viewport=PHONE)
    said: list[str] = []
    sheet.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    sheet.on("pageerror", lambda error: said.append(str(error)))
    chip = sheet.context.new_cdp_session(sheet)
    chip.send("WebAuthn.enable")
    key = chip.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    sheet.goto(at(world.do("invite", email="noor@example.org", role="site_supervisor")))
    assert sheet.url == at("/invitation")
    assert axe(sheet) == []
    sheet.fill("#id_password", PASSWORD)
    submit(sheet)
    assert sheet.url == at("/me/second-factor")
    assert "Set one of these up first" in sheet.locator("main").inner_text()
    assert axe(sheet) == []

    sheet.get_by_role("link", name="Add a passkey").click()
    sheet.wait_for_selector("#mfa_webauthn_add")
    assert axe(sheet) == []
    sheet.fill("#id_name", "My phone")
    sheet.check("#id_passwordless")
    sheet.click("#mfa_webauthn_add")
    sheet.wait_for_url("**/me/codes")
    assert sheet.locator("main li code").count() == 10
    assert axe(sheet) == []
    kept = chip.send("WebAuthn.getCredentials", {"authenticatorId": key["authenticatorId"]})
    assert len(kept["credentials"]) == 1
    sheet.goto(at("/me/passkeys"))
    assert "My phone" in sheet.locator("main").inner_text()
    assert axe(sheet) == []

    # The passkey alone lets her in.
    sign_out(sheet, at)
    assert axe(sheet) == []
    sheet.click("#passkey_login")
    sheet.wait_for_url(lambda url: "/sign-in" not in url)
    sheet.goto(at("/people"))
    assert sheet.locator("h1").inner_text() == "People"

    # So does the password, with the passkey as the second step.
    sign_out(sheet, at)
    sheet.fill("#id_login", "noor@example.org")
    sheet.fill("#id_password", PASSWORD)
    submit(sheet)
    assert sheet.url == at("/sign-in/second")
    assert axe(sheet) == []
    sheet.click("#mfa_webauthn_authenticate")
    sheet.wait_for_url(lambda url: "/sign-in" not in url)
    sheet.goto(at("/me"))
    assert "noor@example.org" in sheet.locator("main").inner_text()
    assert said == [], "a script was stopped, or something was not found"

    # A phone that has no such passkey is told so on the page.
    sign_out(sheet, at)
    chip.send("WebAuthn.clearCredentials", {"authenticatorId": key["authenticatorId"]})
    sheet.click("#passkey_login")
    sheet.wait_for_selector("[data-passkey-trouble]:not([hidden])")
    assert axe(sheet) == []


def test_without_script_passwords_and_codes_do(page: Any, world: Any, at: Any) -> None:
    sheet = page(viewport=PHONE, java_script_enabled=False)
    sheet.goto(at(world.do("invite", email="omar@example.org", role="outreach_worker")))
    sheet.fill("#id_password", PASSWORD)
    submit(sheet)
    assert sheet.url == at("/me")
    sheet.goto(at("/me/passkeys/add"))
    assert "A passkey needs JavaScript" in sheet.locator("main").inner_text()
    assert not sheet.locator("#mfa_webauthn_add").is_visible()
    sign_out(sheet, at)
    assert not sheet.locator("#passkey_login").is_visible()
    sheet.fill("#id_login", "omar@example.org")
    sheet.fill("#id_password", PASSWORD)
    submit(sheet)
    sheet.goto(at("/me"))
    assert "omar@example.org" in sheet.locator("main").inner_text()
