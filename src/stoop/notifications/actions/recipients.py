"""From people to messages: over which channels each person is told, and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.accounts.queries.desk import still_holding
from stoop.notifications.models import Alert, Channel, Delivery, Preference
from stoop.notifications.queries.alerts import HEAR
from stoop.notifications.queries.quiet import held_until

Kind = Channel.Kind
# Over what each kind goes. A text message costs, and wakes: not for what one need not act upon.
LOUD = frozenset({Kind.PUSH, Kind.SMS})
CHANNELS: dict[str, frozenset[Kind]] = {
    Alert.Kind.SHOOTING: LOUD,
    Alert.Kind.CORRECTION: LOUD,
    Alert.Kind.RETRACTION: LOUD,
    Alert.Kind.ROTA: LOUD,
    Alert.Kind.INTAKE: LOUD,
    Alert.Kind.TEST: LOUD,
    Alert.Kind.NEARBY: frozenset({Kind.PUSH}),
}


def reachable(people: Iterable[int], kind: str) -> set[int]:
    """Those of the ids who may hear of it today: nobody whose work here has ended.

    A test goes to whoever asked for it.
    """
    if kind != Alert.Kind.TEST:
        return still_holding(people, *HEAR)
    active = accounts.people(SYSTEM).filter(pk__in=list(people), is_active=True)
    return set(active.values_list("pk", flat=True))


def told_already(alert: Alert) -> set[int]:
    """Ids of those who were told in this turn of the alert."""
    return set(
        Delivery.objects.filter(alert=alert, turn=alert.turn).values_list("person_id", flat=True)
    )


def messages(alert: Alert, people: Sequence[int], now: datetime) -> list[Delivery]:
    """A message to each person over every channel that suits the alert, for the caller to save.

    None to those who were told before in this turn. Push comes first, e-mail last: that is the
    order in which a worker takes messages that are due at one moment.
    """
    first = alert.pk is None or not alert.step  # a turn begins with step 0
    past = set() if first else told_already(alert)
    new = [pk for pk in dict.fromkeys(people) if pk not in past]
    here = reachable(new, alert.kind) if new else set()
    new = [pk for pk in new if pk in here]
    wishes = {wish.person_id: wish for wish in Preference.objects.filter(person__in=new)}
    woken = _woken(alert, new)
    ways: dict[int, list[Channel]] = defaultdict(list)
    for channel in Channel.objects.filter(person__in=new, active=True).order_by("pk"):
        if channel.kind in CHANNELS[alert.kind]:
            ways[channel.person_id].append(channel)
    made = []
    for pk in new:
        wish = wishes.get(pk)
        begins = now if pk in woken else held_until(wish, now) or now
        common = {
            "alert": alert,
            "person_id": pk,
            "turn": alert.turn,
            "step": alert.step,
            "not_before": begins,
        }
        made += [Delivery(channel=each, kind=each.kind, **common) for each in ways[pk]]
        if not ways[pk] or wish is None or wish.email:
            made.append(Delivery(kind=Kind.EMAIL, **common))
    made.sort(key=lambda each: (each.kind == Kind.EMAIL, each.kind == Kind.SMS))
    return made


def _woken(alert: Alert, people: Sequence[int]) -> set[int]:
    """Whose quiet hours do not count: for a shooting everybody's who is asked to take it, for
    what corrects it those who were asked."""
    if alert.kind == Alert.Kind.SHOOTING:
        return set(people)
    if alert.kind in (Alert.Kind.CORRECTION, Alert.Kind.RETRACTION):
        asked = Delivery.objects.filter(
            alert__subject=alert.subject, alert__kind=Alert.Kind.SHOOTING, person__in=people
        )
        return set(asked.values_list("person_id", flat=True))
    return set()
