"""A leaked key: the source's whole voice for an hour wakes no more people than its limit says."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.flows.tests import factories
from stoop.flows.tests.factories import IN_SITE, NIGHT, drain
from stoop.incidents import actions
from stoop.incidents import queries as incidents
from stoop.incidents.models import Incident, Source
from stoop.incidents.tests.factories import make_source
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.notifications.models import Alert, Delivery

pytestmark = pytest.mark.django_db
MOST = 3


@pytest.fixture
def city() -> Any:
    with clock.held(NIGHT):
        return factories.city()


class Sender:
    """Whoever holds the key."""

    def __init__(self) -> None:
        self.source = make_source("police", confirms=True, most_an_hour=MOST)
        key = actions.issue_key(source=self.source, by=SYSTEM)
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def says(self, ref: str, **more: Any) -> dict[str, Any]:
        at = (clock.now() - timedelta(minutes=1)).isoformat()
        lon, lat = IN_SITE
        said = {"ref": ref, "occurred_at": at, "lon": lon, "lat": lat, "hurt": 1, **more}
        answer = self.client.post("/api/v1/reports", said, content_type="application/json")
        assert answer.status_code in (200, 201), answer.content
        drain()
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def sender(city: Any) -> Sender:
    return Sender()


def alerts() -> Counter[str]:
    return Counter(Alert.objects.values_list("kind", flat=True))


def over() -> list[dict[str, Any]]:
    timeline = ledger.timeline("source:police")
    return [each.data for each in timeline if each.kind == "source.over_limit"]


def test_beyond_the_limit_reports_are_kept_and_wait(sender: Sender, city: Any) -> None:
    with clock.held(NIGHT):
        states = [sender.says(f"r{n}")["status"] for n in range(MOST + 4)]
    assert states == ["confirmed"] * MOST + ["reported"] * 4
    assert Incident.objects.count() == MOST + 4
    assert alerts() == {"shooting": MOST, "intake": 1}
    assert over() == [{"most": MOST}]
    [told] = Alert.objects.filter(kind="intake")
    assert "Police" in told.title
    who = set(Delivery.objects.filter(alert=told).values_list("person__name", flat=True))
    assert who == {city.carol.name}
    waiting = Incident.objects.filter(status="reported")
    assert {each.versions.get().why for each in waiting} == {
        "The source was over its limit for the hour: nobody was told of it."
    }


def test_the_next_hour_has_room_again_and_is_told_of_anew(sender: Sender) -> None:
    for hour in range(2):
        with clock.held(NIGHT + timedelta(hours=hour)):
            states = [sender.says(f"r{hour}-{n}")["status"] for n in range(MOST + 2)]
            assert states == ["confirmed"] * MOST + ["reported"] * 2
    with clock.held(NIGHT + timedelta(minutes=119)):
        assert sender.says("late")["status"] == "reported"
    assert len(over()) == 2


def test_corrections_count_as_well_and_none_is_lost(sender: Sender) -> None:
    """Else one report, moved from block to block, would wake every site."""
    with clock.held(NIGHT):
        for hurt in range(1, 8):
            sender.says("one", hurt=hurt)
    held = Incident.objects.get()
    assert (held.hurt, held.version, held.status) == (7, 7, "confirmed")
    kinds = Counter(event.kind for event in ledger.timeline(f"incident:{held.key}"))
    assert kinds["incident.corrected"] == MOST - 1
    assert kinds["incident.revised"] == 7 - MOST
    assert len(over()) == 1


def test_a_correction_over_the_limit_waits_until_somebody_tells(
    sender: Sender, city: Any, client: Client
) -> None:
    """It stands where reports wait; one tap tells all that changed since people were told last."""
    client.force_login(city.carol)
    with clock.held(NIGHT):
        for hurt in range(1, MOST + 3):
            sender.says("one", hurt=hurt, occurred_at=NIGHT.isoformat())
        held = Incident.objects.get()
        assert alerts() == {"shooting": 1, "correction": MOST - 1, "intake": 1}
        page = client.get("/incidents/waiting/").content.decode()
        assert "Corrected since, and nobody was told:" in page
        assert f"Hurt: {MOST + 2}." in page
        path = f"/incidents/{held.key}/tell/"
        assert client.post(path, {"version": held.version - 1}).status_code == 409
    with clock.held(NIGHT + timedelta(hours=2)):  # it does not go away by itself
        assert f"Hurt: {MOST + 2}." in client.get("/incidents/waiting/").content.decode()
        for _ in range(2):
            assert client.post(path, {"version": held.version}).status_code == 302
        drain()
        told = Alert.objects.filter(kind="correction").latest("pk")
        assert told.text == f"Hurt: {MOST + 2}."
        assert alerts()["correction"] == MOST
        assert "nobody was told" not in client.get("/incidents/waiting/").content.decode()
    held.refresh_from_db()
    assert held.versions.latest("number").action == "tell"


def test_the_next_correction_with_room_tells_what_waited(sender: Sender, city: Any) -> None:
    with clock.held(NIGHT):
        for hurt in range(1, MOST + 2):
            sender.says("one", hurt=hurt, occurred_at=NIGHT.isoformat())
    with clock.held(NIGHT + timedelta(hours=2)):
        sender.says("one", hurt=MOST + 1, killed=1, occurred_at=NIGHT.isoformat())
        told = Alert.objects.filter(kind="correction").latest("pk")
        assert told.text == f"Killed: 1. Hurt: {MOST + 1}."
        assert not incidents.waiting(actor_of(city.carol))


def test_a_place_that_cannot_be_wakes_the_desk_alone(sender: Sender, city: Any) -> None:
    lon, lat = IN_SITE
    with clock.held(NIGHT):
        assert sender.says("one", lon=lat, lat=lon)["status"] == "reported"
    [told] = Alert.objects.all()
    assert told.kind == "intake"
    assert "place outside the city" in told.title
    who = set(Delivery.objects.filter(alert=told).values_list("person__name", flat=True))
    assert who == {city.carol.name}
    assert Source.objects.get(code="police").hour_count == 1  # it takes room: a key may be stolen


def test_the_same_said_again_takes_no_room(sender: Sender) -> None:
    with clock.held(NIGHT):
        at = (clock.now() - timedelta(minutes=1)).isoformat()
        for _ in range(MOST + 2):
            assert sender.says("one", occurred_at=at)["status"] == "confirmed"
        assert sender.says("two")["status"] == "confirmed"
    assert Source.objects.get(code="police").hour_count == 2
    assert over() == []


def test_the_administrator_sees_and_lifts_it(sender: Sender, city: Any, client: Client) -> None:
    client.force_login(city.ada)
    with clock.held(NIGHT):
        for number in range(MOST + 1):
            sender.says(f"r{number}")
        page = client.get("/sources/police/").content.decode()
        assert "3 of at most 3 this hour" in page
        assert "1 over the limit" in page
        assert client.post("/sources/police/limit/", {"most_an_hour": "10"}).status_code == 302
        assert sender.says("after")["status"] == "confirmed"
        for wrong in ("0", "-1", "1000001", "many", ""):
            refused = client.post("/sources/police/limit/", {"most_an_hour": wrong})
            assert refused.status_code == 422
    assert Source.objects.get(code="police").most_an_hour == 10
    with clock.held(NIGHT + timedelta(hours=2)):
        assert "0 of at most 10 this hour" in client.get("/sources/police/").content.decode()
    [event] = [e for e in ledger.timeline("source:police") if e.kind == "source.limit_set"]
    assert (event.data, event.actor) == ({"most": 10}, city.ada.ref)
