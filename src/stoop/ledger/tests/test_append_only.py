"""Events are added, never changed or removed: the database says so itself, on both engines."""

import pytest
from django.db import DatabaseError, connection, transaction

from stoop.ledger.models import Event
from stoop.ledger.tests import factories

pytestmark = pytest.mark.django_db

ATTEMPTS = [
    "UPDATE ledger_event SET kind = 'thing.invented' WHERE seq = 2",
    "UPDATE ledger_event SET digest = digest",
    "DELETE FROM ledger_event WHERE seq = 2",
    "DELETE FROM ledger_event",
]


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_sql_cannot_change_an_event(statement: str) -> None:
    factories.events(3)
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [event.kind for event in Event.objects.all()] == ["thing.happened"] * 3


def test_the_orm_cannot_change_an_event() -> None:
    event = factories.events(1)[0]
    event.kind = "thing.invented"
    for attempt in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()
    assert Event.objects.get().kind == "thing.happened"


def test_the_triggers_are_there() -> None:
    ask = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_event'::regclass AND tgenabled = 'O'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_event'"
    )
    with connection.cursor() as cursor:
        cursor.execute(ask)
        names = {name.lower() for (name,) in cursor.fetchall()}
    assert names == {"ledger_event_no_update", "ledger_event_no_delete"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_tests_themselves_can_tear_down(turn: str) -> None:
    assert not Event.objects.exists()
    factories.events(2)
    with pytest.raises(DatabaseError, match="never changed"):
        Event.objects.all().delete()
