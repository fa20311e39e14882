"""Every page of this module opens, nothing in it is missing, nothing in it runs inline."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import override_settings
from django.urls import reverse

from stoop.accounts import actions
from stoop.accounts.permissions import SYSTEM
from stoop.accounts.tests import tools

INLINE = re.compile(
    r"<script(?![^>]*(?:src=|type=\"application/json\"))|\son\w+=\"|\sstyle=\"|<style|javascript:"
)
ENTRANCE = {
    "account_login": 200,
    "account_reset_password": 200,
    "account_inactive": 200,
    "account_password_reset_completed": 200,
    "socialaccount_login_cancelled": 200,
    "socialaccount_login_error": 401,
    "invitation": 410,
}
# Pages of one's own account; those under "sure" ask first whether it is you.
OWN = ("me", "sessions", "mfa_index", "mfa_reauthenticate", "account_logout")
SURE = (
    "account_change_password",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes",
    "mfa_deactivate_totp",
)


def looked_at(response, status: int = 200) -> str:
    text = response.content.decode()
    assert response.status_code == status, getattr(response, "url", "")
    assert "!! missing" not in text
    assert not INLINE.search(text)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "<h1>" in text
    return text


@pytest.fixture
def sure(client, personas):
    """Alice, signed in through the pages, with a password, an app, and codes; it is she."""
    from stoop.accounts.tests.test_sign_in import PASSWORD, secret_of, sign_in, with_password

    alice = with_password(personas.alice)
    sign_in(client, alice.email)
    client.post(reverse("mfa_authenticate"), {"code": tools.code(secret_of(alice))})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    return client


@pytest.mark.parametrize("name", ENTRANCE)
def test_before_one_is_in(client, db, name) -> None:
    looked_at(client.get(reverse(name)), ENTRANCE[name])


@pytest.mark.parametrize("name", OWN)
def test_of_ones_own(client, personas, name) -> None:
    client.force_login(personas.alice)
    looked_at(client.get(reverse(name)))


@pytest.mark.parametrize("name", SURE)
def test_once_one_is_sure(sure, name) -> None:
    looked_at(sure.get(reverse(name)))


def test_is_it_you(client, personas) -> None:
    from stoop.accounts.tests.test_sign_in import with_password

    client.force_login(with_password(personas.alice))
    text = looked_at(client.get(reverse("account_reauthenticate")))
    assert "Is it you?" in text
    Authenticator.objects.create(user=personas.alice, type="webauthn", data={"name": "Key"})
    looked_at(client.get(reverse("mfa_reauthenticate")))


def test_a_passkey_is_added_by_a_script_file(sure) -> None:
    text = looked_at(sure.get(reverse("mfa_add_webauthn")))
    assert re.search(r'src="/static/[^"]*mfa/js/webauthn[."?]', text)
    assert '"challenge"' in text
    assert "A passkey needs JavaScript" in text


def test_the_password_is_asked_before_the_account_changes(client, personas) -> None:
    from stoop.accounts.tests.test_sign_in import with_password

    client.force_login(with_password(personas.alice))
    for name in ("mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name)).url.startswith(reverse("account_reauthenticate")), name


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("ada", "people", 200),
        ("alice", "people", 200),
        ("ann", "people", 404),
        ("carol", "people", 404),
        ("eve", "people", 404),
        ("ada", "invite", 200),
        ("alice", "invite", 200),
        ("carol", "invite", 404),
        ("ada", "sites", 200),
        ("ann", "sites", 200),
        ("dan", "sites", 200),
        ("eve", "sites", 404),
        ("rita", "sites", 404),
        ("ada", "site-add", 200),
        ("alice", "site-add", 404),
        ("ada", "organizations", 200),
        ("alice", "organizations", 404),
    ],
)
def test_who_opens_what(client, personas, who, name, status) -> None:
    client.force_login(getattr(personas, who))
    response = client.get(reverse(name))
    looked_at(response) if status == 200 else None
    assert response.status_code == status


@pytest.mark.parametrize("who", ["bob", "ann", "carol", "eve", "nobody"])
def test_a_person_of_another_site_is_not_there(client, personas, who) -> None:
    client.force_login(getattr(personas, who))
    key = personas.ann.key
    assert client.get(reverse("person", args=[key])).status_code == 404
    for name in ("role", "role-end", "invite", "close", "open", "factor"):
        assert client.post(reverse(f"person-{name}", args=[key])).status_code == 404, name
    personas.ann.refresh_from_db()
    assert personas.ann.is_active


def test_a_stranger_is_asked_to_sign_in(client, personas) -> None:
    for name in ("people", "sites", "me", "invite", "mfa_index"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login")), name


def test_a_supervisors_page_of_her_worker(client, personas) -> None:
    client.force_login(personas.alice)
    text = looked_at(client.get(reverse("person", args=[personas.ann.key])))
    assert "Works on a site" in text
    assert "Close the account" not in text, "that is the city's to do"
    held = personas.ann.membership_set.get()
    back = client.post(reverse("person-role-end", args=[personas.ann.key]), {"membership": held.pk})
    assert back.url == reverse("people"), "she is no longer hers to see"
    assert client.post(
        reverse("person-close", args=[personas.ann.key])
    ).status_code == 404  # fmt: skip


def test_an_administrator_does_all_that_is_on_a_persons_page(client, personas) -> None:
    client.force_login(personas.ada)
    key = personas.ann.key
    looked_at(client.get(reverse("person", args=[key])))
    given = {
        "role": "duty_officer",
        "organization": personas.carol.membership_set.get().organization_id,
    }
    assert client.post(reverse("person-role", args=[key]), given).status_code == 302
    wrong = client.post(reverse("person-role", args=[key]), {"role": "outreach_worker"})
    assert "Choose the site" in looked_at(wrong, 400)
    client.post(reverse("person-factor", args=[key]))
    assert not Authenticator.objects.filter(user=personas.ann).exists()
    client.post(reverse("person-close", args=[key]))
    personas.ann.refresh_from_db()
    assert not personas.ann.is_active
    text = looked_at(client.get(reverse("person", args=[key])))
    assert "Open the account again" in text
    client.post(reverse("person-open", args=[key]))
    own = client.post(reverse("person-close", args=[personas.ada.key]), follow=True)
    assert "cannot close your own account" in own.content.decode()


def test_ones_own_page_keeps_what_was_typed(client, personas) -> None:
    client.force_login(personas.ann)
    bad = client.post(reverse("me"), {"name": "Ann 安", "phone": "12", "language": "en"})
    text = looked_at(bad, 400)
    assert "7 to 15 digits" in text
    assert "Ann 安" in text
    good = {"name": "Ann <b>", "phone": "+1 212 555 0100", "language": "ar"}
    assert client.post(reverse("me"), good).status_code == 302
    text = looked_at(client.get(reverse("me")))
    assert "Ann &lt;b&gt;" in text
    assert 'lang="en" dir="ltr"' in text, "no page is in Arabic today"
    with override_settings(LANGUAGES=[("en", "English"), ("ar", "Arabic")]):
        assert 'lang="ar" dir="rtl"' in client.get(reverse("me")).content.decode()


def test_sessions_are_listed_and_ended(client, personas) -> None:
    from django.test import Client

    from stoop.accounts.tests.test_sign_in import sign_in, with_password

    ann = with_password(personas.ann)
    Authenticator.objects.filter(user=ann).delete()
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
    other = Client()
    sign_in(other, ann.email, HTTP_USER_AGENT=phone)
    sign_in(client, ann.email, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/121.0")
    text = looked_at(client.get(reverse("sessions")))
    assert "Chrome on Android" in text
    assert "Firefox on Linux" in text
    which = re.search(r'name="session" value="(\d+)"', text)[1]
    # Nobody ends a session of somebody else.
    client.force_login(personas.bob)
    client.post(reverse("sessions"), {"session": which})
    assert other.get(reverse("me")).status_code == 200
    client.logout()
    sign_in(client, ann.email)
    client.post(reverse("sessions"), {"session": which})
    assert other.get(reverse("me")).status_code == 302
    assert client.get(reverse("me")).status_code == 200
    sign_in(other, ann.email)
    client.post(reverse("sessions"), {"session": "others"})
    assert other.get(reverse("me")).status_code == 302


@pytest.mark.parametrize("name", ["people", "sites"])
def test_a_list_asks_the_database_as_often_for_many_as_for_few(
    client, personas, name, django_assert_max_num_queries
) -> None:
    for number in range(30):
        actions.add_person(
            email=f"worker{number}@example.org", name=f"Worker {number}", role="outreach_worker",
            site=personas.site, organization=personas.site.organization, by=SYSTEM,
        )  # fmt: skip
        actions.add_site(
            name=f"Site {number}", organization=personas.site.organization, neighborhood="",
            by=SYSTEM,
        )  # fmt: skip
    client.force_login(personas.ada)
    with django_assert_max_num_queries(9):
        assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["mfa_index", "mfa_add_webauthn", "mfa_list_webauthn"])
def test_the_second_factor_speaks_plainly(sure, name) -> None:
    """What the sign-in library would say by itself stands on none of its pages."""
    text = looked_at(sure.get(reverse(name)))
    for jargon in ("Passwordless", "iometric", "ecurity key", "aster key", "two-factor"):
        assert jargon not in text
