"""Quiet hours by the city's clock, also in the nights when it is changed."""

from datetime import UTC, datetime, time, timedelta

import pytest

from stoop.accounts.permissions import actor_of
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.notifications import actions, queries
from stoop.notifications.models import Preference
from stoop.notifications.tests import factories

NIGHT = Preference(quiet_from=time(22), quiet_until=time(7))


@pytest.fixture(autouse=True)
def new_york(settings) -> None:
    settings.TIME_ZONE = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-07-04T01:59", None),  # 21:59
        ("2026-07-04T02:00", "2026-07-04T11:00"),  # 22:00
        ("2026-07-04T10:59", "2026-07-04T11:00"),  # 06:59
        ("2026-07-04T11:00", None),  # 07:00
        ("2026-01-10T03:00", "2026-01-10T12:00"),  # winter
        ("2026-03-08T04:00", "2026-03-08T11:00"),  # the night is an hour shorter
        ("2026-11-01T03:00", "2026-11-01T12:00"),  # and an hour longer
    ],
)
def test_a_night_that_crosses_midnight(moment: str, until: str | None) -> None:
    assert queries.held_until(NIGHT, utc(moment)) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("begins", "ends", "moment", "until"),
    [
        # 02:30 on 8 March does not exist: the clock leaps from 02:00 to 03:00 at 07:00 UTC.
        (time(0), time(2, 30), "2026-03-08T06:30", "2026-03-08T07:00"),
        (time(2, 30), time(6), "2026-03-08T06:59", None),
        (time(2, 30), time(6), "2026-03-08T07:00", "2026-03-08T10:00"),
        # 01:30 on 1 November is twice, at 05:30 and 06:30 UTC: quiet from the first to the last.
        (time(0), time(1, 30), "2026-11-01T05:45", "2026-11-01T06:30"),
        (time(0), time(1, 30), "2026-11-01T06:30", None),
        (time(1, 30), time(6), "2026-11-01T05:31", "2026-11-01T11:00"),
        # in one day
        (time(13), time(15), "2026-07-04T17:00", "2026-07-04T19:00"),
        (time(13), time(15), "2026-07-04T16:59", None),
        (time(13), time(15), "2026-07-04T19:00", None),
    ],
)
def test_the_nights_of_the_clocks(begins, ends, moment: str, until: str | None) -> None:
    wish = Preference(quiet_from=begins, quiet_until=ends)
    assert queries.held_until(wish, utc(moment)) == (utc(until) if until else None)


def test_without_hours_nobody_is_quiet() -> None:
    assert queries.held_until(None, utc("2026-07-04T03:00")) is None
    assert queries.held_until(Preference(), utc("2026-07-04T03:00")) is None


@pytest.mark.django_db
def test_a_shooting_wakes_and_one_nearby_waits(personas, mailoutbox) -> None:
    for who in (personas.alice, personas.bob):
        actions.set_quiet(by=actor_of(who), begins=time(22), ends=time(7))
    with clock.held(utc("2026-07-04T03:40")):
        alert = factories.alert(personas.site, [personas.alice])
        near = factories.alert(personas.other, [personas.bob], kind="nearby", subject=alert.subject)
        actions.deliver_due()
        assert [letter.to[0] for letter in mailoutbox] == ["alice@example.org"]
    with clock.held(utc("2026-07-04T04:00")):
        for site, who in ((personas.site, personas.alice), (personas.other, personas.bob)):
            factories.alert(site, [who], kind="retraction", subject=alert.subject)
        actions.deliver_due()
        assert [letter.to[0] for letter in mailoutbox] == ["alice@example.org"] * 2
        waits = queries.story_of(actor_of(personas.bob), near).words[0]
        assert waits.result == "It waits for the end of the quiet hours at 07:00."
    with clock.held(utc("2026-07-04T11:00") + timedelta(seconds=1)):
        assert actions.deliver_due() == 2
        assert [letter.to[0] for letter in mailoutbox[2:]] == ["bob@example.org"] * 2


@pytest.mark.django_db
def test_half_a_quiet_night_is_refused(personas) -> None:
    actor = actor_of(personas.alice)
    for begins, ends in ((time(22), None), (None, time(7)), (time(7), time(7))):
        with pytest.raises(Refusal):
            actions.set_quiet(by=actor, begins=begins, ends=ends)
    actions.set_quiet(by=actor, begins=time(22), ends=time(7))
    actions.set_quiet(by=actor, begins=None, ends=None)
    assert queries.preference(actor).quiet_from is None
