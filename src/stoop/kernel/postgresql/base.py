"""The database connection that tells PostgreSQL what `kernel.walls` says, before each statement.

The settings belong to the session, and a session serves one request after another. So they are
never trusted to be right: what was told is remembered for each connection, forgotten whenever
PostgreSQL may have taken it back (a new connection, a rollback), and compared at every cursor. A
request costs one short statement more, and none where nothing changes.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from stoop.kernel import walls

INERROR = TransactionStatus.INERROR


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """A connection whose session knows whose rows it may touch."""

    _told: walls.Inside | None = None

    def init_connection_state(self) -> None:
        self._told = None
        super().init_connection_state()

    def create_cursor(self, name: str | None = None) -> Any:
        inside = walls.now()
        if inside != self._told and self.connection is not None:
            self._told = None
            self.connection.execute(
                "SELECT set_config(%s, %s, false), set_config(%s, %s, false)",
                [walls.SITES, inside.sites, walls.PERSON, inside.person],
            )
            self._told = inside
        return super().create_cursor(name)

    def _commit(self) -> Any:
        if self.connection is not None and self.connection.info.transaction_status == INERROR:
            self._told = None  # PostgreSQL answers this one with a rollback, and says nothing
        return super()._commit()

    def _rollback(self) -> Any:
        self._told = None
        return super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        self._told = walls.now()  # a transaction that failed takes no other statement
        super()._savepoint_rollback(sid)
        self._told = None
