"""The one clock: what asks the time asks it here, so that a test can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The moment, in UTC."""
    return _held.get() or datetime.now(UTC)


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment`, which must know its time zone."""
    if moment.tzinfo is None:
        raise ValueError("the moment must know its time zone")
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)
