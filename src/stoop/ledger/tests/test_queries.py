"""Reading events, and finding what was done to them."""

import pytest

from stoop.ledger import actions, queries
from stoop.ledger.tests import factories

pytestmark = pytest.mark.django_db


def test_a_reader_follows_by_number() -> None:
    assert queries.latest_seq() == 0
    factories.events(5)
    actions.record(kind="thing.ended", subject="thing:2", by="system")
    assert [event.seq for event in queries.events_after(3)] == [4, 5, 6]
    assert [event.seq for event in queries.events_after(0, {"thing.ended"})] == [6]
    assert [event.seq for event in queries.events_after(1, limit=2)] == [2, 3]
    assert queries.latest_seq() == 6
    assert queries.event(6).subject == "thing:2"
    assert queries.event(7) is None


def test_a_timeline_is_of_one_thing() -> None:
    factories.events(3)
    actions.record(kind="thing.ended", subject="thing:2", by="system")
    assert [event.seq for event in queries.timeline("thing:2")] == [4]
