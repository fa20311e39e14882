"""Feeds: asking open-data endpoints what is new, over and over, without losing or doubling it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django_tasks import task

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require
from stoop.incidents.actions.facts import block_face, line
from stoop.incidents.actions.feed_cursors import Cursor, further, question, quoted
from stoop.incidents.actions.matches import propose_matches
from stoop.incidents.actions.reports import report
from stoop.incidents.actions.versions import why_itself
from stoop.incidents.models import Batch, Incident, Row, Source
from stoop.incidents.queries.sources import feed_seen, own_report, said_by_source
from stoop.incidents.readers import endpoints
from stoop.incidents.readers.feeds import Page, Told, incident_column, said_columns, understood
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record
from stoop.places import queries as places

ON_A_PAGE = 1000
POLL_S = 240.0
LONGEST_REST = timedelta(hours=1)
IDS_AT_ONCE = 50
MOST_REASONS = 12  # that a source's page shows


@dataclass
class Polled:
    """What a poll brought: rows, and incidents added, changed and unchanged; rejected by reason.

    `whole` if it came to the end; else the next poll goes on where this one stopped.
    """

    pages: int = 0
    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    whole: bool = False

    def counts(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "added": self.added,
            "changed": self.changed,
            "same": self.same,
            "rejected": dict(sorted(self.rejected.items())),
        }


@transaction.atomic
def set_feed(
    *,
    source: Source,
    by: Actor,
    url: str,
    minutes: int = 15,
    cursor_column: str = ":updated_at",
    columns: str = "",
    timezone: str = "",
    seen: str = "",
) -> Source:
    """Say where and how often a source is asked; an empty address stops it.

    Another address or column starts from the beginning. `seen` marks the feed that the writer
    looked at: when somebody else has changed it since, Refusal tells, and nothing is written.
    """
    require(by, Permission.SOURCES_EDIT)
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)  # nobody else, until this ends
    source.refresh_from_db()
    url = line(url, most=500, what="address")
    feed: dict[str, Any] = {}
    if url:
        endpoints.checked(url, allowed_hosts())
        column = line(cursor_column, most=100, what="column") or ":updated_at"
        if not column.lstrip(":").replace("_", "").isalnum():
            raise Refusal("A column's name has letters, digits and _ alone, such as :updated_at.")
        feed = {
            "url": url,
            "minutes": max(1, minutes),
            "cursor_column": column,
            "columns": said_columns(columns),
            "timezone": timezone and _zone(timezone).key,
        }
    if seen and seen != feed_seen(source) and feed != source.feed:
        raise Refusal(
            "Somebody else changed this feed after you opened it; nothing of yours is saved yet. "
            f"Now it says: {_in_words(source.feed)}. Look at both, then save again."
        )
    asked = ("url", "cursor_column")
    if any(source.feed.get(name) != feed.get(name) for name in asked):
        source.cursor = ""
    source.feed, source.failures, source.poll_error, source.polled_at = feed, 0, "", None
    source.save(update_fields=["feed", "cursor", "failures", "poll_error", "polled_at"])
    record(
        kind="source.feed_set", subject=f"source:{source.code}", by=by.ref, data={"on": bool(url)}
    )
    return source


def _in_words(feed: Mapping[str, Any]) -> str:
    if not feed:
        return "it is not asked"
    columns = ", ".join(f"{role}={name}" for role, name in feed["columns"].items())
    parts = (feed["url"], f"every {feed['minutes']} minutes", feed["cursor_column"], columns)
    return "; ".join(part for part in (*parts, feed["timezone"]) if part)


def allowed_hosts() -> frozenset[str]:
    """Hosts inside a private network that may be asked all the same."""
    return frozenset(settings.STOOP_FEED_HOSTS)


def poll_due(*, by: Actor = SYSTEM, wait: Callable[[float], None] = time.sleep) -> int:
    """Ask every source whose time has come; how many were asked. A failure stops no other."""
    asked = 0
    for source in Source.objects.filter(active=True).exclude(feed={}).order_by("polled_at", "pk"):
        if not _due(source) or not _claimed(source):
            continue
        asked += 1
        try:
            poll(source=source, by=by, wait=wait)
        except Refusal:
            continue  # it stands with the source, for an administrator to see
    return asked


@task()
def poll_source(code: str) -> None:
    """The same for one source, as a task of a queue."""
    poll(source=Source.objects.get(code=code), by=SYSTEM)


def poll(
    *, source: Source, by: Actor, wait: Callable[[float], None] = time.sleep, for_s: float = POLL_S
) -> Polled:
    """Ask one source for what is new, page by page; what was committed stays whatever follows.

    The cursor moves only after its rows are in the database, so a poll that is killed is asked
    again and finds the same rows, which are then repeats. Raises Refusal with what is wrong.
    """
    require(by, Permission.INCIDENTS_REPORT)
    if not source.feed or not source.active:
        raise Refusal("This source has no feed, or it is switched off.")
    done = Polled()
    endpoint = endpoints.Endpoint(source.feed["url"], monotonic() + for_s, wait, allowed_hosts())
    try:
        _turn_pages(source, endpoint, done, by)
    except Refusal as refusal:
        _ended(source, done, by, trouble=str(refusal))
        raise
    except Exception:
        _ended(source, done, by, trouble="It stopped with an error of its own.")
        raise
    _ended(source, done, by)
    if source.official and (done.added or done.changed):
        propose_matches(by=SYSTEM)
    return done


def _turn_pages(source: Source, endpoint: endpoints.Endpoint, done: Polled, by: Actor) -> None:
    cursor = Cursor.of(source)
    column = source.feed["cursor_column"]
    size = int(source.feed.get("page", ON_A_PAGE))
    while monotonic() < endpoint.until:
        rows = endpoint.page(question(column, cursor, size))
        done.pages, done.requests = done.pages + 1, endpoint.requests
        if rows:
            _take(source, endpoint, rows, done, by)
        done.whole = len(rows) < size
        cursor = further(cursor, rows, column, size, whole=done.whole)
        Source.objects.filter(pk=source.pk).update(cursor=cursor.text())
        if done.whole:
            return


def _take(
    source: Source, endpoint: endpoints.Endpoint, rows: Sequence[Any], done: Polled, by: Actor
) -> None:
    """Bring one page in: all rows of each incident it speaks of, not only those that changed."""
    columns: Mapping[str, str] = source.feed.get("columns", {})
    done.rows += len(rows)
    name = incident_column(rows, columns)
    if name is None:
        raise Refusal(
            "The endpoint's rows carry no number of their incident; say the column: incident=NAME."
        )
    page = understood(
        _all_rows(endpoint, rows, name),
        columns=columns,
        sparse=bool(source.cursor),
        zone=_zone(source.feed.get("timezone") or ""),
        bounds=_bounds(),
    )
    if not (source.cursor or source.official or page.placed):
        raise Refusal(
            "No row of the endpoint says where it was; say the columns: lat=NAME, lon=NAME."
        )
    done.rejected.update(page.rejected)
    batch: list[Batch] = []
    for each in page.told:
        try:
            _one(source, each, page, batch, done, by)
        except Refusal as refusal:
            done.rejected[str(refusal)] += len(each.rows)


def _all_rows(endpoint: endpoints.Endpoint, rows: Sequence[Any], name: str) -> list[Any]:
    """The rows, and every other row of the same incidents: a count of some is a wrong count."""
    ids = list(dict.fromkeys(str(row[name]) for row in rows if row.get(name) not in (None, "")))
    texts = any(isinstance(row.get(name), str) for row in rows)
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(_identity(row), row)
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        listed = ",".join(quoted(each) if texts else each for each in some)
        asked = {"$select": ":*,*", "$where": f"{name} in ({listed})", "$order": ":id"}
        offset = 0
        while True:
            more = endpoint.page({**asked, "$limit": str(ON_A_PAGE), "$offset": str(offset)})
            for row in more:
                if str(row.get(name)) in some:
                    found[_identity(row)] = row  # the later answer wins
            offset += len(more)
            if len(more) < ON_A_PAGE:
                break
    return list(found.values())


def _identity(row: Mapping[str, Any]) -> str:
    """The endpoint's own number of a row, or all that it says."""
    return str(row.get(":id") or json.dumps(row, sort_keys=True, default=str))


def _one(
    source: Source, told: Told, page: Page, batch: list[Batch], done: Polled, by: Actor
) -> None:
    """One incident and its rows, in one transaction."""
    known = own_report(source, told.ref)
    before = known.version if known else None
    where: dict[str, Any] = {"lon": told.lon, "lat": told.lat, "block": _block(told.block)}
    if known and told.lon is None and not where["block"]:  # what it said of the place before stands
        where = {name: said for name, said in said_by_source(known).items() if name in where}
    with transaction.atomic():
        held = report(
            source=source,
            source_ref=told.ref,
            by=by,
            occurred_at=told.occurred_at,
            time_known=told.time_known,
            killed=told.killed,
            hurt=told.hurt,
            why=why_itself(),
            **where,
        )
        if before == held.version and held.published == len(told.rows):
            done.same += 1
            return
        if not batch:
            batch.append(_batch(source, page))
        Incident.objects.filter(pk=held.pk).update(published=len(told.rows))
        Row.objects.filter(incident=held, withdrawn=None).update(withdrawn=batch[0])
        Row.objects.bulk_create(
            Row(incident=held, batch=batch[0], line=number, said=said)
            for number, said in enumerate(told.rows, start=1)
        )
    done.added, done.changed = done.added + (before is None), done.changed + (before is not None)


def _block(text: str) -> str:
    """The block, or nothing where the text is not fit to be kept."""
    try:
        return block_face(text)
    except Refusal:
        return ""


def _batch(source: Source, page: Page) -> Batch:
    content = "\n".join(said for told in page.told for said in told.rows)
    now = clock.now()
    return Batch.objects.create(
        source=source,
        file=source.feed["url"][:300],
        sha256=sha256(content.encode()).hexdigest(),
        started_at=now,
        finished_at=now,
        done=sum(len(told.rows) for told in page.told),
        read={"header": list(page.header)},
    )


@transaction.atomic
def _ended(source: Source, done: Polled, by: Actor, trouble: str = "") -> None:
    """Keep how it went; an event only where there is something to know."""
    now, failures = clock.now(), F("failures") + 1 if trouble else 0
    news: dict[str, Any] = {"polled_at": now, "failures": failures, "poll_error": trouble[:300]}
    if done.rejected:  # what was left out stays to be seen, also when later polls are well
        news |= {"left_out": dict(done.rejected.most_common(MOST_REASONS)), "left_out_at": now}
    Source.objects.filter(pk=source.pk).update(**news)
    source.refresh_from_db()
    if done.added or done.changed or (trouble and source.failures == 1):
        kind = "feed.failed" if trouble else "feed.polled"
        data = {**done.counts(), "rejected": done.rejected.total()}
        record(kind=kind, subject=f"source:{source.code}", by=by.ref, data=data)


def _due(source: Source) -> bool:
    if not source.feed.get("url"):
        return False
    rest = timedelta(minutes=source.feed.get("minutes", 15))
    if source.failures:
        rest = min(rest * 2 ** min(source.failures, 10), max(rest, LONGEST_REST))
    return source.polled_at is None or source.polled_at + rest <= clock.now()


def _claimed(source: Source) -> bool:
    """Whether this process asks it: of two that look at once, one."""
    mine = Source.objects.filter(pk=source.pk, polled_at=source.polled_at)
    return bool(mine.update(polled_at=clock.now()))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ValueError, OSError, KeyError) as error:
        raise Refusal("There is no such time zone; give one such as America/New_York.") from error


def _bounds() -> tuple[float, float, float, float] | None:
    found = places.city_bounds()
    if found is None:
        return None
    west, south, east, north = found
    return west - 0.01, south - 0.01, east + 0.01, north + 0.01
