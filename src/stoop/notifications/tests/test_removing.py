"""A way to be reached is taken away while a message to it is written or sent."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from stoop.accounts.permissions import SYSTEM, actor_of, within
from stoop.kernel import clock
from stoop.notifications import actions
from stoop.notifications.actions import deliveries
from stoop.notifications.actions.senders import Outcome
from stoop.notifications.models import Channel, Delivery
from stoop.notifications.tests import factories

ADDRESS = "+12125550100"
GONE = Outcome("dead", Delivery.Reason.GONE)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_postgresql]


def crossed(deed: Callable[[], Any], before: str, other: Callable[[], Any]) -> None:
    """Do the deed; before its first statement with these words the other begins on a connection
    of its own, and the deed goes on once the other has ended or waits for what the deed holds."""
    wrong: list[Exception] = []

    def run() -> None:
        try:
            with within(SYSTEM):
                other()
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)

    def stop(execute: Any, sql: str, *rest: Any) -> Any:
        if before in sql and thread.ident is None:
            thread.start()
            with connection.connection.cursor() as cursor:
                while thread.is_alive():
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if cursor.fetchone()[0]:
                        break
        return execute(sql, *rest)

    with connection.execute_wrapper(stop), within(SYSTEM):
        deed()
    thread.join(30)
    assert thread.ident is not None, "the deed has no such statement"
    assert not wrong


def claimed(alerts: int, person: Any) -> list[Delivery]:
    """Text messages to one number, in a worker's hand."""
    for _ in range(alerts):
        factories.alert(None, [person])
    return deliveries._claimed("sms", alerts)


def landed(some: list[Delivery], outcome: Outcome) -> list[deliveries.Landed]:
    return [deliveries.Landed(each.pk, each.lease, outcome) for each in some]


def states(person: Any) -> list[str]:
    rows = Delivery.objects.filter(person=person).order_by("pk")
    return [f"{each.kind} {each.state} {each.reason}".strip() for each in rows]


@pytest.mark.parametrize(
    "before", ['INSERT INTO "notifications_delivery"', 'INSERT INTO "ledger_event"']
)
def test_a_way_is_taken_away_while_a_message_to_it_is_written(personas, before: str) -> None:
    phone = factories.phone(personas.alice)
    remove = partial(actions.remove_channel, channel=phone, by=actor_of(personas.alice))
    crossed(lambda: factories.alert(personas.site, [personas.alice]), before, remove)
    assert not Channel.objects.exists()
    assert states(personas.alice) == ["sms due", "email due"]


def test_a_browser_passes_to_another_while_a_message_to_it_is_written(personas) -> None:
    factories.browser(personas.alice)
    crossed(
        lambda: factories.alert(personas.site, [personas.alice]),
        'INSERT INTO "ledger_event"',
        lambda: factories.browser(personas.ann),
    )
    assert Channel.objects.get().person == personas.ann
    assert states(personas.alice) == ["push due", "email due"]


def test_a_way_is_taken_away_while_a_worker_writes_down_that_it_is_gone(personas) -> None:
    phone = factories.phone(personas.alice)
    one, two = claimed(2, personas.alice)
    remove = partial(actions.remove_channel, channel=phone, by=actor_of(personas.alice))
    batch = landed([two, one], GONE)
    crossed(lambda: deliveries._write(batch), 'UPDATE "notifications_channel"', remove)
    assert not Channel.objects.exists()
    assert states(personas.alice).count("sms dead gone") == 2


def test_a_worker_that_was_too_slow_writes_what_it_sent_while_somebody_takes_it(personas) -> None:
    factories.phone(personas.alice)
    alert = factories.alert(personas.site, [personas.alice, personas.ann])
    slow = deliveries._claimed("sms", 1)
    Delivery.objects.update(not_before=clock.now())
    take = partial(actions.take, alert=alert, by=actor_of(personas.ann))
    batch = landed(slow, Outcome("sent"))
    crossed(lambda: deliveries._write(batch), "FOR NO KEY UPDATE", take)
    assert "sms sent" in states(personas.alice)
    assert alert.deliveries.get(kind="sms").sent_at is not None
