"""From people to messages: over which channels each person is told, and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM
from stoop.accounts.queries.desk import still_holding
from stoop.notifications.models import Alert, Channel, Delivery, Preference
from stoop.notifications.queries.alerts import HEAR, took
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


class Reach:
    """Who of some people may hear of something today, and over what: asked once for all of them."""

    def __init__(self, people: Iterable[int]) -> None:
        self._people = set(people)
        self._wishes = {
            wish.person_id: wish for wish in Preference.objects.filter(person__in=self._people)
        }
        self._channels: dict[int, list[Channel]] = defaultdict(list)
        held = Channel.objects.filter(person__in=self._people, active=True).order_by("pk")
        for channel in held:
            self._channels[channel.person_id].append(channel)

    @cached_property
    def _here(self) -> set[int]:
        return still_holding(self._people, *HEAR)

    @cached_property
    def _active(self) -> set[int]:
        active = accounts.people(SYSTEM).filter(pk__in=self._people, is_active=True)
        return set(active.values_list("pk", flat=True))

    def may_hear(self, person: int, kind: str) -> bool:
        """Nobody whose work here has ended; a test goes to whoever asked for it."""
        return person in (self._active if kind == Alert.Kind.TEST else self._here)

    def wish(self, person: int) -> Preference | None:
        return self._wishes.get(person)

    def channels(self, person: int, kind: str) -> list[Channel]:
        """Those that suit what is told."""
        return [each for each in self._channels[person] if each.kind in CHANNELS[kind]]


def told_already(alert: Alert) -> set[int]:
    """Ids of those who were told in this turn of the alert."""
    return set(
        Delivery.objects.filter(alert=alert, turn=alert.turn).values_list("person_id", flat=True)
    )


def messages(alert: Alert, people: Sequence[int], reach: Reach, now: datetime) -> list[Delivery]:
    """A message to each person over every channel that suits the alert, for the caller to save.

    None to those who were told before in this turn.
    """
    first = alert.pk is None or not alert.step  # a turn begins with step 0
    past = set() if first else told_already(alert)
    new = [pk for pk in dict.fromkeys(people) if pk not in past and reach.may_hear(pk, alert.kind)]
    woken = _woken(alert, new)
    made = []
    for pk in new:
        wish, ways = reach.wish(pk), reach.channels(pk, alert.kind)
        begins = now if pk in woken else held_until(wish, now) or now
        common = {
            "alert": alert,
            "person_id": pk,
            "turn": alert.turn,
            "step": alert.step,
            "not_before": begins,
        }
        made += [Delivery(channel=each, kind=each.kind, **common) for each in ways]
        if not ways or wish is None or wish.email:
            made.append(Delivery(kind=Kind.EMAIL, **common))
    return made


def soonest_first(made: Iterable[Delivery]) -> list[Delivery]:
    """Push first, e-mail last: the order in which a worker takes what is due at one moment."""
    return sorted(made, key=lambda each: (each.kind == Kind.EMAIL, each.kind == Kind.SMS))


def _woken(alert: Alert, people: Sequence[int]) -> set[int]:
    """Whose quiet hours do not count: for a shooting everybody's who is asked to take it, for
    what corrects it those who were asked or took it."""
    if alert.kind == Alert.Kind.SHOOTING:
        return set(people)
    if alert.kind in (Alert.Kind.CORRECTION, Alert.Kind.RETRACTION):
        asked = Delivery.objects.filter(
            alert__subject=alert.subject, alert__kind=Alert.Kind.SHOOTING, person__in=people
        )
        return {
            *asked.values_list("person_id", flat=True),
            *(person for _site, person in took(alert.subject)),
        }
    return set()
