"""The connection to SQLite that waits its turn to write.

SQLite lets one writer in at a time. Whoever finds it busy sleeps and looks again, ever more seldom:
under load somebody is always asleep while nobody writes, and who has just written is in again
first. Here a transaction stands in line for locks of the operating system, which wakes the next one
at once and lets go of them when a process dies: first for the place at the door, then for the room.
Whoever writes without a transaction, or with another program, is kept out by SQLite itself.
"""

import os
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

IN_MEMORY = (":memory:", "mode=memory")


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """A connection whose transactions begin in the order in which they asked."""

    _line: tuple[int, int] | None = None  # descriptors of the door and the room

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        name = str(conn_params["database"])
        if not any(sign in name for sign in IN_MEMORY):
            self._line = _opened(name, "door"), _opened(name, "room")
        return made

    def _start_transaction_under_autocommit(self) -> None:
        if self._line is not None:
            door, room = self._line
            flock(door, LOCK_EX)
            flock(room, LOCK_EX)
            flock(door, LOCK_UN)
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()
        finally:
            self._leave()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._leave()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            for number in self._line or ():
                os.close(number)  # and what was held is free
            self._line = None

    def _leave(self) -> None:
        if self._line is not None:
            flock(self._line[1], LOCK_UN)


def _opened(database: str, part: str) -> int:
    path = Path(f"{database}-{part}")
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
