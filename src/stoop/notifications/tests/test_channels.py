"""Numbers and browsers that people give."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from stoop.accounts.permissions import NOBODY, actor_of
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.tests.factories import Event
from stoop.notifications import actions
from stoop.notifications.models import Channel, PhoneCode
from stoop.notifications.tests import factories
from stoop.notifications.tests.services import web

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings):
    with web("/sms") as service:
        settings.STOOP_SMS_URL = service.url
        yield service


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+1 212 555 0100", "+12125550100"),
        ("(212) 555-0100", "+12125550100"),
        ("1-212-555-0100", "+12125550100"),
        ("0044 20 7946 0000", "+442079460000"),
        ("٢١٢٥٥٥٠١٠٠", "+12125550100"),
        (" +1.212.555.0100\u202c", "+12125550100"),
    ],
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert actions.phone_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", "911", "+", "+0123456789", "call me", "+1212555010012345678", "212555O100"),
        *("x" * 41, "😀", "+12125550100\nBcc: x", "+1212555²100", "2125550100;ext=1"),
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Refusal):
        actions.phone_number(text)


def code(gateway) -> str:
    return re.match(r"\d{6}", json.loads(gateway.took[-1]["body"])["text"])[0]


def test_a_number_is_kept_when_its_code_comes_back(client, personas, gateway) -> None:
    client.force_login(personas.alice)
    page = client.post(reverse("channel-phone"), {"number": "(212) 555-0100"})
    assert page.url == reverse("channel-code")
    assert not Channel.objects.exists()
    wrong = "000000" if code(gateway) != "000000" else "111111"
    page = client.post(reverse("channel-code"), {"digits": wrong})
    assert "not the digits" in page.content.decode()
    spaced = f"{code(gateway)[:3]} {code(gateway)[3:]}"
    page = client.post(reverse("channel-code"), {"digits": spaced}, follow=True)
    assert "from now on" in page.content.decode()
    assert Channel.objects.get().address == "+12125550100"
    with pytest.raises(Refusal):
        actions.confirm_code(by=actor_of(personas.alice), digits=code(gateway))
    said = str(list(Event.objects.values_list("kind", "subject", "actor", "data")))
    assert "5550100" not in said
    assert code(gateway) not in str(PhoneCode.objects.values_list("digest"))


def test_a_code_holds_for_ten_minutes_five_tries_and_its_person(personas, gateway) -> None:
    alice, ann = actor_of(personas.alice), actor_of(personas.ann)
    start = datetime(2026, 7, 4, tzinfo=UTC)
    with clock.held(start):
        actions.ask_code(by=alice, number="2125550100")
    right = code(gateway)
    with clock.held(start + timedelta(minutes=11)), pytest.raises(Refusal):
        actions.confirm_code(by=alice, digits=right)
    with clock.held(start + timedelta(minutes=9)):
        with pytest.raises(Refusal):
            actions.confirm_code(by=ann, digits=right)
        for _ in range(5):
            with pytest.raises(Refusal):
                actions.confirm_code(by=alice, digits="x")
        with pytest.raises(Refusal, match="too often"):
            actions.confirm_code(by=alice, digits=right)
    assert not Channel.objects.exists()


def test_nobody_is_flooded_with_codes(personas, gateway) -> None:
    for _ in range(5):
        actions.ask_code(by=actor_of(personas.alice), number="2125550100")
    for who, number in ((personas.alice, "2125550101"), (personas.ann, "2125550100")):
        with pytest.raises(Refusal, match="enough codes"):
            actions.ask_code(by=actor_of(who), number=number)
    assert len(gateway.took) == 5


def test_without_a_gateway_one_is_told(client, personas, settings, gateway) -> None:
    gateway.answers = [400]
    client.force_login(personas.alice)
    page = client.post(reverse("channel-phone"), {"number": "2125550100"})
    assert (page.status_code, "could not be sent" in page.content.decode()) == (400, True)
    assert 'value="2125550100"' in page.content.decode()
    settings.STOOP_SMS_URL = ""
    assert "has not set up" in client.get(reverse("channels")).content.decode()
    assert client.post(reverse("channel-phone"), {"number": "2125550100"}).status_code == 400


def test_adding_again_mends(personas) -> None:
    channel = factories.browser(personas.alice)
    Channel.objects.update(active=False, failed_at=clock.now())
    again = factories.browser(personas.alice)
    assert (again.pk, again.active, again.failed_at) == (channel.pk, True, None)


def test_there_is_an_end_to_ways(personas) -> None:
    for number in range(10):
        factories.phone(personas.alice, f"+1212555010{number}")
    factories.phone(personas.alice, "+12125550100")
    with pytest.raises(Refusal):
        factories.phone(personas.alice, "+12125550199")


def test_nobody_has_no_ways(personas) -> None:
    with pytest.raises(Http404):
        actions.add_channel(by=NOBODY, kind="sms", address="2125550100")
    with pytest.raises(Refusal):
        actions.add_channel(by=actor_of(personas.alice), kind="pigeon", address="x")


def test_nobody_takes_away_anothers_way(personas) -> None:
    with pytest.raises(Http404):
        actions.remove_channel(channel=factories.phone(personas.alice), by=actor_of(personas.ann))
    assert Channel.objects.count() == 1
