"""What failed for good stands on a page, and is tried again by a button."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from stoop.flows import worker
from stoop.flows.tests import factories
from stoop.kernel import clock
from stoop.ledger import actions, queries
from stoop.ledger.actions.duties import MOST_FAILURES

pytestmark = pytest.mark.django_db
NIGHT = factories.NIGHT


@pytest.fixture
def city() -> Any:
    with clock.held(NIGHT):
        return factories.city()


def give_up() -> None:
    """Let a worker fail until there is no use in trying."""
    moment = NIGHT
    for _ in range(MOST_FAILURES):
        moment += timedelta(minutes=20)
        with clock.held(moment):
            assert worker.do_duties()


@pytest.fixture
def dead(city: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody stands in for Ann, and the flow that should tell her is broken."""
    with monkeypatch.context() as broken, clock.held(NIGHT):
        broken.setattr("stoop.flows.rota.follow", _broken)
        event = actions.record(
            kind="shift.covered",
            subject=f"site:{city.site.code}",
            by="system",
            site=city.site.code,
            data={"person": str(city.alice.key), "covers": str(city.ann.key)},
        )
        give_up()
    return event


def _broken(event: Any) -> None:
    raise ConnectionError("ann@example.org, 12 Elm Street")


def asks(client: Client, who: Any, **said: str) -> str:
    client.force_login(who)
    answer = client.post("/undone/again", said, follow=True)
    return str(answer.content.decode())


def test_the_administrator_sees_what_failed_and_no_personal_word(
    client: Client, city: Any, dead: Any
) -> None:
    client.force_login(city.ada)
    page = client.get("/undone/").content.decode()
    for word in ("shift.covered", f"number {dead.seq}", dead.subject, "ConnectionError"):
        assert word in page
    assert "example.org" not in page
    assert "Elm Street" not in page
    assert 'href="/undone/"' in client.get("/sources/").content.decode()


def test_tried_again_it_is_done_and_leaves_an_event(client: Client, city: Any, dead: Any) -> None:
    [duty] = queries.dead_duties()
    assert "tried again by the next worker" in asks(client, city.ada, duty=str(duty.pk))
    assert "Nothing to try again" in asks(client, city.ada, duty=str(duty.pk))
    factories.drain()
    assert not queries.waiting_duties().exists()
    assert not queries.dead_duties().exists()
    [event] = queries.timeline(f"event:{dead.seq}")
    assert (event.kind, event.actor) == ("duty.revived", city.ada.ref)
    assert event.data == {"flow": "rota", "error": "ConnectionError"}
    [told] = [e for e in queries.events_after(dead.seq) if e.kind == "alert.told"][:1]
    assert told.data["people"] == 1


def test_all_at_once(client: Client, city: Any, dead: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as broken, clock.held(NIGHT):
        broken.setattr("stoop.flows.rota.follow", _broken)
        actions.record(kind="shift.covered", subject="site:x", by="system", data=dead.data)
        give_up()
    client.force_login(city.ada)
    assert "Try all again" in client.get("/undone/").content.decode()
    assert "2 are tried again" in asks(client, city.ada, duty="all")
    assert not queries.dead_duties().exists()


@pytest.mark.parametrize("odd", ["", "0x1", "-1", "9" * 30, "1;2", "ALL", "٣"])
def test_what_is_no_duty_is_not_there(client: Client, city: Any, odd: str) -> None:
    client.force_login(city.ada)
    assert client.post("/undone/again", {"duty": odd}).status_code == 404


def test_without_a_token_and_without_the_permission_nothing_happens(city: Any, dead: Any) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(city.ada)
    assert careful.post("/undone/again", {"duty": "all"}).status_code == 403
    for who in (city.carol, city.alice, city.cass):
        other = Client()
        other.force_login(who)
        assert other.get("/undone/").status_code == 404
        assert other.post("/undone/again", {"duty": "all"}).status_code == 404
    assert queries.dead_duties().count() == 1


def test_an_empty_page_says_what_will_stand_there(client: Client, city: Any) -> None:
    client.force_login(city.ada)
    page = client.get("/undone/").content.decode()
    assert "There is nothing" in page
    assert "Try" not in page.partition("<main")[2].partition("</main")[0]
