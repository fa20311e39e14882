"""What somebody with the database's password can do to the chain, triggers or no triggers."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def unlocked():
    """Within the block the database refuses nothing, as its owner may make it do."""
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgresql:
            cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
            yield cursor
            cursor.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield cursor
        for _, text in triggers:
            cursor.execute(text)


def run(statement: str, values: list[object]) -> None:
    """One statement behind the ledger's back."""
    with unlocked() as cursor:
        cursor.execute(statement, values)
