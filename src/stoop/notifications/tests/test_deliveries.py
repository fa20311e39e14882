"""Claimed, sent, settled; tried again, or dead."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import OperationalError, connection

from stoop.accounts.permissions import actor_of
from stoop.kernel import clock
from stoop.ledger.tests.factories import Event
from stoop.notifications import actions, queries
from stoop.notifications.actions import deliveries
from stoop.notifications.models import Channel, Delivery
from stoop.notifications.tests import factories
from stoop.notifications.tests.services import web

pytestmark = pytest.mark.django_db
START = datetime(2026, 7, 4, 3, 40, tzinfo=UTC)


def after(seconds: float):
    return clock.held(START + timedelta(seconds=seconds))


@pytest.fixture
def gateway(settings):
    with web("/sms") as service:
        settings.STOOP_SMS_URL = service.url
        yield service


def test_every_way_of_every_person_once(personas, gateway, mailoutbox) -> None:
    for number in ("+12125550100", "+12125550101"):
        factories.phone(personas.alice, number)
    alert = factories.alert(personas.site, [personas.alice, personas.ann, personas.alice])
    assert actions.deliver_due() == 4
    assert actions.deliver_due() == 0
    assert sorted(json.loads(each["body"])["to"] for each in gateway.took) == [
        "+12125550100",
        "+12125550101",
    ]
    assert sorted(each.to[0] for each in mailoutbox) == ["alice@example.org", "ann@example.org"]
    assert len({each.key for each in alert.deliveries.all()}) == 4


def test_what_can_wait_sends_no_text_message(personas, gateway, mailoutbox) -> None:
    factories.phone(personas.alice)
    factories.alert(personas.site, [personas.alice], kind="nearby")
    actions.deliver_due()
    assert (len(gateway.took), len(mailoutbox)) == (0, 1)


def test_a_number_given_out_again_is_somebody_elses(personas, gateway, mailoutbox) -> None:
    """A restored database counts from its highest row: a channel may get the place of one gone."""
    gone = factories.phone(personas.ann)
    factories.alert(personas.site, [personas.ann])
    place = gone.pk
    actions.remove_channel(channel=gone, by=actor_of(personas.ann))
    other = factories.phone(personas.alice, "+12125550109")
    Channel.objects.filter(pk=other.pk).delete()
    other.pk = place
    other.save()
    while actions.deliver_due():
        pass
    assert gateway.took == []
    assert [each.to for each in mailoutbox] == [["ann@example.org"]]


def test_without_e_mail_it_comes_when_nothing_else_is_there(personas, gateway, mailoutbox) -> None:
    actions.set_preferences(by=actor_of(personas.alice), short_text=False, email=False)
    factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    assert len(mailoutbox) == 1
    factories.phone(personas.alice)
    factories.alert(personas.site, [personas.alice])
    actions.deliver_due()
    assert (len(mailoutbox), len(gateway.took)) == (1, 1)


def test_what_was_on_its_way_to_a_phone_that_is_taken_away_comes_by_e_mail(
    personas, gateway, mailoutbox
) -> None:
    actions.set_preferences(by=actor_of(personas.alice), email=False)
    phone = factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice])
    actions.remove_channel(channel=phone, by=actor_of(personas.alice))
    assert not Channel.objects.exists()
    for _ in range(2):
        actions.deliver_due()
    assert (len(gateway.took), len(mailoutbox)) == (0, 1)
    lost = queries.letter(actor_of(personas.carol), alert.deliveries.get(kind="sms").key)
    assert (lost.channel, lost.state, lost.reason) == (None, "dropped", "removed")


def test_it_is_tried_again_with_the_same_key_and_longer_pauses(personas, gateway) -> None:
    factories.phone(personas.alice)
    gateway.answers = [500] * 4
    waits = []
    with after(0):
        alert = factories.alert(personas.site, [personas.alice])
    delivery = alert.deliveries.get(kind="sms")
    at = 0.0
    for _ in range(4):
        with after(at):
            actions.deliver_due()
            assert actions.deliver_due() == 0
            delivery.refresh_from_db()
            assert (delivery.state, delivery.reason) == ("due", "busy")
            waits.append((delivery.not_before - clock.now()).total_seconds())
            at += waits[-1]
    with after(at):
        actions.deliver_due()
    delivery.refresh_from_db()
    assert waits == [1, 2, 4, 8]
    assert (delivery.state, delivery.attempts, delivery.reason) == ("sent", 5, "")
    assert [each["headers"]["Idempotency-Key"] for each in gateway.took] == [delivery.key.hex]


def test_after_twelve_it_is_dead_and_seen(personas, gateway, mailoutbox) -> None:
    factories.phone(personas.alice)
    actions.set_preferences(by=actor_of(personas.alice), short_text=False, email=False)
    gateway.answers = [503] * 12
    with after(0):
        alert = factories.alert(personas.site, [personas.alice])
    for hours in range(1, 13):
        with after(3600 * hours):
            actions.deliver_due()
    delivery = alert.deliveries.get(kind="sms")
    assert (delivery.state, delivery.attempts, delivery.reason) == ("dead", 12, "busy")
    assert list(queries.dead_letters(actor_of(personas.carol))) == [delivery]
    assert list(queries.dead_letters(actor_of(personas.bob))) == []
    event = Event.objects.get(kind="delivery.dead")
    assert event.data == {"about": alert.subject, "kind": "sms", "reason": "busy"}
    with after(3600 * 13):
        actions.deliver_due()
        assert len(mailoutbox) == 1  # whom nothing else reaches, e-mail does
        actions.try_again(delivery=delivery, by=actor_of(personas.carol))
        actions.deliver_due()
    assert len(gateway.took) == 1


def test_a_dead_worker_s_messages_are_sent_by_the_next(personas, gateway) -> None:
    factories.phone(personas.alice)
    with after(0):
        alert = factories.alert(personas.site, [personas.alice])
        assert len(deliveries._claimed("sms", 10)) == 1  # and then it was killed
        actions.deliver_due()
        assert gateway.took == []
    with after(29):
        actions.deliver_due()
        assert gateway.took == []
    with after(31):
        actions.deliver_due()
    assert len(gateway.took) == 1
    assert alert.deliveries.get(kind="sms").attempts == 2


def test_what_was_in_a_dead_worker_s_hand_is_not_sent_once_taken(personas, gateway) -> None:
    factories.phone(personas.ann)
    with after(0):
        alert = factories.alert(personas.site, [personas.ann])
        deliveries._claimed("sms", 10)
        actions.take(alert=alert, by=actor_of(personas.alice))
    with after(31):
        actions.deliver_due()
    assert gateway.took == []
    assert alert.deliveries.get(kind="sms").reason == "taken"


def test_what_kills_every_worker_is_buried_at_last(personas, gateway) -> None:
    factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice])
    Delivery.objects.filter(kind="sms").update(attempts=deliveries.MOST_CLAIMS)
    actions.deliver_due()
    assert gateway.took == []
    assert alert.deliveries.get(kind="sms").state == "dead"


def test_an_error_in_a_sender_harms_no_other(personas, gateway, monkeypatch, mailoutbox) -> None:
    factories.phone(personas.alice)
    factories.alert(personas.site, [personas.alice])

    def broken(message):
        raise RuntimeError(message.address)

    monkeypatch.setitem(deliveries.SENDERS, "sms", broken)
    actions.deliver_due()
    assert len(mailoutbox) == 1
    assert Delivery.objects.get(kind="sms").reason == "broken"


def test_a_channel_that_hangs_holds_up_no_other(personas, gateway, monkeypatch, mailoutbox) -> None:
    release = threading.Event()
    plain = deliveries.SENDERS["sms"]
    monkeypatch.setitem(
        deliveries.SENDERS, "sms", lambda message: (release.wait(20), plain(message))[1]
    )
    factories.phone(personas.alice)
    for _ in range(20):
        factories.alert(personas.site, [personas.alice])
    for _ in range(20):
        actions.deliver_due(patience_s=0.05)
    assert len(mailoutbox) == 20
    assert len(gateway.took) == 0
    release.set()
    actions.drain()
    assert len(gateway.took) == deliveries.LANES["sms"]
    actions.deliver_due()
    assert len(gateway.took) == 20
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_what_could_not_be_written_down_is_kept(personas, gateway, monkeypatch) -> None:
    factories.phone(personas.alice)
    factories.alert(personas.site, [personas.alice])
    plain = deliveries._write

    def gone(batch):
        raise OperationalError("the database went away")

    monkeypatch.setattr(deliveries, "_write", gone)
    with pytest.raises(OperationalError):
        actions.deliver_due()
    monkeypatch.setattr(deliveries, "_write", plain)
    actions.deliver_due()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len(gateway.took) == 1


def test_who_left_and_what_was_taken_away_is_not_told(personas, gateway, mailoutbox) -> None:
    channel = factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    actions.remove_channel(channel=channel, by=actor_of(personas.alice))
    personas.ann.is_active = False
    personas.ann.save()
    actions.deliver_due()
    said = {(each.person.name, each.kind): each.reason for each in alert.deliveries.all()}
    assert said == {
        ("Alice", "sms"): "removed",
        ("Alice", "email"): "",
        ("Ann", "email"): "left",
    }
    assert len(mailoutbox) == 1


def test_what_a_worker_has_in_its_hand_is_settled_as_sent(personas, gateway, monkeypatch) -> None:
    factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice])
    release = threading.Event()
    plain = deliveries.SENDERS["sms"]
    monkeypatch.setitem(
        deliveries.SENDERS, "sms", lambda message: (release.wait(20), plain(message))[1]
    )
    actions.deliver_due(patience_s=0.05)
    actions.take(alert=alert, by=actor_of(personas.alice))
    release.set()
    actions.drain()
    assert alert.deliveries.get(kind="sms").state == "sent"


def test_an_idle_worker_takes_no_lock(personas, django_assert_num_queries) -> None:
    actions.deliver_due()
    with django_assert_num_queries(1) as asked:
        assert actions.deliver_due() == 0
    assert all("SELECT" in each["sql"] for each in asked.captured_queries)
    with django_assert_num_queries(1):
        assert actions.escalate_due() == 0


def test_a_batch_asks_little(personas, django_assert_max_num_queries, settings, gateway) -> None:
    people = [personas.alice, personas.ann, personas.carol, personas.bob]
    for who in people:
        factories.phone(who, f"+1212555010{who.pk % 10}")
    factories.alert(personas.site, people)
    with django_assert_max_num_queries(34):
        assert actions.deliver_due() == 8
    assert connection.vendor in ("sqlite", "postgresql")


def test_one_phone_number_may_serve_two(personas, gateway) -> None:
    for who in (personas.alice, personas.ann):
        factories.phone(who)
    factories.alert(personas.site, [personas.alice, personas.ann])
    actions.deliver_due()
    assert len(gateway.took) == 2
    assert Channel.objects.count() == 2


def test_what_a_dead_worker_held_is_not_sent_after_it_was_given_back(personas) -> None:
    now = clock.now()
    with clock.held(now):
        alert = factories.alert(personas.site, [personas.alice, personas.ann])
        assert len(deliveries._claimed("email", 10)) == 2  # and the worker is killed
        actions.take(alert=alert, by=actor_of(personas.alice))
        actions.give_back(alert=alert, by=actor_of(personas.alice))
    with clock.held(now + timedelta(minutes=10)):
        actions.deliver_due()
    assert [message.to[0] for message in mail.outbox] == ["ann@example.org"]
