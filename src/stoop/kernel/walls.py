"""Whose rows may be touched now, for the database that keeps the second wall.

Above the database each query asks the permissions. Below it, PostgreSQL asks again: its row-level
policies read two settings of the session, and `kernel.postgresql` keeps those as they are said
here. Nothing said means nothing seen. SQLite has no such wall, and there nothing happens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

SITES, PERSON = "stoop.sites", "stoop.person"


@dataclass(frozen=True)
class Inside:
    """`sites`: ids with commas between; `person`: id of who acts; "*" for all, "" for none."""

    sites: str = ""
    person: str = ""


OUTSIDE = Inside()
EVERYWHERE = Inside("*", "*")
_now: ContextVar[Inside] = ContextVar("inside", default=OUTSIDE)


def now() -> Inside:
    """What holds here and now."""
    return _now.get()


def enter(inside: Inside) -> None:
    """From here on, until the block of `within` around it ends."""
    _now.set(inside)


@contextmanager
def within(inside: Inside) -> Iterator[None]:
    """Within the block only these rows are there; afterwards what held before."""
    before = _now.get()
    _now.set(inside)
    try:
        yield
    finally:
        _now.set(before)
