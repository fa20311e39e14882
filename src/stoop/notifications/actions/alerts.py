"""Telling people, until somebody takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from stoop.accounts.permissions import SYSTEM, Actor, Permission, can, require, within
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record_all
from stoop.notifications.actions.events import happened
from stoop.notifications.actions.recipients import (
    Reach,
    messages,
    soonest_first,
    told_already,
)
from stoop.notifications.models import Alert, Delivery

# Told to everybody at once; of a shooting nearby only the first step hears.
TO_ALL = frozenset(set(Alert.Kind) - {Alert.Kind.SHOOTING, Alert.Kind.NEARBY})


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Something to tell people of a site (None: of the city), once for each `once`.

    `steps` are lists of person ids. Of a shooting the first step is told now and the next one each
    time `step_minutes` pass and nobody took it.
    """

    once: str
    kind: str
    subject: str
    site: Any
    title: str
    text: str
    path: str
    steps: list[list[int]]
    step_minutes: int = 5


def tell(**telling: Any) -> Alert:
    """Tell people one thing: the fields of a Telling."""
    return tell_all([Telling(**telling)])[0]


@within(SYSTEM)
@transaction.atomic(savepoint=False)  # what could not be told must not be done either
def tell_all(tellings: Sequence[Telling]) -> list[Alert]:
    """Tell people several things at one moment; an alert for each, in their order.

    Told again with the same `once`, an alert that is still open gets the new words, for those who
    hear of it later; nobody is told twice.
    """
    said = {each.once: each for each in tellings}
    known = _said_again(said)
    fresh = [each for once, each in said.items() if once not in known]
    try:
        with transaction.atomic():
            known |= {alert.once: alert for alert in _tell_first(fresh)}
    except IntegrityError:
        if not Alert.objects.filter(once__in=[each.once for each in fresh]).exists():
            raise
        return tell_all(tellings)  # another worker was a moment quicker
    return [known[each.once] for each in tellings]


def _said_again(said: dict[str, Telling]) -> dict[str, Alert]:
    """The alerts that there are already, those that are open with the new words."""
    held = {each.once: each for each in Alert.objects.filter(once__in=said).order_by("pk")}
    for once, alert in held.items():
        title, text = said[once].title[:120], said[once].text[:300]
        if alert.open and (alert.title, alert.text) != (title, text):
            Alert.objects.filter(pk=alert.pk).update(title=title, text=text)
            alert.refresh_from_db()
    return held


def _tell_first(tellings: Sequence[Telling]) -> list[Alert]:
    now = clock.now()
    alerts = [_alert(each, now) for each in tellings]
    reach = Reach(pk for alert in alerts for step in alert.steps for pk in step)
    made = [_advance(alert, reach, now) for alert in alerts]
    Alert.objects.bulk_create(alerts)
    _put_on_their_way(each for some in made for each in some)
    events = []
    for alert, some in zip(alerts, made, strict=True):
        told = _people(some)
        events.append(happened("alert.told", alert, kind=alert.kind, people=told, step=alert.step))
        if alert.unanswered_at:
            events.append(happened("alert.unanswered", alert))
    record_all(events)
    return alerts


def _alert(telling: Telling, now: datetime) -> Alert:
    steps = [list(step) for step in telling.steps]
    if telling.kind in TO_ALL:
        steps = [[pk for step in steps for pk in step]]
    return Alert(
        once=telling.once,
        kind=Alert.Kind(telling.kind).value,
        subject=telling.subject,
        site=telling.site,
        title=telling.title[:120],
        text=telling.text[:300],
        path=telling.path,
        created_at=now,
        steps=steps,
        step_minutes=max(1, telling.step_minutes),
        step=-1,
    )


def _advance(alert: Alert, reach: Reach, now: datetime) -> list[Delivery]:
    """Go to the next step in which somebody was not told yet; the messages to them, not yet saved.

    Sets the step and when the next one is due; `unanswered_at` when there is no step left. The
    caller saves the alert before the messages, and holds its row if it has one.
    """
    made: list[Delivery] = []
    while not made and alert.step + 1 < len(alert.steps):
        alert.step += 1
        made = messages(alert, alert.steps[alert.step], reach, now)
    if alert.to_take:
        alert.next_step_at = now + timedelta(minutes=alert.step_minutes) if made else None
        if not made:
            alert.unanswered_at = alert.unanswered_at or now
    return made


def _put_on_their_way(made: Iterable[Delivery]) -> None:
    Delivery.objects.bulk_create(soonest_first(made), ignore_conflicts=True)


def _people(made: Iterable[Delivery]) -> int:
    """How many people messages go to."""
    return len({each.person_id for each in made})


def _go_on(alert: Alert, *also: str) -> int:
    """Tell the next step of a saved alert whose row is held; how many people that is.

    Saves the fields `also` with those that say how far it is.
    """
    reach = Reach(pk for step in alert.steps for pk in step)
    made = _advance(alert, reach, clock.now())
    alert.save(update_fields=["step", "next_step_at", "unanswered_at", *also])
    _put_on_their_way(made)
    return _people(made)


@within(SYSTEM)
def escalate_due() -> int:
    """Tell the next step of every alert that nobody took in time; how many there were."""
    due = Alert.objects.filter(next_step_at__lte=clock.now(), taken_at=None, closed_at=None)
    return sum(_escalate(pk) for pk in list(due.order_by("next_step_at").values_list("pk")[:200]))


@transaction.atomic
def _escalate(pk: tuple[int]) -> bool:
    rows = Alert.objects.filter(
        pk=pk[0], next_step_at__lte=clock.now(), taken_at=None, closed_at=None
    )
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
    alert = rows.first()
    if alert is None:
        return False
    told = _go_on(alert)
    if told:
        record_all([happened("alert.escalated", alert, step=alert.step, people=told)])
    else:
        record_all([happened("alert.unanswered", alert)])
    return True


@within(SYSTEM)
@transaction.atomic
def ask_too(*, alert: Alert, people: Sequence[int], by: Actor) -> int:
    """Tell these people of an alert that nobody has, beside whom its steps name: who has come on
    call since. Nobody hears twice in one turn; how many were told."""
    require(by, Permission.INCIDENTS_DECIDE)
    rows = Alert.objects.filter(pk=alert.pk, taken_at=None, closed_at=None)
    held = rows.select_for_update(no_key=True).first()
    if held is None:
        return 0
    past = told_already(held)
    new = [pk for pk in people if pk not in past]
    made = messages(held, new, Reach(new), clock.now())
    _put_on_their_way(made)
    if made:
        record_all([happened("alert.escalated", held, step=held.step, people=_people(made))])
    return _people(made)


@dataclass(frozen=True)
class Taken:
    """How taking went: `mine` when it is yours, and a sentence that says whose it is."""

    alert: Alert
    mine: bool
    sentence: str


def may_take(by: Actor, alert: Alert) -> bool:
    """Whoever takes alerts at its site, and whoever was told and takes alerts anywhere.

    What no site answers for is the city desk's: whoever was told there.
    """
    desk = alert.site_id is None
    needed = Permission.INCIDENTS_DECIDE if desk else Permission.ALERTS_TAKE
    if not alert.to_take or by.person is None or not can(by, needed):
        return False
    if not desk and can(by, needed, alert.site_id):
        return True
    return Delivery.objects.filter(alert=alert, person=by.person).exists()


@within(SYSTEM)
@transaction.atomic
def take(*, alert: Alert, by: Actor) -> Taken:
    """Take an alert. The first one has it; anybody later is told who."""
    if not may_take(by, alert):
        raise Http404
    now = clock.now()
    person = by.person
    won = Alert.objects.filter(pk=alert.pk, taken_at=None, closed_at=None).update(
        taken_at=now, taken_by=person, next_step_at=None
    )
    alert = Alert.objects.select_related("taken_by", "site").get(pk=alert.pk)
    if not won:
        return _too_late(alert, by)
    _drop(alert, Delivery.Reason.TAKEN)
    record_all([happened("alert.taken", alert, by=by, step=alert.step)])
    return Taken(alert, True, _("You have it."))


def _too_late(alert: Alert, by: Actor) -> Taken:
    if alert.taken_at is None:
        return Taken(alert, False, _("Nobody needs to take this any more: it was closed."))
    if alert.taken_by == by.person:
        return Taken(alert, True, _("You have it already."))
    if alert.taken_by is None:
        return Taken(alert, False, _("Somebody else has it already."))
    sentence = _("%(name)s has it already.") % {"name": alert.taken_by.name}
    return Taken(alert, False, sentence)


@within(SYSTEM)
@transaction.atomic
def give_back(*, alert: Alert, by: Actor) -> Alert:
    """Give back an alert that one took: it begins anew, without oneself.

    Raises Refusal when it is not the actor's, or when it was closed.
    """
    if not may_take(by, alert):
        raise Http404
    freed = Alert.objects.filter(pk=alert.pk, taken_by=by.person, closed_at=None).update(
        taken_at=None, taken_by=None, unanswered_at=None, step=-1
    )
    alert = Alert.objects.select_related("site").get(pk=alert.pk)
    if not freed:
        raise Refusal(_("This is not yours to give back. Look again at who has it."))
    assert by.person is not None
    alert.turn += 1
    alert.steps = [[pk for pk in step if pk != by.person.pk] for step in alert.steps]
    told = _go_on(alert, "turn", "steps")
    events = [happened("alert.given_back", alert, by=by, turn=alert.turn, people=told)]
    if alert.unanswered_at:
        events.append(happened("alert.unanswered", alert))
    record_all(events)
    return alert


@within(SYSTEM)
@transaction.atomic
def close_alerts(*subjects: str, by: Actor, site: Any = False) -> int:
    """Close what is open about subjects (at one site, if given): nobody needs to take it."""
    about = Alert.objects.filter(subject__in=subjects, closed_at=None, kind=Alert.Kind.SHOOTING)
    if site is not False:
        about = about.filter(site_id=getattr(site, "pk", site))
    rows = list(about.select_related("site").order_by("pk"))
    events = []
    for alert in rows:
        if by.person is not None:
            require(by, Permission.INCIDENTS_DECIDE)
        closed = Alert.objects.filter(pk=alert.pk, closed_at=None)
        if closed.update(closed_at=clock.now(), next_step_at=None):
            _drop(alert, Delivery.Reason.CLOSED)
            events.append(happened("alert.closed", alert, by=by))
    record_all(events)  # last: who takes an alert holds it while waiting for the ledger
    return len(rows)


@within(SYSTEM)
@transaction.atomic
def test_alert(*, by: Actor) -> Alert:
    """Send the actor a test over every channel they have."""
    require(by, Permission.SELF)
    if by.person is None:
        raise Http404
    recent = Alert.objects.filter(
        kind=Alert.Kind.TEST, subject=by.ref, created_at__gt=clock.now() - timedelta(seconds=20)
    ).order_by("-pk")
    if (last := recent.first()) is not None:  # a second tap on the button
        return last
    return tell(
        once=f"test:{ids.new()}",
        kind=Alert.Kind.TEST,
        subject=by.ref,
        site=None,
        title=_("Test from Stoop"),
        text=_("Alerts reach you this way. Nothing happened."),
        path="/me/channels/",
        steps=[[by.person.pk]],
    )


def _drop(alert: Alert, reason: str) -> None:
    """What is still on its way need not be sent; what a worker holds in its hand it settles."""
    waiting = Delivery.objects.filter(alert=alert, state=Delivery.State.DUE)
    waiting.filter(Q(lease="") | Q(not_before__lte=clock.now())).update(
        state=Delivery.State.DROPPED, reason=reason, lease=""
    )
