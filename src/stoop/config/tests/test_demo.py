"""The demo: everybody can sign in, somebody is on call, nine days lie behind, a feed goes on."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.config.cli import demo
from stoop.config.cli.demo import city, past, people
from stoop.config.cli.demo.feed import Feed
from stoop.fieldwork import queries as field
from stoop.flows import worker
from stoop.incidents import queries as incidents
from stoop.kernel import clock
from stoop.kernel.progress import silent
from stoop.ledger import queries as ledger
from stoop.notifications import queries as told
from stoop.places import queries as places
from stoop.sample import actions as sample


@pytest.fixture
def filled(db: None, tmp_path: Path, settings: Any) -> Path:
    """Sample City loaded; the folder that holds what the feed needs."""
    settings.STOOP_SECOND_FACTOR = "offered"
    city.fill(sample.build(tmp_path / "city"), tmp_path, silent)
    return tmp_path


def test_the_city_lives(filled: Path) -> None:
    """One story, told in one go: filling a city takes seconds."""
    _everybody_can_sign_in()
    _somebody_is_always_on_call()
    _nine_days_lie_behind()
    _blocks_are_found_where_the_feed_tells_them(filled)
    _a_shooting_goes_through(filled)
    assert ledger.verify().ok
    assert not ledger.dead_duties().exists()


def _everybody_can_sign_in() -> None:
    for persona in people.PERSONAS:
        person = accounts.people(SYSTEM).get(email=persona.email)
        assert person.check_password(people.PASSWORD)
        assert actor_of(person).grants


def _somebody_is_always_on_call() -> None:
    sites = people.working_sites()
    assert len(sites) >= 5
    for hours in range(0, 14 * 24, 7):
        at = clock.now() + timedelta(hours=hours)
        assert all(field.on_call(site, at)[0] for site in sites)


def _nine_days_lie_behind() -> None:
    responses = field.responses(SYSTEM)
    assert responses.count() >= len(past.NIGHTS)
    assert 2 <= responses.exclude(closed_at=None).count() < responses.count()
    assert incidents.incidents(SYSTEM).count() > 4000


def _blocks_are_found_where_the_feed_tells_them(folder: Path) -> None:
    """What an officer types finds a house, in the catchment where the feed's shooting is."""
    typed = places.find_address("2200 mill lane")[0]
    assert typed.text == "2200 Mill Lane"
    here = places.placed(typed.lon, typed.lat, on=timezone.localdate())
    assert people.HOME_SITE in here["catchment"]
    spots = json.loads((folder / city.FEED_FILE).read_text())["spots"]
    assert len(spots) == city.SPOTS
    for spot in spots[::8]:
        found = places.find_address(spot["block"].replace(" block of", ""))[0]
        hundred, _, street = spot["block"].partition(" block of ")
        number, _, its = found.text.partition(" ")
        assert (int(number) // 100 * 100, its) == (int(hundred), street)
        for lon, lat in ((found.lon, found.lat), (spot["lon"], spot["lat"])):
            here = places.placed(lon, lat, on=timezone.localdate())
            assert spot["site"] in here["catchment"], spot


def _a_shooting_goes_through(folder: Path) -> None:
    feed = Feed(folder / city.FEED_FILE, "http://localhost", seed=1)
    client = Client(SERVER_NAME="localhost")

    def send(path: str, said: dict[str, Any]) -> int:
        key = {"Authorization": f"Bearer {feed.key}"}
        return client.post(path, said, content_type="application/json", headers=key).status_code

    feed._send = send  # type: ignore[method-assign]
    report = feed._make(1)
    assert send("/api/v1/reports", report.said) == 201
    while worker.do_duties():
        pass
    alice = actor_of(accounts.people(SYSTEM).get(email="alice@sample.example"))
    waiting = told.inbox(alice).open
    assert any(report.block in alert.title for alert in waiting)
    report.said["hurt"] += 1
    assert send("/api/v1/reports", report.said) == 200
    report.fate = "retracted"
    feed._second_thoughts(report)
    while worker.do_duties():
        pass
    kinds = {alert.kind for alert in told.all_of(alice)}
    assert {"correction", "retraction"} <= kinds


def test_it_never_writes_into_a_citys_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is set, the demo begins again with settings of its own."""
    begun: list[Any] = []
    monkeypatch.setattr(sys, "argv", ["stoop", "demo", "--folder", str(tmp_path)])
    monkeypatch.setattr(os, "execve", lambda _program, words, env: begun.append((words, env)))
    monkeypatch.setenv("STOOP_DATABASE_URL", "postgresql://city@db/stoop")
    monkeypatch.setenv("STOOP_HOME", "/var/lib/stoop")
    demo._begin_again_as_sample_city(tmp_path, 8000)
    ((words, env),) = begun
    assert words[-3:] == ["demo", "--folder", str(tmp_path)]
    assert env["STOOP_DATABASE_URL"] == "sqlite:///"
    assert env["STOOP_HOME"] == str(tmp_path / "home")
    assert "made up" in env["STOOP_NOTICE"]
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    demo._begin_again_as_sample_city(tmp_path, 8000)
    assert len(begun) == 1, "once is enough"
