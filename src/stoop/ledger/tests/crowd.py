"""A crowd at the ledger, as a program: threads that record, undo, and share out duties.

`python -m stoop.ledger.tests.crowd NAME THREADS EACH` prints the events it kept, `... work` the
events whose duties it did. The database is STOOP_DATABASE_URL's.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django

FLOWS = {"crowd": ("nobody.calls.this", frozenset({"crowd.acted"}))}


class Undone(Exception):
    """The caller's transaction does not come about."""


def record(name: str, each: int) -> list[int]:
    """Record so often; of every three the second is rolled back."""
    from django.db import connection, transaction

    from stoop.ledger import actions

    kept = []
    for number in range(each):
        try:
            with transaction.atomic():
                event = actions.record(
                    kind="crowd.acted", subject="crowd:1", by="system", data={"of": name}
                )
                if number % 3 == 1:
                    raise Undone
            kept.append(event.seq)
        except Undone:
            pass
    connection.close()
    return kept


def work() -> list[int]:
    """Do duties until there are none, two at a time, like a worker."""
    from django.db import connection

    from stoop.ledger import actions

    done = []
    while leased := actions.lease_duties(limit=2, for_s=60):
        done += [duty.event for duty in leased if actions.finish(duty)]
    connection.close()
    return done


def main(name: str, threads: int, each: int) -> None:
    from django.conf import settings
    from django.db import connections

    django.setup()
    settings.STOOP_FLOWS = FLOWS
    with ThreadPoolExecutor(threads) as pool:
        futures = [
            pool.submit(work) if name == "work" else pool.submit(record, f"{name}{number}", each)
            for number in range(threads)
        ]
    print(*(seq for future in futures for seq in future.result()))
    if hasattr(connections["default"], "close_pool"):
        connections["default"].close_pool()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
