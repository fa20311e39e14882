"""What a stream says first; tests/stories/test_stream.py listens to a real server."""

import asyncio

import pytest
from django.db import connections

from stoop.accounts.permissions import actor_of
from stoop.incidents.tests.factories import make_incident
from stoop.incidents.views import stream
from stoop.incidents.views.fanout import Listener
from stoop.ledger.queries import latest_seq


async def heard(actor, since: int, parts: int) -> list[str]:
    events = stream._events(Listener(actor, ""), since)
    try:
        return [(await anext(events)).decode() for _ in range(parts)]
    finally:
        await events.aclose()


@pytest.mark.django_db(transaction=True)
def test_who_missed_too_much_is_told_to_look_anew(personas, monkeypatch) -> None:
    """Asking for everything since the beginning of time does not make the server read it all."""
    carol, before = actor_of(personas.carol), latest_seq()
    for _ in range(3):
        make_incident()
    last = latest_seq()
    monkeypatch.setattr(stream, "MOST_MISSED", last - before)
    first, told = asyncio.run(heard(carol, before, 2))
    assert f"id: {before}\ndata: {{}}" in first
    assert told.count("incident.confirmed") == 3
    monkeypatch.setattr(stream, "MOST_MISSED", last - before - 1)
    (first,) = asyncio.run(heard(carol, before, 1))
    assert f'id: {last}\ndata: {{"gap":true}}' in first
    connections.close_all()
