"""Reading what happened, and finding out whether it still says what was written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from stoop.ledger.models import NOTHING, Duty, Event

__all__ = [
    "Anchor",
    "Duty",
    "Event",
    "Verdict",
    "anchor",
    "come",
    "dead_duties",
    "event",
    "events_after",
    "events_numbered",
    "flows_due",
    "latest_seq",
    "timeline",
    "verify",
    "waiting_duties",
]


LONGEST_WAIT = timedelta(minutes=15)  # of a duty: after a failure, or under a lease


def latest_seq() -> int:
    """The number of the newest event; 0 before the first."""
    return Event.objects.aggregate(newest=Max("seq"))["newest"] or 0


def events_after(seq: int, kinds: Iterable[str] | None = None, limit: int = 500) -> list[Event]:
    """Events that became true after the one numbered `seq`, oldest first, at most `limit`."""
    found = Event.objects.filter(seq__gt=seq).order_by("seq")
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    return list(found[:limit])


def event(seq: int) -> Event | None:
    """The event of that number, as a duty names it."""
    return Event.objects.filter(seq=seq).first()


def events_numbered(numbers: Iterable[int]) -> dict[int, Event]:
    """Events by their numbers, as duties name them."""
    return Event.objects.in_bulk(list(numbers))


def timeline(subject: str) -> QuerySet[Event]:
    """All that happened to one thing ("incident:<key>"), oldest first."""
    return Event.objects.filter(subject=subject).order_by("seq")


def dead_duties() -> QuerySet[Duty]:
    """What followed from an event and could not be done, longest dead first."""
    return Duty.objects.filter(dead_since__isnull=False).order_by("dead_since")


def come(name: str, now: datetime) -> Q:
    """Rows whose moment of that name has come.

    One further ahead than anybody waits was written before a clock was put back: it has come too,
    or an alert would wait for a day that nobody meant.
    """
    return Q(**{f"{name}__lte": now}) | Q(**{f"{name}__gt": now + 2 * LONGEST_WAIT})


def flows_due(now: datetime) -> list[str]:
    """Flows of which a duty may be taken up now; another worker may have it already."""
    due = Duty.objects.filter(come("not_before", now), dead_since=None)
    return list(due.order_by("flow").values_list("flow", flat=True).distinct())


def waiting_duties() -> QuerySet[Duty]:
    """What is still to be done, oldest event first, leased or not."""
    return Duty.objects.filter(dead_since=None).order_by("event", "flow")


@dataclass(frozen=True)
class Anchor:
    """The newest event's number and digest: note it elsewhere, and give it to `verify`."""

    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


def anchor() -> Anchor:
    """The end of the chain now; (0, zeros) before the first event."""
    newest = Event.objects.order_by("-seq").first()
    return Anchor(newest.seq, newest.digest) if newest else Anchor(0, NOTHING)


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: `first_bad_seq` is None when all is well."""

    ok: bool
    rows: int
    sentence: str
    first_bad_seq: int | None = None


def verify(known: Anchor | tuple[int, str] | None = None) -> Verdict:
    """Read the whole chain and say whether every event stands as it was written.

    Found, and named: a row that was changed, removed, put in, or exchanged with another, and
    everything missing before the newest row. Where the row itself is sound but does not follow
    from the one before it, either of the two was replaced.

    What a chain cannot see by itself: that its newest rows were removed, that rows were added at
    its end, or that somebody who can write to the database wrote everything anew from some row
    on. `known`, an `anchor` noted outside the database, shows the first and the last of these up
    to its row.
    """
    rows, end = 0, NOTHING
    noted = Anchor(*known) if isinstance(known, tuple) else known
    for each in Event.objects.order_by("seq").iterator(chunk_size=2000):
        wrong = _wrong(each, rows + 1, end)
        if wrong:
            return Verdict(False, rows, wrong[1], wrong[0])
        rows, end = each.seq, each.digest
        if noted and noted.seq == rows and noted.digest != end:
            return Verdict(
                False,
                rows,
                f"Row {rows} is sound but is not the one that was noted: the chain was written "
                "anew from some row up to it.",
                rows,
            )
    if noted and noted.seq > rows:
        missing = f"Row {rows + 1} is missing: the chain ends at {rows}, but {noted.seq} was noted."
        return Verdict(False, rows, missing, rows + 1)
    if not rows:
        return Verdict(True, 0, "No event is written yet.")
    many = "1 event stands" if rows == 1 else f"All {rows} events stand"
    return Verdict(True, rows, f"{many} as written; the chain ends in {end[:16]}.")


def _wrong(row: Event, expected: int, end: str) -> tuple[int, str] | None:
    """(row, sentence) of what is wrong with the next row of the chain."""
    if row.seq < expected:
        return row.seq, f"Row {row.seq} was put in: the chain begins with row 1."
    if row.seq > expected:
        until = row.seq - 1
        gone = f"Row {expected} is" if until == expected else f"Rows {expected} to {until} are"
        return expected, f"{gone} missing."
    if row.computed() != row.digest:
        return row.seq, f"Row {row.seq} was changed after it was written."
    if row.previous != end:
        before = f"row {expected - 1}" if expected > 1 else "the beginning"
        return row.seq, f"Row {row.seq} does not follow {before}: one of them was replaced."
    return None
