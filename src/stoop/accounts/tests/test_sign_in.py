"""Coming in: by invitation, password and second factor, through the real pages."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from stoop.accounts import actions
from stoop.accounts.models import Membership, Person
from stoop.accounts.permissions import actor_of
from stoop.accounts.tests import factories, tools
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.kernel.sealing import seal
from stoop.ledger import queries as ledger

PASSWORD = "harbor lamp quietly 94"


def with_password(person: Person) -> Person:
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, email: str, password: str = PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def secret_of(person: Person) -> str:
    return Authenticator.objects.get(user=person, type="totp").data["secret"]


def kinds(subject: str) -> list[str]:
    return [event.kind for event in ledger.timeline(subject)]


def test_from_the_invitation_to_the_first_page(
    client, personas, settings, django_capture_on_commit_callbacks
) -> None:
    client.force_login(personas.alice)
    with tools.mailbox(settings) as box:
        client.post(
            reverse("invite"),
            {
                "name": "Noor",
                "email": "Noor@Example.org",
                "role": "site_supervisor",
                "site": personas.site.pk,
                "language": "en",
            },
        )
        assert [message["To"] for message in box.got] == ["noor@example.org"]
        assert box.got[0]["Subject"] == "You are invited to Stoop"
        link = box.link()
    noor = Person.objects.get(email="noor@example.org")
    assert not noor.has_usable_password()
    client.logout()

    opened = client.get(link)
    assert opened.url == reverse("invitation"), "the link must not stay in the address"
    assert "noor@example.org" in client.get(opened.url).content.decode()
    weak = client.post(opened.url, {"password": "password1234"})
    assert "too common" in weak.content.decode()
    done = client.post(opened.url, {"password": PASSWORD})
    assert done.url == reverse("me")

    # A supervisor is staff: nothing opens before a second factor is there.
    for name in ("me", "people", "sites"):
        assert client.get(reverse(name)).url == reverse("mfa_index"), name
    assert "Set one of these up first" in client.get(reverse("mfa_index")).content.decode()
    form = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", form)[1]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "That code is not the right one" in wrong.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        right = client.post(reverse("mfa_activate_totp"), {"code": tools.code(secret)})
    assert right.url == reverse("mfa_view_recovery_codes")
    codes = client.get(right.url).content.decode()
    assert len(re.findall(r"<li><code>", codes)) == 10
    assert client.get(reverse("people")).status_code == 200

    # Neither the app's secret nor that of the codes can be read in the table.
    for each in Authenticator.objects.filter(user=noor):
        assert {key[:7] for key in (each.data.get("secret"), each.data.get("seed")) if key} == {
            "sealed:"
        }
    # Out, and in again: the password alone is not enough.
    client.post(reverse("account_logout"))
    assert sign_in(client, "noor@example.org").url == reverse("mfa_authenticate")
    assert client.get(reverse("people")).url.startswith(reverse("account_login"))
    client.post(reverse("mfa_authenticate"), {"code": tools.code(secret, 1)})
    assert client.get(reverse("people")).status_code == 200
    assert kinds(noor.ref) == [
        *("person.added", "membership.began", "person.invited", "person.accepted"),
        *("person.signed_in", "person.totp_activated", "person.signed_in"),
    ]
    told = " ".join(str(event.data) + event.subject for event in ledger.timeline(noor.ref))
    assert "noor" not in told.lower().replace(noor.ref, "")
    # The link is used up.
    client.logout()
    assert client.get(link).status_code == 410
    assert client.get(reverse("invitation")).status_code == 410


def test_a_link_runs_out_and_a_new_one_kills_the_old(client, personas, settings) -> None:
    admin = actor_of(personas.ada)
    noor = actions.invite(
        email="noor@example.org", name="Noor", role="duty_officer",
        organization=factories.organization(), by=admin,
    )  # fmt: skip
    first = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    actions.send_invitation(person=noor, by=admin)
    second = re.search(r"https?://[^/]+(/\S+)", mail.outbox[1].body)[1]
    assert client.get(first).status_code == 410
    assert not Session.objects.exists()
    assert client.get(reverse("invitation")).status_code == 410
    client.get(second)
    assert client.get(reverse("invitation")).status_code == 200
    with clock.held(clock.now() + timedelta(days=3, hours=1)):
        assert client.get(reverse("invitation")).status_code == 410
    actions.deactivate(person=noor, by=admin)
    assert client.get(reverse("invitation")).status_code == 410


def test_a_link_dies_with_the_role_it_was_for(client, personas) -> None:
    """The mail went to a wrong address, and the role was ended at once."""
    admin = actor_of(personas.ada)
    noor = actions.invite(
        email="noor@example.org", name="Noor", role="duty_officer",
        organization=factories.organization(), by=admin,
    )  # fmt: skip
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    client.get(link)
    assert client.get(reverse("invitation")).status_code == 200
    actions.end_membership(membership=Membership.objects.get(person=noor), by=admin)
    assert client.get(reverse("invitation")).status_code == 410
    assert client.post(reverse("invitation"), {"password": PASSWORD}).status_code == 410
    assert client.get(link).status_code == 410
    with pytest.raises(Refusal, match="was used"):
        actions.accept_invitation(person=noor, token=link.rpartition("/")[2], password=PASSWORD)


def test_who_comes_in_without_a_password_is_not_signed_out_by_an_invitation(
    client, personas
) -> None:
    """By the city's own sign-in; her supervisor's browser still shows the button of yesterday."""
    Person.objects.filter(pk=personas.ann.pk).update(password="!")
    ann = Client()
    ann.force_login(Person.objects.get(pk=personas.ann.pk))
    client.force_login(personas.alice)
    client.post(reverse("person-invite", args=[personas.ann.key]))
    assert ann.get(reverse("me")).status_code == 200
    assert mail.outbox == []


def test_a_link_is_used_once_even_by_two_at_once(personas) -> None:
    admin = actor_of(personas.ada)
    noor = actions.invite(
        email="noor@example.org", name="Noor", role="duty_officer",
        organization=factories.organization(), by=admin,
    )  # fmt: skip
    token = re.search(r"/([^/\s]+)$", mail.outbox[0].body, re.M)[1]
    assert actions.invited(noor.key, token) == noor
    actions.accept_invitation(person=noor, token=token, password=PASSWORD)
    with pytest.raises(Refusal, match="was used"):
        actions.accept_invitation(person=noor, token=token, password="another one of hers")
    assert Person.objects.get(pk=noor.pk).check_password(PASSWORD)


def test_a_mail_that_cannot_go_is_told_and_can_be_sent_again(client, personas, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(personas.ada)
    said = {
        "name": "Noor", "email": "noor@example.org", "role": "outreach_worker",
        "site": personas.site.pk, "language": "en",
    }  # fmt: skip
    page = client.post(reverse("invite"), said)
    assert "could not be sent" in page.content.decode()
    noor = Person.objects.get(email="noor@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(reverse("person-invite", args=[noor.key]))
    assert len(mail.outbox) == 1


def test_a_second_tap_invites_once(client, personas) -> None:
    client.force_login(personas.alice)
    said = {
        "name": "Noor", "email": "noor@example.org", "role": "outreach_worker",
        "site": personas.site.pk, "language": "en",
    }  # fmt: skip
    first, second = (client.post(reverse("invite"), said) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert len(mail.outbox) == 1
    with clock.held(clock.now() + timedelta(minutes=2)):
        assert "in Stoop already" in client.post(reverse("invite"), said).content.decode()


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Noor\nBcc: all@example.org", "noor@example.org"),
        ("Noor\u2028x", "noor@example.org"),
        ("Noor", "noor@example.org\nBcc: all@example.org"),
        ("Noor", "noor@example.org,all@example.org"),
        ("", "noor@example.org"),
        ("N" * 121, "noor@example.org"),
    ],
)
def test_what_could_forge_a_mail_is_refused(client, personas, name, email) -> None:
    client.force_login(personas.ada)
    said = {
        "name": name, "email": email, "role": "outreach_worker",
        "site": personas.site.pk, "language": "en",
    }  # fmt: skip
    before = Person.objects.count()
    assert client.post(reverse("invite"), said).status_code == 400
    assert Person.objects.count() == before
    assert mail.outbox == []


def test_wrong_passwords_shut_out_one_address_not_the_person(client, personas) -> None:
    ann = with_password(personas.ann)
    far, near = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "198.51.100.7"}
    for turn in range(6):
        typed = ann.email if turn % 2 else ann.email.upper()
        answer = sign_in(client, typed, "wrong", **far)
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert sign_in(client, ann.email, PASSWORD, **far).status_code == 429
    assert sign_in(client, ann.email, PASSWORD, **near).status_code == 302, "Ann is at her desk"
    # And from the far address others come in as before.
    client.logout()
    with_password(personas.nobody)
    assert sign_in(client, personas.nobody.email, PASSWORD, **far).status_code == 302


def test_nobody_is_shut_out_by_many_addresses(client, personas) -> None:
    """The library's own limits count by address, never by person."""
    ann = with_password(personas.ann)
    for last in range(13):
        sign_in(client, ann.email, "wrong", REMOTE_ADDR=f"203.0.113.{last}")
    assert sign_in(client, ann.email, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_the_address_comes_from_behind_our_own_proxies(client, personas, settings) -> None:
    ann = with_password(personas.ann)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for turn in range(6):  # what the visitor claims before our proxy's word counts nothing
        forged = f"10.0.0.{turn}, 203.0.113.9"
        answer = sign_in(client, ann.email, "wrong", HTTP_X_FORWARDED_FOR=forged)
    assert answer.status_code == 429
    other = sign_in(client, ann.email, HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7")
    assert other.status_code == 302


def test_what_was_typed_is_not_kept(client, personas) -> None:
    from axes.models import AccessAttempt

    sign_in(client, "my-secret@typed.example", "typed in the wrong field")
    kept = AccessAttempt.objects.get()
    assert "secret" not in " ".join(map(str, vars(kept).values()))
    assert "wrong field" not in " ".join(map(str, vars(kept).values()))


def test_an_unknown_e_mail_gets_the_same_answers(client, personas) -> None:
    with_password(personas.ann)
    known, unknown = (
        re.sub(r"[\w.]+@example\.org|value=\"[^\"]+\"", "", page.content.decode())
        for page in (
            sign_in(client, personas.ann.email, "wrong"),
            sign_in(client, "stranger@example.org", "wrong"),
        )
    )
    assert known == unknown
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (personas.ann.email, "stranger@example.org")
    ]
    assert {(answer.status_code, answer.url) for answer in answers} == {
        (302, reverse("account_confirm_password_reset_code"))
    }


def test_a_forgotten_password_is_mended_by_a_code(client, personas) -> None:
    ann = with_password(personas.ann)
    client.post(reverse("account_reset_password"), {"email": ann.email})
    tools.wait_for(lambda: mail.outbox)
    code = re.search(r"^\s+(\S+)$", mail.outbox[0].body, re.M)[1]
    page = client.get(reverse("account_confirm_password_reset_code"))
    assert page.status_code == 200
    assert ann.email not in page.content.decode()
    client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    new = "river stone paper 17"
    client.post(reverse("account_complete_password_reset"), {"password1": new, "password2": new})
    assert sign_in(client, ann.email).status_code == 200, "the old one is dead"
    assert sign_in(client, ann.email, new).status_code == 302


def test_a_second_factor_under_another_key_takes_no_code(client, personas, settings) -> None:
    """A key that was lost shuts the app out; it must never make an empty secret of it."""
    alice, secret = with_password(personas.alice), secret_of(personas.alice)
    Authenticator.objects.filter(user=alice).update(data={"secret": seal(secret)})
    settings.SECRET_KEY = "another key than the one it was sealed with"
    sign_in(client, alice.email)
    for code in (tools.code(secret), tools.code("")):
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert client.get(reverse("people")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\\\evil.example",
        "https:evil.example",
        "javascript:x",
        "http://localhost/",
        "https://127.0.0.1:9/",
    ],
)
def test_signing_in_leads_nowhere_else(client, personas, to) -> None:
    Authenticator.objects.filter(user=personas.ann).delete()
    ann = with_password(personas.ann)
    said = {"login": ann.email, "password": PASSWORD, "next": to}
    assert client.post(reverse("account_login"), said).url == "/"
    assert client.get(reverse("account_login"), {"next": to}).url == "/"


def test_nobody_signs_up(client, db) -> None:
    for path in ("/sign-up", "/accounts/signup/", "/signup"):
        assert client.get(path).status_code == 404
    assert "sign up" not in client.get(reverse("account_login")).content.decode().lower()


def test_a_closed_account_does_not_come_in(client, personas) -> None:
    ann = with_password(personas.ann)
    Authenticator.objects.filter(user=ann).delete()
    sign_in(client, ann.email)
    assert client.get(reverse("me")).status_code == 200
    actions.deactivate(person=ann, by=actor_of(personas.ada))
    assert client.get(reverse("me")).status_code == 302, "her session has ended"
    assert sign_in(client, ann.email).url == reverse("account_inactive")
    actions.reactivate(person=ann, by=actor_of(personas.ada))
    assert client.get(reverse("me")).status_code == 302, "and stays so"
    assert not Membership.objects.filter(person=ann, until=None).exists()


def test_staff_without_second_factor_hold_nothing(client, personas, settings) -> None:
    Authenticator.objects.filter(user=personas.alice).delete()
    assert actor_of(personas.alice).owes
    assert {str(held) for held, _ in actor_of(personas.alice).grants} == {"self.edit"}
    client.force_login(personas.alice)
    assert client.get(reverse("people")).url == reverse("mfa_index")
    settings.STOOP_SECOND_FACTOR = "offered"
    assert client.get(reverse("people")).status_code == 200
    # An outreach worker is not staff.
    settings.STOOP_SECOND_FACTOR = "required"
    Authenticator.objects.filter(user=personas.ann).delete()
    assert not actor_of(personas.ann).owes


def test_staff_keep_their_last_second_factor(client, personas) -> None:
    alice = with_password(personas.alice)
    sign_in(client, alice.email)
    client.post(reverse("mfa_authenticate"), {"code": tools.code(secret_of(alice))})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_deactivate_totp"))
    assert "this is your only one" in page.content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_guessing_codes_is_stopped(client, personas) -> None:
    alice = with_password(personas.alice)
    sign_in(client, alice.email)
    for turn in range(6):
        page = client.post(
            reverse("mfa_authenticate"), {"code": "000000"}, REMOTE_ADDR=f"203.0.113.{turn}"
        )
    assert "Too many failed" in page.content.decode()


def test_a_recovery_code_stands_in_once(client, personas) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    alice = with_password(personas.alice)
    code = RecoveryCodes.activate(alice).get_unused_codes()[0]
    for status in (302, 200):
        sign_in(client, alice.email)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == status
        client.logout()


def test_a_new_second_factor_ends_the_sessions_from_before(
    client, personas, django_capture_on_commit_callbacks
) -> None:
    """Who stole the password and sits inside already is out when its owner adds a factor."""
    alice = with_password(personas.alice)
    Authenticator.objects.filter(user=alice).delete()
    thief = Client()
    for one in (client, thief):
        sign_in(one, alice.email)
        assert one.get(reverse("mfa_index")).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    form = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", form)[1]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": tools.code(secret)})
    assert client.get(reverse("me")).status_code == 200
    assert thief.get(reverse("me")).url.startswith(reverse("account_login"))
