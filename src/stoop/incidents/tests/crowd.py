"""Many who report and decide the same shootings at once, as a program.

`python -m stoop.incidents.tests.crowd THREADS` prints incidents, events by kind, and versions; and
of a source that confirms, how many reports woke somebody and how often it was over its limit. The
database is STOOP_DATABASE_URL's.
"""

import json
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import django

AT = datetime(2026, 1, 5, 23, 40, tzinfo=UTC)
SHOOTINGS = 4
MOST, EACH = 7, 4


def work(number: int) -> int:
    """Report, confirm and correct each shooting; how often somebody else was quicker."""
    from django.db import connection

    from stoop.accounts.permissions import SYSTEM
    from stoop.incidents import actions, queries

    source, told = queries.source("crowd"), 0
    for shooting in range(SHOOTINGS):
        held = actions.report(
            source=source,
            source_ref=f"ref-{shooting}",
            by=SYSTEM,
            occurred_at=AT,
            lon=None,
            lat=None,
            block="Elm & Oak",
        )
        actions.confirm(incident=held, by=SYSTEM, why="called", version=1)
        try:
            actions.correct(
                incident=held, by=SYSTEM, why="counted", version=1, **{_field(number): number + 1}
            )
        except actions.Stale:
            told += 1
    connection.close()
    return told


def press(number: int) -> None:
    """Report other shootings of this moment under the key of a source that confirms."""
    from django.db import connection

    from stoop.accounts.permissions import SYSTEM
    from stoop.incidents import actions, queries
    from stoop.kernel import clock

    for turn in range(EACH):
        actions.report(
            source=queries.source("press"),
            source_ref=f"ref-{number}-{turn}",
            by=SYSTEM,
            occurred_at=clock.now(),
            lon=None,
            lat=None,
            block="Elm & Oak",
        )
    connection.close()


def _field(number: int) -> str:
    return "hurt" if number % 2 else "killed"


def main(threads: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    for module in ("ledger", "incidents"):
        call_command("migrate", module, verbosity=0)

    from stoop.accounts.permissions import SYSTEM
    from stoop.incidents import actions, queries
    from stoop.ledger import queries as ledger

    actions.add_source(code="crowd", name="Crowd", by=SYSTEM)
    with ThreadPoolExecutor(threads) as pool:
        told = sum(pool.map(work, range(threads)))
    found = list(queries.incidents(SYSTEM))
    actions.add_source(code="press", name="Press", confirms=True, most_an_hour=MOST, by=SYSTEM)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(press, range(threads)))
    pressed = queries.incidents(SYSTEM).filter(source__code="press")
    woke = pressed.filter(status="confirmed").count()
    over = sum(each.kind == "source.over_limit" for each in ledger.timeline("source:press"))
    events = Counter(
        event.kind for each in found for event in ledger.timeline(f"incident:{each.key}")
    )
    versions = [
        list(each.versions.order_by("number").values_list("number", flat=True)) for each in found
    ]
    print(json.dumps([len(found), events, versions, told, ledger.verify().ok]))
    print(json.dumps([pressed.count(), woke, over]))
    if hasattr(connections["default"], "close_pool"):
        connections["default"].close_pool()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
    main(int(sys.argv[1]))
