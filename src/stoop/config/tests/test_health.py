"""Health tells what works, heartbeats say who lives, metrics are for who holds the token."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client, override_settings

from stoop.config.actions import beats
from stoop.config.middleware import metrics, requests
from stoop.config.models import Beat
from stoop.config.queries import health
from stoop.kernel import clock
from stoop.ledger import actions as ledger


@pytest.fixture
def alive(db: None) -> None:
    for part in ("web", "work", "feed"):
        beats.beat(part, clock.now())


def test_all_is_well(alive: None) -> None:
    assert health.health() == {"database": True, "work": True, "feed": True}
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


def test_a_worker_that_fell_silent_is_missed(alive: None) -> None:
    with clock.held(clock.now() + timedelta(seconds=31)):
        assert health.health() == {"database": True, "work": False, "feed": False}
        answer = Client().get("/health")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "work": "not ok", "feed": "not ok"}


def test_a_worker_that_beats_but_does_nothing_is_missed(alive: None, settings: Any) -> None:
    settings.STOOP_FLOWS = {"tests": ("nowhere.at_all", frozenset({"thing.happened"}))}
    with clock.held(clock.now() - timedelta(seconds=61)):
        ledger.record(kind="thing.happened", subject="thing:1", by="system")
    assert health.health()["work"] is False
    ledger.lease_duties(limit=1, for_s=60)
    assert health.health()["work"] is True, "somebody has it now"


def test_without_its_database_nothing_works(alive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("host=secret.example password=secret")

    monkeypatch.setattr(health, "alive_parts", gone)
    answer = Client().get("/health")
    assert answer.status_code == 503
    assert set(answer.json()["parts"].values()) == {"not ok"}
    assert b"secret" not in answer.content


def test_the_dead_are_forgotten(alive: None) -> None:
    with clock.held(clock.now() + timedelta(days=2)):
        beats.beat("web", clock.now())
        beats.stop_beating("web")
    assert not Beat.objects.exists()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic right", "right"]
)
def test_metrics_are_not_for_everybody(db: None, header: str) -> None:
    for token in ("", "right"):
        with override_settings(STOOP_METRICS_TOKEN=token):
            assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


def test_metrics_hold_counts_and_no_names(alive: None, personas: Any) -> None:
    with override_settings(STOOP_METRICS_TOKEN="right"):
        Client().get("/nowhere/Xylophone")
        text = Client().get("/metrics", headers={"Authorization": "Bearer right"}).content.decode()
    assert 'stoop_requests_total{method="GET",status="404",view="none"}' in text
    assert 'stoop_duties{state="dead"} 0.0' in text
    assert 'stoop_alive{part="work"} 1.0' in text
    assert "Xylophone" not in text
    assert "@" not in text


def test_an_open_stream_is_counted_while_it_flows() -> None:
    def open_ones() -> float:
        return float(metrics.STREAMS._value.get())

    async def events() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async def read() -> None:
        stream = requests._counted(events())
        assert await anext(stream) == b"one"
        assert open_ones() == before + 1
        await stream.aclose()  # the reader has gone

    before = open_ones()
    asyncio.run(read())
    assert open_ones() == before
