"""The parts of a platform as children that can be killed at any moment, and born again at once.

`prepare PUSH` makes a city and prints the key of a source; `live KEY` reads words from its standard
input: `web`, `work` and `hurry` each fork a child and print its number; `count` prints what the
tables hold. It keeps no connection itself. A child is born with everything loaded, which takes a
program of its own some seconds; from there on it lives as it does under `stoop serve`.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
django.setup()

import pywebpush  # noqa: E402, F401 (loaded before children are born, who would each wait for it)
from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from stoop.accounts.permissions import SYSTEM, within  # noqa: E402
from stoop.config import asgi  # noqa: E402, F401
from stoop.config.cli import serve  # noqa: E402
from stoop.flows import loops, shooting, worker  # noqa: E402, F401
from stoop.flows.tests import factories  # noqa: E402
from stoop.incidents import actions as incidents  # noqa: E402
from stoop.incidents.models import Incident  # noqa: E402
from stoop.incidents.tests.factories import make_source  # noqa: E402
from stoop.kernel import clock  # noqa: E402
from stoop.ledger import queries as ledger  # noqa: E402
from stoop.notifications import actions as notifications  # noqa: E402
from stoop.notifications.models import Alert, Delivery  # noqa: E402
from stoop.notifications.tests.factories import browser, phone  # noqa: E402

# The dead do not keep their work for longer than the test waits.
worker.LEASE_S, worker.AT_ONCE = 6.0, 4


def prepare(push: str) -> None:
    """A city with somebody on call, somebody behind her, and a desk; each with three ways."""
    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # the tests' server forgets what is not yet written
            cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} "
                           "SET synchronous_commit = on")  # fmt: skip
    with within(SYSTEM):
        factories.NIGHT = clock.now()
        city = factories.city()
        source = make_source("feed", confirms=True, most_an_hour=10**6)
        say(incidents.issue_key(source=source, by=SYSTEM))
        for number, who in enumerate((city.ann, city.alice, city.carol)):
            phone(who, f"+1212555010{number}")
            browser(who, f"{push}{number}")


def work() -> None:
    """What `stoop work` does, without the tasks of the background."""
    loops.run(
        [
            loops.Loop("duties", worker.do_duties, 0.02),
            loops.Loop("deliveries", lambda: notifications.deliver_due(patience_s=0.1), 0.02),
            loops.Loop("escalations", notifications.escalate_due, 0.1),
        ],
        threading.Event(),
    )


def web(listener: socket.socket) -> None:
    """What `stoop web` runs from the moment its modules are loaded."""
    serve.web(fd=listener.fileno())


def hurry() -> None:
    """Let the time of every open step run out, if the database is there."""
    with within(SYSTEM), suppress(DatabaseError):
        Alert.objects.exclude(next_step_at=None).update(next_step_at=clock.now())


def count() -> None:
    """Print what is there, once the database answers."""
    while True:
        with suppress(DatabaseError):
            return say(json.dumps(_counted(), default=str))
        connections.close_all()
        time.sleep(0.2)


def _counted() -> dict[str, Any]:
    with within(SYSTEM):
        rows = Delivery.objects.values_list(
            "alert__subject", "person__name", "kind", "key", "state"
        )
        return {
            "incidents": [str(each) for each in Incident.objects.values_list("key", flat=True)],
            "alerts": [str(each) for each in Alert.objects.values_list("subject", flat=True)],
            "waiting": Alert.objects.exclude(next_step_at=None).count(),
            "due": Delivery.objects.filter(state="due").count(),
            "duties": ledger.waiting_duties().count(),
            "dead": ledger.dead_duties().count(),
            "whole": ledger.verify().ok,
            "deliveries": [[*row[:3], row[3].hex, row[4]] for row in rows],
        }


def said(ref: str) -> dict[str, Any]:
    """A shooting in the catchment, as a source tells of it."""
    lon, lat = factories.IN_SITE
    at = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    where = {"lon": lon, "lat": lat, "block": "100 block of Main St"}
    return {"ref": ref, "occurred_at": at.isoformat(), **where, "hurt": 1}


def warm(key: str) -> None:
    """Do everything once and take it back, so that children are born knowing what it loads."""
    sender = Client(headers={"Authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")
    with within(SYSTEM), suppress(InterruptedError), transaction.atomic():
        answer = sender.post("/api/v1/reports", said("warm"), content_type="application/json")
        assert answer.status_code == 201, answer.content
        worker.do_duties()
        raise InterruptedError
    connections.close_all()


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


_alive: set[int] = set()
# What a part of the platform reads until the program that began it is gone.
_lifeline, _held = os.pipe()


def born(life: Callable[[], None]) -> int:
    """Fork a child that lives this life and ends with it."""
    child = os.fork()
    if child:
        _alive.add(child)
        return child
    try:
        os.dup2(_lifeline, sys.stdin.fileno())
        os.close(_held)
        life()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def bury() -> None:
    """Forget children that ended: their numbers may become somebody else's."""
    for child in list(_alive):
        if os.waitpid(child, os.WNOHANG)[0]:
            _alive.discard(child)


def kill(child: int) -> None:
    """Kill a child of ours, if it lives, and see it gone."""
    bury()
    if child in _alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _alive.discard(child)


def main() -> None:
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
        return
    warm(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    lives = {"web": lambda: web(listener), "work": work, "hurry": hurry, "count": count}
    say(listener.getsockname()[1])
    for word in sys.stdin:
        order, _, child = word.strip().partition(" ")
        bury()
        if order == "kill":
            kill(int(child))
            say("killed")
        else:
            child = born(lives[order])
            if order != "count":
                say(child)
    for child in list(_alive):
        kill(child)


if __name__ == "__main__":
    main()
