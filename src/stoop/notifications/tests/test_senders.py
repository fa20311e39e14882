"""Messages over real connections on this machine."""

import json

import http_ece
import pytest
from django.core import mail

from stoop.accounts.permissions import actor_of
from stoop.notifications import actions
from stoop.notifications.actions.senders import Message, email, push, sms, vapid
from stoop.notifications.actions.senders.message import GSM, short_message
from stoop.notifications.models import Channel
from stoop.notifications.tests import factories
from stoop.notifications.tests.services import mail_server, web

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings):
    with web("/sms") as service:
        settings.STOOP_SMS_URL, settings.STOOP_SMS_TOKEN = service.url, "secret"
        yield service


@pytest.fixture
def pushes(settings, tmp_path):
    settings.STOOP_HOME, settings.STOOP_PUSH_LOOPBACK = tmp_path, True
    with web("/p/") as service:
        yield service


@pytest.fixture
def mails(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
        email._hang_up()
        actions.deliveries._pool("email").submit(email._hang_up).result()


def message(**other) -> Message:
    values = {
        "key": factories.ids.new(),
        "tag": "one",
        "address": "+12125550100",
        "line": "Shooting, 100 block of Main St, 23:40",
        "text": "Open it to take it.",
        "link": "https://stoop.example.org/alerts/0/",
        "short_link": "https://stoop.example.org/a/AZqv3kB4c2Wq9XmT5yLr8g",
        "urgent": True,
    }
    return Message(**(values | other))


def test_a_text_message_arrives(gateway, personas) -> None:
    factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    [letter] = gateway.took
    body = json.loads(letter["body"])
    delivery = alert.deliveries.get(kind="sms")
    assert body["to"] == "+12125550100"
    assert body["key"] == letter["headers"]["Idempotency-Key"] == delivery.key.hex
    assert letter["headers"]["Authorization"] == "Bearer secret"
    assert body["text"].startswith(
        "Shooting, 100 block of Main St, 23:40. Open it to take it. http"
    )
    assert len(body["text"]) <= 160
    assert delivery.state == "sent"


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (200, "sent", ""),
        (202, "sent", ""),
        (302, "dead", "refused"),
        (400, "dead", "refused"),
        (401, "dead", "refused"),
        (404, "dead", "gone"),
        (408, "later", "busy"),
        (410, "dead", "gone"),
        (422, "dead", "refused"),
        (429, "later", "busy"),
        (500, "later", "busy"),
        (503, "later", "busy"),
    ],
)
def test_what_an_answer_means(gateway, status: int, state: str, reason: str) -> None:
    gateway.answers = [status]
    gateway.headers = {"Location": "http://127.0.0.1:1/"}
    outcome = sms.send(message())
    assert (outcome.state, outcome.reason) == (state, reason)


def test_how_long_to_wait_is_heard(gateway) -> None:
    gateway.answers, gateway.headers = [503, 503, 503], {"Retry-After": "7"}
    assert sms.send(message()).after_s == 7.0
    gateway.headers = {"Retry-After": "99999"}
    assert sms.send(message()).after_s == 300.0
    gateway.headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert sms.send(message()).after_s is None


def test_silence_and_absence_are_told_apart(gateway, settings, monkeypatch) -> None:
    gateway.slow_s = 0.5
    monkeypatch.setitem(sms._pool.connection_pool_kw, "timeout", 0.1)
    sms._pool.clear()
    assert sms.send(message()).reason == "timeout"
    settings.STOOP_SMS_URL = "http://127.0.0.1:1/"
    assert sms.send(message()).reason == "unreachable"
    settings.STOOP_SMS_URL = ""
    assert sms.send(message()).reason == "no_gateway"
    sms._pool.clear()


def test_connections_are_kept(gateway) -> None:
    for _ in range(5):
        sms.send(message())
    assert (len(gateway.took), gateway.connections) == (5, 1)


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("Shooting, Peña Blvd & Åsa St, 23:40", "Shooting, Peña Blvd & Åsa St, 23:40. Open"),
        ("Shooting, Čapek “Row” – 23:40", 'Shooting, Capek "Row" - 23:40. Open'),
        ("Shooting, " + "long " * 60, "Shooting, long long"),
        ("Schüsse, 中山路 100, 23:40", "Schüsse, 中山路"),
        ("a\r\nb\x00c\u202ed", "a b cd. Open"),
    ],
)
def test_a_text_message_is_short_and_keeps_its_link(line: str, start: str) -> None:
    said = message(line=line)
    text = short_message(said)
    assert text.startswith(start)
    assert text.endswith(f" {said.short_link}")
    assert len(text) <= (160 if set(text) <= GSM else 134)
    assert "\n" not in text


def test_push_is_encrypted_to_the_browser(pushes, personas) -> None:
    keys, private, secret = factories.browser_keys()
    actor = actor_of(personas.alice)
    channel = actions.add_channel(by=actor, kind="push", address=pushes.url + "x?y=1", keys=keys)
    alert = factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    [letter] = pushes.took
    said = http_ece.decrypt(letter["body"], private_key=private, auth_secret=secret)
    delivery = alert.deliveries.get(channel=channel)
    assert json.loads(said) == {
        "title": "Shooting, 100 block of Main St, 23:40",
        "body": "Open it to take it.",
        "tag": f"{alert.key.hex}-1",
        "key": delivery.key.hex,
        "link": f"/alerts/{alert.key}/",
        "urgent": True,
    }
    headers = letter["headers"]
    assert letter["path"] == "/p/x?y=1"
    assert (headers["Topic"], headers["Urgency"]) == (delivery.key.hex, "high")
    assert headers["Authorization"].startswith("vapid t=")
    assert vapid.public_key() in headers["Authorization"]


def test_short_text_only_shows_no_place(pushes, gateway, personas) -> None:
    keys, private, secret = factories.browser_keys()
    actor = actor_of(personas.alice)
    actions.add_channel(by=actor, kind="push", address=pushes.url, keys=keys)
    factories.phone(personas.alice)
    actions.set_preferences(by=actor, short_text=True, email=True)
    factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    said = http_ece.decrypt(pushes.took[0]["body"], private_key=private, auth_secret=secret)
    text = json.loads(gateway.took[0]["body"])["text"]
    for each in (said.decode(), text):
        assert "Main" not in each
        assert "Shooting" not in each
        assert "You are asked to take something" in each


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_left_alone(pushes, personas, status: int, mailoutbox) -> None:
    channel = factories.browser(personas.alice, pushes.url)
    actions.set_preferences(by=actor_of(personas.alice), short_text=False, email=False)
    pushes.answers = [status]
    alert = factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    channel.refresh_from_db()
    assert channel.active is False
    assert alert.deliveries.get(kind="push").reason == "gone"
    assert actions.deliver_due() == 1
    assert len(mailoutbox) == 1
    factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    assert len(mailoutbox) == 2
    assert pushes.took == []


def test_push_goes_nowhere_else(settings, personas) -> None:
    settings.STOOP_PUSH_LOOPBACK = False
    keys = factories.browser_keys()[0]
    for address in ("http://127.0.0.1:9/x", "https://10.0.0.1/x", "https://example.org/x"):
        outcome = push.send(message(address=address, keys=keys))
        assert (outcome.state, outcome.reason) == ("dead", "not_allowed")


def test_a_push_service_with_a_private_address_is_refused(settings, monkeypatch) -> None:
    settings.STOOP_PUSH_HOSTS = ["localhost"]
    outcome = push.send(message(address="https://localhost/x", keys=factories.browser_keys()[0]))
    assert (outcome.state, outcome.reason) == ("dead", "not_allowed")


def test_a_redirect_is_not_followed(pushes, gateway) -> None:
    pushes.answers, pushes.headers = [307], {"Location": gateway.url}
    outcome = push.send(message(address=pushes.url, keys=factories.browser_keys()[0]))
    assert outcome.state == "dead"
    assert gateway.took == []


def test_the_key_is_made_once_and_kept_secret(settings, tmp_path) -> None:
    settings.STOOP_HOME = tmp_path / "home"
    first = vapid.public_key()
    kept = settings.STOOP_HOME / "vapid-key"
    assert kept.stat().st_mode & 0o777 == 0o600
    vapid._made.clear()
    assert vapid.public_key() == first
    assert [each.name for each in settings.STOOP_HOME.iterdir()] == ["vapid-key"]
    settings.STOOP_VAPID_KEY = kept.read_text()
    assert vapid.public_key() == first
    settings.STOOP_VAPID_KEY = "no key"
    with pytest.raises(actions.channels.Refusal):
        vapid.public_key()


def test_mail_arrives_over_one_connection(mails, personas) -> None:
    alerts = [factories.alert(personas.site, [personas.alice]) for _ in range(3)]
    for alert in alerts:
        message = actions.letters.message(alert.deliveries.select_related("person").get(), None)
        assert email.send(message).state == "sent"
    assert len(mails.sessions) == 1
    letter = mails.took[0]
    assert letter["To"] == "alice@example.org"
    assert letter["Subject"] == "Shooting, 100 block of Main St, 23:40"
    assert letter["Message-ID"] == f"<{alerts[0].deliveries.get().key.hex}@127.0.0.1>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert f"/alerts/{alerts[0].key}/" in plain.get_content()
    assert f"/alerts/{alerts[0].key}/" in html.get_content()
    assert "List-Unsubscribe" not in letter


def test_no_header_can_be_written_into_mail(mails) -> None:
    email.send(message(address="a@example.org", line="Hi\r\nBcc: eve@example.org", text="<b>&"))
    letter = mails.took[0]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hi Bcc: eve@example.org"
    assert "&lt;b&gt;&amp;" in letter.get_body(("html",)).get_content()
    assert "<b>&" in letter.get_body(("plain",)).get_content()
    for address in ("a@example.org\nBcc: eve@example.org", "a@b, c@d", "", "a b"):
        assert email.send(message(address=address)).state == "dead"
    email._hang_up()


def test_what_a_mail_server_says(mails, settings) -> None:
    mails.refuses = ["451 later", "550 never", "421 closing"]
    said = [email.send(message(address="a@example.org")) for _ in range(4)]
    assert [each.state for each in said] == ["later", "dead", "later", "sent"]
    unknown = email.send(message(address="unknown@example.org"))
    assert (unknown.state, unknown.reason) == ("dead", "refused")
    email._hang_up()
    settings.EMAIL_PORT = 1
    assert email.send(message(address="a@example.org")).reason == "unreachable"


def test_the_console_shows_no_whole_number(settings, personas, capsys) -> None:
    settings.STOOP_SMS_URL = "console:"
    factories.phone(personas.alice)
    factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    said = capsys.readouterr().err
    assert "Text message to ...00: Shooting" in said
    assert "2125550100" not in said
    assert Channel.objects.get().active
    assert len(mail.outbox) == 1
