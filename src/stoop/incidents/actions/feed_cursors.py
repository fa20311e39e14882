"""How far a poller has come with an endpoint, and what it asks next."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from stoop.incidents.models import Source
from stoop.kernel import clock

# Rows may become visible a little after the moment that they carry.
OVERLAP = timedelta(minutes=10)
# A live feed is asked at first for what is new, not for its whole past.
FIRST_LOOK = timedelta(days=1)


@dataclass
class Cursor:
    """How far the poller has come: `since` a change, and `offset` rows into those of it."""

    since: str = ""
    offset: int = 0

    @classmethod
    def of(cls, source: Source) -> "Cursor":
        try:
            return cls(**json.loads(source.cursor))
        except (ValueError, TypeError):
            return cls(since=_start(source))

    def text(self) -> str:
        return json.dumps({"since": self.since, "offset": self.offset})


def further(cursor: Cursor, rows: Sequence[Any], column: str, size: int, *, whole: bool) -> Cursor:
    """Where to go on after a page.

    From the last change seen, not from a number of rows: a row that changes meanwhile moves to the
    end, all behind it move up, and one would be skipped. Among rows of one and the same change,
    and where the endpoint does not keep the order, there is nothing to go by but their number.
    """
    seen = [str(row[column]) for row in rows if row.get(column) not in (None, "")]
    if whole:
        known = [text for text in (cursor.since, *seen) if text]
        if not known or not (seen or cursor.offset):
            return cursor
        # Without an offset: of the rows that were counted some may have moved on by the next poll.
        past = [text for text in known if not _ahead(text)]
        return Cursor(since=_overlapped(max(past) if past else _now_like(known[0])))
    if seen == sorted(seen) and seen and seen[-1] > cursor.since:
        return Cursor(since=seen[-1])
    return Cursor(cursor.since, cursor.offset + size)


def question(column: str, cursor: Cursor, size: int) -> dict[str, str]:
    """What is asked of the endpoint for the next page."""
    own = column.startswith(":")
    asked = {
        "$select": ":*,*" if own else "*",
        "$order": f"{column},:id",
        "$limit": str(size),
        "$offset": str(cursor.offset),
    }
    if cursor.since:
        asked["$where"] = f"{column} >= {quoted(cursor.since)}"
    return asked


def quoted(text: str) -> str:
    """A text as SoQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _start(source: Source) -> str:
    own = str(source.feed.get("cursor_column", "")).startswith(":")
    if source.official or not own:
        return ""
    return _written(clock.now() - FIRST_LOOK)


def _overlapped(text: str) -> str:
    """A little before the last change seen; the text itself where it is no moment."""
    try:
        return _written(datetime.fromisoformat(text) - OVERLAP, like=text)
    except ValueError:
        return text


def _ahead(text: str) -> bool:
    """Whether a change carries a moment that is still to come: a slip of the year, and to go on
    from it would hide everything until then."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment > _now(moment)


def _now_like(text: str) -> str:
    """This moment as the endpoint writes its own."""
    return _written(_now(datetime.fromisoformat(text)), like=text)


def _now(like: datetime) -> datetime:
    """This moment; in the city's time where `like` says no time zone."""
    now = clock.now()
    return now if like.tzinfo else timezone.localtime(now).replace(tzinfo=None)


def _written(moment: datetime, like: str = "Z") -> str:
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}Z" if moment.tzinfo is not None or like.endswith("Z") else text
