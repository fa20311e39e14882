"""The pages of alerts, asked as each person."""

import base64
from urllib.parse import quote

import pytest
from django.urls import reverse

from stoop.accounts.permissions import actor_of
from stoop.notifications import actions
from stoop.notifications.models import Channel, Delivery, Preference
from stoop.notifications.tests import factories

pytestmark = pytest.mark.django_db
EVERYBODY = ("alice", "ann", "bob", "carol", "cass", "ada", "dan", "eve", "rita", "nobody")


def statuses(client, personas, path: str, method: str = "get") -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for name in EVERYBODY:
        client.force_login(getattr(personas, name))
        found.setdefault(getattr(client, method)(path).status_code, set()).add(name)
    return found


def test_who_may_open_an_alert(client, personas) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    path = reverse("alert", args=[alert.key])
    assert client.get(path).url == f"{reverse('account_login')}?next={quote(path)}"
    assert statuses(client, personas, path)[200] == {"alice", "ann", "carol"}


def test_who_may_take_it(client, personas) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    path = reverse("alert-take", args=[alert.key])
    assert client.get(path).status_code == 405
    assert statuses(client, personas, path, "post")[302] == {"alice", "ann"}


def test_what_no_site_answers_for_has_its_button_at_the_desk(client, personas) -> None:
    alert = factories.alert(None, [personas.carol])
    take = reverse("alert-take", args=[alert.key])
    client.force_login(personas.carol)
    assert f'action="{take}"' in client.get(reverse("alert", args=[alert.key])).content.decode()
    assert statuses(client, personas, take, "post")[302] == {"carol"}


def test_one_tap_takes_it_from_the_message(client, personas) -> None:
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    short = reverse("alert-short", args=[base64.urlsafe_b64encode(alert.key.bytes).decode()[:22]])
    client.force_login(personas.alice)
    page = client.get(short, follow=True).content.decode()
    take = reverse("alert-take", args=[alert.key])
    assert f'action="{take}"' in page
    assert client.post(take, follow=True).content.decode().count("You have it.") == 1
    client.force_login(personas.ann)
    assert "Alice has it already." in client.post(take, follow=True).content.decode()
    client.force_login(personas.alice)
    assert "Give it back" in client.get(reverse("alert", args=[alert.key])).content.decode()
    client.post(reverse("alert-give-back", args=[alert.key]))
    alert.refresh_from_db()
    assert alert.open


def test_taking_wants_a_token(client, personas) -> None:
    client.handler.enforce_csrf_checks = True
    alert = factories.alert(personas.site, [personas.alice])
    client.force_login(personas.alice)
    assert client.post(reverse("alert-take", args=[alert.key])).status_code == 403


@pytest.mark.parametrize("code", ["x", "AAAA", "A" * 21, "A" * 23, "a" * 300])
def test_a_broken_short_link_is_not_found(client, personas, code: str) -> None:
    client.force_login(personas.alice)
    assert client.get(f"/a/{code}", follow=True).status_code == 404


def test_the_story_is_whole_for_whom_it_concerns(client, personas) -> None:
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    path = reverse("alert", args=[alert.key])
    for who, sees in ((personas.alice, True), (personas.carol, True), (personas.ann, False)):
        client.force_login(who)
        page = client.get(path).content.decode()
        assert ("Who was told" in page) is sees
        assert ("Alice</th>" in page) is sees


def test_pages_say_what_will_be_here(client, personas) -> None:
    client.force_login(personas.alice)
    for name in ("alerts", "alerts-all", "alerts-unsent", "channels", "channel-code"):
        page = client.get(reverse(name))
        assert page.status_code == 200
        assert "!! missing" not in page.content.decode()


def test_who_sees_all_and_the_unsent(client, personas) -> None:
    for name in ("alerts-all", "alerts-unsent"):
        assert statuses(client, personas, reverse(name))[200] == {"alice", "bob", "carol"}


def test_nobody_sees_another_sites_alerts(client, personas) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    Delivery.objects.update(state="dead", reason="timeout")
    for who, sees in ((personas.bob, False), (personas.alice, True), (personas.carol, True)):
        client.force_login(who)
        for name in ("alerts-all", "alerts-unsent"):
            assert (str(alert.key) in client.get(reverse(name)).content.decode()) is sees


def test_lists_ask_as_much_for_many_as_for_few(
    client, personas, django_assert_max_num_queries
) -> None:
    people = [[personas.alice, personas.ann], [personas.carol]]
    for _ in range(30):
        factories.alert(personas.site, *people)
    for alert in [factories.alert(personas.site, *people) for _ in range(5)]:
        actions.take(alert=alert, by=actor_of(personas.ann))
    Delivery.objects.filter(state="due").update(state="dead", reason="timeout")
    for who in (personas.alice, personas.carol):
        client.force_login(who)
        for name in ("alerts", "alerts-all", "alerts-unsent"):
            with django_assert_max_num_queries(11):
                assert client.get(reverse(name)).status_code == 200
        with django_assert_max_num_queries(11):
            client.get(reverse("alert", args=[alert.key]))


def test_a_dead_letter_is_tried_again(client, personas, mailoutbox) -> None:
    alert = factories.alert(personas.site, [personas.alice])
    Delivery.objects.update(state="dead", reason="unreachable")
    letter = alert.deliveries.get()
    path = reverse("alert-again", args=[letter.key])
    client.force_login(personas.bob)
    assert client.post(path).status_code == 404
    client.force_login(personas.ann)
    assert client.post(path).status_code == 404
    client.force_login(personas.carol)
    assert "on its way again" in client.post(path, follow=True).content.decode()
    assert "on its way already" in client.post(path, follow=True).content.decode()
    actions.deliver_due()
    assert len(mailoutbox) == 1


def test_ways_are_ones_own(client, personas) -> None:
    phone = factories.phone(personas.alice)
    client.force_login(personas.ann)
    assert phone.address not in client.get(reverse("channels")).content.decode()
    assert client.post(reverse("channel-remove", args=[phone.pk])).status_code == 404
    client.force_login(personas.alice)
    assert phone.address in client.get(reverse("channels")).content.decode()
    client.post(reverse("channel-remove", args=[phone.pk]))
    assert not Channel.objects.exists()


def test_quiet_hours_keep_what_was_typed(client, personas) -> None:
    client.force_login(personas.alice)
    page = client.post(reverse("channels-quiet"), {"begins": "22:00", "ends": ""})
    assert page.status_code == 400
    assert 'value="22:00"' in page.content.decode()
    assert "Give both times" in page.content.decode()
    page = client.post(reverse("channels-quiet"), {"begins": "25:99", "ends": "7"})
    assert page.status_code == 400
    client.post(reverse("channels-quiet"), {"begins": "22:00", "ends": "07:00"})
    client.post(reverse("channels-wishes"), {"short_text": "on"})
    wish = Preference.objects.get()
    assert (wish.quiet_from.hour, wish.short_text, wish.email) == (22, True, False)
    client.post(reverse("channels-quiet"), {"begins": "", "ends": ""})
    wish.refresh_from_db()
    assert (wish.quiet_from, wish.short_text) == (None, True)


def push(client, body) -> int:
    return client.post(reverse("channel-push"), body, content_type="application/json").status_code


def test_a_browser_subscribes(client, personas) -> None:
    keys = factories.browser_keys()[0]
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "expirationTime": None}
    client.force_login(personas.alice)
    assert push(client, body | {"keys": keys}) == 200
    assert push(client, body | {"keys": keys}) == 200
    channel = Channel.objects.get()
    assert (channel.person, channel.label) == (personas.alice, "A browser")
    client.force_login(personas.ann)
    assert push(client, body | {"keys": keys}) == 200
    assert Channel.objects.get().person == personas.ann
    client.force_login(personas.alice)
    client.post(reverse("channel-push-off"), {"endpoint": channel.address})
    assert Channel.objects.count() == 1
    client.force_login(personas.ann)
    client.post(reverse("channel-push-off"), {"endpoint": channel.address})
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/x",
        "https://example.org/x",
        "https://fcm.googleapis.com.example.org/x",
        "https://127.0.0.1/x",
        "https://localhost:5432/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com/x\r\nHost: y",
        "https://fcm.googleapis.com/" + "x" * 600,
        "file:///etc/passwd",
        "gopher://fcm.googleapis.com/",
        "https://fcm.googleapis.com:99999/",
        "https://[fcm.googleapis.com/",
        ["https://fcm.googleapis.com/"],
    ],
)
def test_only_push_services_are_taken(client, personas, endpoint) -> None:
    client.force_login(personas.alice)
    assert push(client, {"endpoint": endpoint, "keys": factories.browser_keys()[0]}) == 400
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"3", b'"x"', b"{", b"\xff\xfe", b'{"keys": []}', b"[" * 3000, b"{}"],
)
def test_hostile_subscriptions_are_refused(client, personas, body: bytes) -> None:
    client.force_login(personas.alice)
    assert push(client, body) == 400


@pytest.mark.parametrize("keys", [{}, {"p256dh": "AA", "auth": "AA"}, {"p256dh": "é", "auth": "é"}])
def test_wrong_keys_are_refused(client, personas, keys) -> None:
    client.force_login(personas.alice)
    assert push(client, {"endpoint": "https://fcm.googleapis.com/x", "keys": keys}) == 400


def test_the_script_that_stands_by_is_for_everybody(client) -> None:
    answer = client.get("/worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in answer.content


def test_who_is_never_woken_for_a_shooting_is_not_promised_one(client, personas):
    for name, woken in (("ann", True), ("carol", True), ("dan", False), ("rita", False)):
        client.force_login(getattr(personas, name))
        inbox = client.get(reverse("alerts")).content.decode()
        ways = client.get(reverse("channels")).content.decode()
        assert ("with one button to take it" in inbox) == woken, name
        assert ("A shooting is told over all of these" in ways) == woken, name
        assert ("Only e-mail reaches you." in ways) == woken, name
