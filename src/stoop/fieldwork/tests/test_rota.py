"""The rota: patterns, clash, cover, hand-over, gaps; and the nights on which the clock changes."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from stoop.accounts.actions import end_membership
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.accounts.tests import factories as accounts
from stoop.accounts.tests.factories import Membership
from stoop.fieldwork import actions, queries
from stoop.fieldwork.models import Rest, Shift, Taken
from stoop.fieldwork.queries.rota import gaps, local, tonight
from stoop.fieldwork.tests.factories import NIGHT, shift
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.queries import timeline

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)


@pytest.fixture
def night(personas):
    with clock.held(NIGHT):
        yield personas


@pytest.fixture
def new_york(settings):
    settings.TIME_ZONE = "America/New_York"


def pattern(people, **more):
    said = {"weekdays": [4], "begins": time(20), "ends": time(8), "first": date(2026, 11, 20)}
    return actions.set_pattern(
        **{"site": people.site, "person": people.ann, "by": actor_of(people.alice), **said, **more}
    )


def test_on_call_follows_the_ranks(night):
    shift(night.site, night.ann, NIGHT, rank=2)
    shift(night.site, night.alice, NIGHT, rank=1)
    assert queries.on_call(night.site, NIGHT) == [[night.alice.pk], [night.ann.pk]]


def test_nobody_on_call_means_the_supervisors(night):
    assert queries.on_call(night.site, NIGHT) == [[night.alice.pk]]


def test_who_left_is_not_called(night):
    gone = accounts.person("Gone")
    shift(night.site, gone, NIGHT)
    assert queries.on_call(night.site, NIGHT) == [[night.alice.pk]]


def test_when_all_rest_the_supervisor_is_still_called(night):
    for person in (night.alice, night.ann):
        actions.give_rest(site=night.site, person=person, hours=8, by=actor_of(night.alice))
    shift(night.site, night.ann, NIGHT)
    assert queries.on_call(night.site, NIGHT) == [[night.ann.pk], [night.alice.pk]]


def test_a_covered_site_is_answered_by_the_other(night):
    night.site.covered_by = night.other
    night.site.save()
    shift(night.site, night.ann, NIGHT)
    assert queries.on_call(night.site, NIGHT) == [[night.bob.pk]]


def test_two_sites_that_cover_each_other_end_somewhere(night):
    for one, other in ((night.site, night.other), (night.other, night.site)):
        one.covered_by = other
        one.save()
    assert queries.on_call(night.site, NIGHT)


def test_a_pattern_repeats_and_again_changes_nothing(night):
    made = pattern(night, weekdays=[4, 5], weeks=3)
    assert len(made) == 6
    assert len({each.series for each in made}) == 1
    assert made[0].starts == datetime(2026, 11, 20, 20, tzinfo=UTC)
    assert made[0].ends == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert pattern(night, weekdays=[4, 5], weeks=3) == []
    assert [event.kind for event in timeline("site:riverside")] == ["shift.set"]


def test_nobody_is_on_call_twice_at_once(night):
    pattern(night)
    with pytest.raises(Refusal, match="already from Fri 20 Nov, 20:00"):
        pattern(night, weekdays=[5], begins=time(7), ends=time(9), first=date(2026, 11, 21))


def test_nor_at_two_sites_and_the_other_is_not_named(night):
    shift(night.other, night.ann, NIGHT)
    with pytest.raises(Refusal, match="elsewhere") as refused:
        pattern(night)
    assert "Hillside" not in str(refused.value)


@pytest.mark.parametrize(
    "bad",
    [
        {"weekdays": []},
        {"weekdays": [7]},
        {"rank": 3},
        {"weeks": 0},
        {"weeks": 27},
        {"begins": time(8), "ends": time(8, 5)},
        {"first": date(2026, 10, 1)},
    ],
)
def test_refused_patterns(night, bad):
    with pytest.raises(Refusal):
        pattern(night, **bad)
    assert not Shift.objects.exists()


def test_only_people_of_the_site_and_only_the_supervisor(night):
    with pytest.raises(Refusal):
        pattern(night, person=night.bob)
    for person in (night.ann, night.bob, night.carol, night.ada):
        with pytest.raises(Http404):
            pattern(night, by=actor_of(person))


def test_a_night_shift_in_autumn_is_an_hour_longer(night, new_york):
    with clock.held(datetime(2026, 10, 30, tzinfo=UTC)):
        made = pattern(night, weekdays=[5], first=date(2026, 10, 31), weeks=2)
    assert [each.ends - each.starts for each in made] == [timedelta(hours=13), timedelta(hours=12)]
    # By the city's clock it begins at 20:00 on both, though the offset moved.
    assert [each.starts.astimezone(UTC).hour for each in made] == [0, 1]


def test_a_night_shift_in_spring_is_an_hour_shorter(night, new_york):
    with clock.held(datetime(2027, 3, 12, tzinfo=UTC)):
        made = pattern(night, weekdays=[5], first=date(2027, 3, 13))
    assert made[0].ends - made[0].starts == timedelta(hours=11)


def test_an_hour_that_the_clock_skips_and_one_it_shows_twice(new_york):
    assert local(date(2027, 3, 14), time(2, 30)).astimezone(UTC).hour == 7
    assert local(date(2026, 11, 1), time(1, 30)).astimezone(UTC).hour == 5


def test_the_day_of_the_clock_change_has_25_hours(night, new_york):
    with clock.held(datetime(2026, 10, 26, tzinfo=UTC)):
        found = queries.rota(actor_of(night.alice), night.site, date(2026, 10, 26))
    assert found.hours == 7 * 24 + 1
    sunday = found.days[6]
    assert sunday.ends - sunday.begins == timedelta(hours=25)
    assert found.covered_hours == 0


def test_a_week_that_is_covered_by_nights_and_days_has_no_gap_over_the_change(night, new_york):
    with clock.held(datetime(2026, 10, 26, tzinfo=UTC)):
        every = range(7)
        first = date(2026, 10, 25)
        pattern(night, weekdays=every, first=first, weeks=2)
        pattern(
            night,
            weekdays=every,
            first=first,
            weeks=2,
            person=night.alice,
            begins=time(8),
            ends=time(20),
        )
        found = queries.rota(actor_of(night.alice), night.site, date(2026, 10, 26))
    assert found.gaps == []
    assert found.covered_hours == found.hours == 169


def test_gaps():
    hours = [datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in range(24)]
    spans = [(hours[4], hours[6]), (hours[5], hours[8]), (hours[10], hours[23])]
    assert gaps(spans, hours[2], hours[12]) == [(hours[2], hours[4]), (hours[8], hours[10])]
    assert gaps([], hours[0], hours[1]) == [(hours[0], hours[1])]
    assert gaps([(hours[0], hours[9])], hours[1], hours[3]) == []


def test_a_part_of_a_shift_is_covered(night):
    held = pattern(night)[0]
    ten, two = datetime(2026, 11, 20, 22, tzinfo=UTC), datetime(2026, 11, 21, 2, tzinfo=UTC)
    alice = actor_of(night.alice)
    made = actions.cover_shift(shift=held, person=night.alice, starts=ten, ends=two, by=alice)
    assert (made.covers, made.rank) == (night.ann, 1)
    left = Shift.objects.filter(person=night.ann).order_by("starts")
    assert [(each.starts, each.ends) for each in left] == [
        (held.starts, ten),
        (two, held.ends),
    ]
    event = timeline("site:riverside").last()
    assert event.kind == "shift.covered"
    assert event.data == {"person": str(night.alice.key), "covers": str(night.ann.key)}


def test_handing_over_now(night):
    held = shift(night.site, night.ann, NIGHT - timedelta(hours=3))
    actions.hand_over(shift=held, person=night.alice, by=actor_of(night.ann))
    assert queries.on_call(night.site, NIGHT) == [[night.alice.pk]]
    assert queries.on_call(night.site, NIGHT - timedelta(hours=1))[0] == [night.ann.pk]
    assert timeline("site:riverside").last().kind == "shift.handed_over"


def test_the_page_says_who_is_on_call_after_a_hand_over(night, client):
    held = shift(night.site, night.ann, NIGHT - timedelta(hours=3))
    client.force_login(night.ann)
    said = {"do": "hand", "person": str(night.alice.pk)}
    page = client.post(f"/rota/shifts/{held.key}/", said, follow=True).content.decode()
    assert "Alice is on call now." in page


def test_a_later_shift_is_not_handed_over_now(night):
    held = shift(night.site, night.ann, NIGHT + timedelta(hours=3))
    with pytest.raises(Refusal):
        actions.hand_over(shift=held, person=night.alice, by=actor_of(night.ann))


def test_second_in_line_becomes_first_by_covering(night):
    held = shift(night.site, night.ann, NIGHT)
    shift(night.site, night.alice, NIGHT, rank=2)
    actions.cover_shift(shift=held, person=night.alice, by=actor_of(night.alice))
    assert [(each.person, each.rank) for each in Shift.objects.all()] == [(night.alice, 1)]


def test_a_worker_takes_a_shift_or_gives_her_own_but_no_other(night):
    zoe = accounts.person("Zoe", "outreach_worker", night.site)
    held = shift(night.site, night.alice, NIGHT)
    with pytest.raises(Refusal, match="Only"):
        actions.cover_shift(shift=held, person=zoe, by=actor_of(night.ann))
    assert actions.cover_shift(shift=held, person=night.ann, by=actor_of(night.ann)).person == (
        night.ann
    )


def test_covering_twice_is_once_and_after_a_change_is_told(night):
    held = shift(night.site, night.ann, NIGHT)
    ends = NIGHT + timedelta(hours=2)
    said = {"person": night.alice, "by": actor_of(night.alice)}
    one = actions.cover_shift(shift=held, ends=ends, **said)
    rest = Shift.objects.get(person=night.ann)
    assert actions.cover_shift(shift=rest, starts=NIGHT, ends=ends, **said) == one
    with pytest.raises(Refusal, match="may have changed"):
        actions.cover_shift(shift=rest, starts=NIGHT, ends=ends + timedelta(hours=1), **said)


def test_a_series_is_taken_away_from_a_shift_on(night):
    made = pattern(night, weeks=4)
    alice = actor_of(night.alice)
    taken = actions.remove_shift(shift=made[1], later_too=True, by=alice)
    assert len(taken.spans) == 3
    assert list(Shift.objects.all()) == [made[0]]
    assert actions.remove_shift(shift=made[1], by=alice) is None


def rows():
    fields = ("person", "starts", "ends", "rank", "series", "covers")
    return list(Shift.objects.order_by("starts", "pk").values_list(*fields))


def test_what_was_taken_away_is_put_back_as_it_was(night):
    made = pattern(night, weeks=4, rank=2)
    alice = actor_of(night.alice)
    actions.cover_shift(shift=made[0], person=night.alice, by=alice)
    before = rows()
    for shift_, later in ((Shift.objects.get(covers=night.ann), False), (made[1], True)):
        taken = actions.remove_shift(shift=shift_, later_too=later, by=alice)
        assert len(rows()) == len(before) - len(taken.spans)
        taken = Taken.of(json.loads(json.dumps(taken.kept())))  # as a session gives it back
        assert actions.put_back(site=night.site, taken=taken, by=alice) == len(taken.spans)
        assert actions.put_back(site=night.site, taken=taken, by=alice) == 0, "twice is once"
        assert rows() == before
    events = list(timeline("site:riverside"))[-4:]
    assert [event.kind for event in events] == ["shift.removed", "shift.put_back"] * 2
    assert events[2].data == events[3].data
    assert set(events[2].data) == {"person", "shifts", "ahead", "taken"}


def test_it_is_not_put_back_over_another_shift_nor_by_others(night):
    held = shift(night.site, night.ann, NIGHT)
    taken = actions.remove_shift(shift=held, by=actor_of(night.alice))
    for person in (night.ann, night.bob, night.carol):
        with pytest.raises(Http404):
            actions.put_back(site=night.site, taken=taken, by=actor_of(person))
    shift(night.other, night.ann, NIGHT + timedelta(hours=1))
    with pytest.raises(Refusal, match="elsewhere"):
        actions.put_back(site=night.site, taken=taken, by=actor_of(night.alice))
    assert Shift.objects.count() == 1


def test_a_short_rest_is_pointed_at(night):
    shift(night.site, night.ann, datetime(2026, 11, 17, 20, tzinfo=UTC))
    soon = shift(night.site, night.ann, datetime(2026, 11, 18, 14, tzinfo=UTC), hours=4)
    found = queries.rota(actor_of(night.alice), night.site, MONDAY)
    assert found.short_rests == [soon]


def test_bob_sees_nothing_of_alices_rota(night):
    shift(night.site, night.ann, NIGHT)
    assert not queries.shifts(actor_of(night.bob)).exists()
    for person in (night.dan, night.eve, night.rita, night.ada, night.nobody, night.cass):
        assert not queries.shifts(actor_of(person)).exists()


def test_tonight_names_the_first_gap(night):
    shift(night.site, night.ann, NIGHT - timedelta(hours=1), hours=3)
    sites = [night.site, night.other]
    here, there = tonight(actor_of(night.carol), sites)
    assert here.people == ["Ann"]
    assert here.gap == (NIGHT + timedelta(hours=2), NIGHT + timedelta(hours=24))
    assert there.gap[0] == NIGHT


def test_only_the_worker_ends_a_rest(night):
    actions.give_rest(site=night.site, person=night.ann, hours=8, by=actor_of(night.alice))
    assert actions.end_rests(by=actor_of(night.alice)) == 0
    assert actions.end_rests(by=SYSTEM) == 0
    assert actions.end_rests(by=actor_of(night.ann)) == 1
    assert Rest.objects.get().ended_at == NIGHT


def test_a_shift_of_who_left_the_site_is_a_gap_from_now_on(night, client):
    shift(night.site, night.ann, NIGHT - timedelta(hours=1), hours=9)
    alice = actor_of(night.alice)
    token = actions.reset_calendar(by=alice, site=night.site)
    held = Membership.objects.get(person=night.ann)
    end_membership(membership=held, by=actor_of(night.ada))
    with clock.held(NIGHT + timedelta(minutes=10)):
        now = clock.now()
        assert queries.on_call(night.site, now) == [[night.alice.pk]]
        [line] = tonight(alice, [night.site])
        assert (line.people, line.gap[0]) == ([], now)
        rota = queries.rota(alice, night.site, MONDAY)
        assert (rota.covered_hours, rota.ahead[0][0]) == (pytest.approx(70 / 60), now)
        client.force_login(night.alice)
        week = client.get(reverse("rota-site", args=["riverside"])).content.decode()
        assert "not of this site any more" in week
        book = client.get(reverse("calendar", args=[token])).content.decode()
        assert "DTSTART:20261120T230000Z\r\nDTEND:20261204" in book
