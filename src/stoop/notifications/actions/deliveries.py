"""Messages on their way: claimed, sent beside each other, settled; tried again, or dead."""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ALL_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require, within
from stoop.accounts.queries.desk import still_holding
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import Happened, record_all
from stoop.notifications.actions import letters
from stoop.notifications.actions.events import happened
from stoop.notifications.actions.senders import Message, Outcome, email, later, push, sms
from stoop.notifications.models import Alert, Channel, Delivery, Preference
from stoop.notifications.queries.alerts import HEAR

log = logging.getLogger(__name__)
State, Reason, Kind = Delivery.State, Delivery.Reason, Channel.Kind
# How many at a time over each channel. A channel that hangs holds up itself and no other.
LANES: dict[str, int] = {Kind.PUSH: 24, Kind.SMS: 16, Kind.EMAIL: 12}
SENDERS: dict[str, Callable[[Message], Outcome]] = {
    Kind.PUSH: push.send,
    Kind.SMS: sms.send,
    Kind.EMAIL: email.send,
}
MOST_ATTEMPTS = 12  # failures; with the pauses below, three quarters of an hour
MOST_CLAIMS = 60  # and workers that died holding it
LONGEST_PAUSE_S = 480


@dataclass(frozen=True)
class Landed:
    """A claimed delivery and how its sending went."""

    pk: int
    lease: str
    outcome: Outcome


_flying: dict["Future[Outcome]", tuple[int, str, str]] = {}
_landed: list[Landed] = []
_one_at_a_time = threading.Lock()


@cache
def _pool(kind: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(LANES[kind], thread_name_prefix=f"send-{kind}")


@within(SYSTEM)
def deliver_due(*, limit: int = 50, patience_s: float | None = None) -> int:
    """Send messages that are due, many beside each other; how many were settled.

    Returns when all that it began has ended, or after `patience_s`: what is then still on its way
    is settled by a later call in this process. Call it again until it returns 0. Only the caller's
    thread touches the database.
    """
    with _one_at_a_time:
        return _deliver(limit, patience_s)


def _deliver(limit: int, patience_s: float | None) -> int:
    _load()
    settled = _settle()
    begun = 0
    for kind in _kinds_due():
        room = LANES[kind] - sum(1 for _pk, _lease, each in _flying.values() if each == kind)
        claimed = _claimed(kind, min(room, limit - begun))
        wishes = letters.wishes(claimed)
        here = still_holding({each.person_id for each in claimed}, *HEAR) if claimed else set()
        for delivery in claimed:
            begun += _begin(delivery, wishes.get(delivery.person_id), here)
    if _flying:
        wait(list(_flying), timeout=patience_s, return_when=ALL_COMPLETED)
    return settled + _settle()


@cache
def _load() -> None:
    """Load what the first message needs while nobody waits for it."""
    reverse("alert-short", args=["x"])
    push.load()


@within(SYSTEM)
def drain(*, patience_s: float = 15.0) -> int:
    """Wait for what is on its way, claim nothing new: before a worker ends."""
    if _flying:
        wait(list(_flying), timeout=patience_s, return_when=ALL_COMPLETED)
    with _one_at_a_time:
        return _settle()


def _kinds_due() -> Iterable[str]:
    """Channels over which something is due, asked without a lock."""
    due = Delivery.objects.filter(state=State.DUE, not_before__lte=clock.now())
    kinds = set(due.values_list("kind", flat=True).distinct())
    return [kind for kind in LANES if kind in kinds]


@transaction.atomic
def _claimed(kind: str, most: int) -> list[Delivery]:
    """Claim up to so many deliveries for this process; nobody else sends them meanwhile."""
    if most <= 0:
        return []
    now = clock.now()
    due = Delivery.objects.filter(kind=kind, state=State.DUE, not_before__lte=now)
    rows = due.order_by("not_before", "pk").select_related("alert", "person", "channel")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
    mine = list(rows[:most])
    lease, until = str(ids.new()), now + timedelta(seconds=settings.STOOP_DELIVERY_LEASE_S)
    Delivery.objects.filter(pk__in=[each.pk for each in mine]).update(
        lease=lease, not_before=until, attempts=F("attempts") + 1
    )
    for each in mine:
        each.lease, each.not_before, each.attempts = lease, until, each.attempts + 1
    return mine


def _begin(delivery: Delivery, wish: Preference | None, here: set[int]) -> bool:
    """Hand a delivery to a thread, unless it is not needed any more; `here` are who work here."""
    reason = _needless(delivery, here)
    if reason:
        _let_go(delivery, reason)
        return False
    if delivery.attempts > MOST_CLAIMS:
        _landed.append(Landed(delivery.pk, delivery.lease, Outcome("dead", Reason.BROKEN)))
        return False
    try:
        message = letters.message(delivery, wish)
    except Exception as error:  # one that cannot be written holds up no other
        log.error("writing a message failed: %s", type(error).__name__)
        _landed.append(Landed(delivery.pk, delivery.lease, later(Reason.BROKEN)))
        return False
    future = _pool(delivery.kind).submit(_send, delivery.kind, message)
    _flying[future] = (delivery.pk, delivery.lease, delivery.kind)
    return True


@transaction.atomic
def _let_go(delivery: Delivery, reason: str) -> None:
    mine = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
    mine.update(state=State.DROPPED, reason=reason, lease="")
    if reason == Reason.REMOVED:
        _fall_back(delivery)


def _needless(delivery: Delivery, here: set[int]) -> str:
    alert = delivery.alert
    works = delivery.person_id in here or alert.kind == Alert.Kind.TEST
    if not delivery.person.is_active or not works:
        return Reason.LEFT
    if alert.to_take and not alert.open:
        return Reason.CLOSED if alert.closed_at else Reason.TAKEN
    if delivery.turn != alert.turn:  # it was taken since, and given back: others were asked anew
        return Reason.TAKEN
    if delivery.kind != Kind.EMAIL and delivery.way is None:
        return Reason.REMOVED
    return ""


def _send(kind: str, message: Message) -> Outcome:
    """In a thread of its own: no table, no error that gets away."""
    try:
        return SENDERS[kind](message)
    except Exception as error:
        log.error("sending by %s failed: %s", kind, type(error).__name__)
        return later(Reason.BROKEN)


def _settle() -> int:
    """Write down how sending went. What cannot be written now is kept for the next call."""
    for future in [each for each in _flying if each.done()]:
        pk, lease, _kind = _flying.pop(future)
        _landed.append(Landed(pk, lease, future.result()))
    if not _landed:
        return 0
    batch = list(_landed)
    _write(batch)
    del _landed[: len(batch)]
    return len(batch)


@transaction.atomic
def _write(batch: list[Landed]) -> None:
    """Alerts are held first, then messages, then channels: as whoever takes an alert holds them."""
    arrived = [each for each in batch if each.outcome.state == "sent"]
    reached = _first_reached([each.pk for each in arrived])
    # Whoever holds it by now: what was handed over is sent. Only a failure needs the lease.
    unknown = Delivery.objects.filter(pk__in=[each.pk for each in arrived], sent_at=None)
    if arrived:
        unknown.update(state=State.SENT, sent_at=clock.now(), reason="", lease="")
    events: list[Happened] = []
    gone: set[int] = set()
    for landed in batch:
        if landed.outcome.state != "sent":
            events += _failed(landed, gone)
    for pk in sorted(gone):
        Channel.objects.filter(pk=pk, active=True).update(active=False, failed_at=clock.now())
    events += [happened("alert.delivered", alert) for alert in reached]
    record_all(events)


def _first_reached(pks: list[int]) -> list[Alert]:
    """The alerts of which these are the first messages that were sent, now marked so."""
    if not pks:
        return []
    told = Delivery.objects.filter(pk__in=pks).values("alert_id")
    rows = Alert.objects.select_related("site").filter(reached_at=None, pk__in=told).order_by("pk")
    if connection.features.has_select_for_update_of:
        rows = rows.select_for_update(no_key=True, of=("self",))
    found = list(rows)
    if found:
        Alert.objects.filter(pk__in=[each.pk for each in found]).update(reached_at=clock.now())
    return found


def _failed(landed: Landed, gone: set[int]) -> list[Happened]:
    """Put off or bury one delivery; the events that this leaves. Adds to the channels `gone`."""
    rows = Delivery.objects.filter(pk=landed.pk, lease=landed.lease, state=State.DUE)
    delivery = rows.select_related("alert__site", "channel").first()
    if delivery is None:
        return []
    outcome = landed.outcome
    if outcome.state == "later" and delivery.attempts < MOST_ATTEMPTS:
        pause = outcome.after_s or min(2 ** (delivery.attempts - 1), LONGEST_PAUSE_S)
        again = clock.now() + timedelta(seconds=pause)
        rows.update(not_before=again, lease="", reason=outcome.reason)
        return []
    rows.update(state=State.DEAD, reason=outcome.reason, lease="")
    if outcome.reason in (Reason.GONE, Reason.NOT_ALLOWED) and delivery.way is not None:
        gone.add(delivery.way.pk)
    _fall_back(delivery)
    codes = {"kind": delivery.kind, "reason": outcome.reason}
    return [happened("delivery.dead", delivery.alert, **codes)]


def _fall_back(dead: Delivery) -> None:
    """Whoever nothing else can reach any more is told by e-mail."""
    others = Delivery.objects.filter(alert=dead.alert_id, turn=dead.turn, person=dead.person_id)
    if dead.kind == Kind.EMAIL or others.filter(state__in=(State.DUE, State.SENT)).exists():
        return
    Delivery.objects.bulk_create(
        [
            Delivery(
                alert_id=dead.alert_id,
                person_id=dead.person_id,
                kind=Kind.EMAIL,
                turn=dead.turn,
                step=dead.step,
                not_before=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )


@within(SYSTEM)
@transaction.atomic
def try_again(*, delivery: Delivery, by: Actor) -> None:
    """Put a dead message on its way again. Raises Refusal when it is not dead, or cannot arrive."""
    require(by, Permission.ALERTS_AUDIT, delivery.alert.site_id)
    if delivery.kind != Kind.EMAIL and delivery.way is None:
        raise Refusal(
            "That phone or number is not there any more; ask the person to turn on alerts again."
        )
    again = Delivery.objects.filter(pk=delivery.pk, state=State.DEAD).update(
        state=State.DUE, attempts=0, not_before=clock.now(), reason="", lease=""
    )
    if not again:
        raise Refusal("This message is on its way already, or was sent.")
    record_all([happened("delivery.retried", delivery.alert, by=by, kind=delivery.kind)])
