"""The calendar feed, read by icalendar's parser, and byte by byte as RFC 5545 asks for it."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.urls import reverse

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import actor_of
from stoop.accounts.tests.factories import Membership
from stoop.fieldwork import actions
from stoop.fieldwork.models import Calendar
from stoop.fieldwork.tests.factories import NIGHT, shift
from stoop.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(personas):
    with clock.held(NIGHT):
        yield personas


def feed(client, token):
    answer = client.get(reverse("calendar", args=[token]))
    assert answer.status_code == 200
    return answer


def test_a_person_sees_only_their_own_times_and_nobodys_name(client, night):
    mine = shift(night.site, night.ann, NIGHT, covers=night.alice)
    shift(night.site, night.alice, NIGHT + timedelta(hours=12))
    answer = feed(client, actions.reset_calendar(by=actor_of(night.ann)))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    book = icalendar.Calendar.from_ical(answer.content)
    assert not [part.errors for part in book.walk() if part.errors]
    events = list(book.walk("VEVENT"))
    assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in events] == [
        (mine.starts, mine.ends)
    ]
    text = answer.content.decode()
    for name in ("Ann", "Alice", "@example"):
        assert name not in text
    assert "On call at Riverside\\, first" in text


def test_a_site_says_when_nobody_is_on_call(client, night):
    shift(night.site, night.ann, NIGHT.replace(hour=23, minute=0), hours=9)
    token = actions.reset_calendar(by=actor_of(night.alice), site=night.site)
    book = icalendar.Calendar.from_ical(feed(client, token).content)
    titles = [str(event["summary"]) for event in book.walk("VEVENT")]
    assert titles == ["On call at Riverside, first", "Nobody on call at Riverside"]
    last = list(book.walk("VEVENT"))[-1]
    assert last.decoded("dtstart") == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_gap_that_is_partly_filled_replaces_what_a_program_has(client, night):
    """The same event (UID) with another end: a program keeps the one with the later DTSTAMP."""
    ends = shift(night.site, night.ann, NIGHT.replace(minute=0), hours=9).ends
    token = actions.reset_calendar(by=actor_of(night.alice), site=night.site)

    def gap():
        book = icalendar.Calendar.from_ical(feed(client, token).content)
        return next(each for each in book.walk("VEVENT") if "Nobody" in each["summary"])

    before = gap()
    with clock.held(NIGHT + timedelta(minutes=5)):
        shift(night.site, night.alice, ends + timedelta(hours=3), hours=3)
        after = gap()
    assert before["uid"] == after["uid"]
    assert after.decoded("dtend") < before.decoded("dtend")
    assert before.decoded("dtstamp") == NIGHT < after.decoded("dtstamp")


def test_each_line_is_as_the_standard_asks(client, night):
    """icalendar wrote it and might read back its own mistake, so here nothing of it is used: lines
    are folded at 75 bytes, end in CRLF, and each event has what RFC 5545 asks for."""
    shift(night.site, night.ann, NIGHT)
    night.site.name = "Überseeviertel, Grünstraße; 中文 und noch mehr Wörter für eine lange Zeile"
    night.site.save()
    raw = feed(client, actions.reset_calendar(by=actor_of(night.ann))).content
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    lines = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2] == "END:VCALENDAR"
    names = [line.split(":")[0].split(";")[0] for line in lines]
    for name in ("VERSION", "PRODID", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"):
        assert name in names
    assert "DTSTART:20261120T234000Z" in lines
    assert any("Grünstraße\\; 中文" in line for line in lines)


def test_a_new_address_ends_the_old_one(client, night):
    ann = actor_of(night.ann)
    old, new = actions.reset_calendar(by=ann), actions.reset_calendar(by=ann)
    assert client.get(reverse("calendar", args=[old])).status_code == 404
    assert feed(client, new)
    assert Calendar.objects.count() == 1


def test_the_address_of_whose_role_has_ended_is_dead(client, night):
    shift(night.site, night.ann, NIGHT)
    token = actions.reset_calendar(by=actor_of(night.ann))
    assert feed(client, token)
    held = Membership.objects.get(person=night.ann)
    accounts.end_membership(membership=held, by=actor_of(night.alice))
    assert client.get(reverse("calendar", args=[token])).status_code == 404


def test_the_address_of_a_site_ends_with_the_role_of_who_made_it(client, night):
    token = actions.reset_calendar(by=actor_of(night.alice), site=night.site)
    assert feed(client, token)
    client.force_login(night.alice)
    page = client.get(reverse("rota-site", args=["riverside"])).content.decode()
    assert "Made by <bdi>Alice</bdi>" in page
    assert "works no more" not in page
    held = Membership.objects.get(person=night.alice)
    Membership.objects.create(
        person=night.ann,
        organization=held.organization,
        site=held.site,
        role=held.role,
        since=held.since,
    )
    accounts.end_membership(membership=held, by=actor_of(night.ada))
    assert client.get(reverse("calendar", args=[token])).status_code == 404
    client.force_login(night.ann)
    page = client.get(reverse("rota-site", args=["riverside"])).content.decode()
    assert "Made by <bdi>Alice</bdi>" in page
    assert "works no more" in page
    # Leading another site is not enough.
    Calendar.objects.update(made_by=night.bob)
    assert client.get(reverse("calendar", args=[token])).status_code == 404


def test_an_address_is_ended_by_hand(client, night):
    own = actions.reset_calendar(by=actor_of(night.ann))
    of_site = actions.reset_calendar(by=actor_of(night.alice), site=night.site)
    for who, said, status in (
        (night.bob, {"site": "riverside"}, 404),
        (night.ann, {"site": "riverside"}, 404),
        (night.bob, {}, 302),  # his own, of which there is none
    ):
        client.force_login(who)
        assert client.post(reverse("calendar-end"), said).status_code == status
    assert feed(client, own)
    assert feed(client, of_site)
    client.force_login(night.ann)
    client.post(reverse("calendar-end"))
    assert client.get(reverse("calendar", args=[own])).status_code == 404
    client.force_login(night.alice)
    client.post(reverse("calendar-end"), {"site": "riverside"})
    assert client.get(reverse("calendar", args=[of_site])).status_code == 404
    assert Calendar.objects.count() == 0


def test_the_token_is_not_kept(client, night):
    token = actions.reset_calendar(by=actor_of(night.ann))
    kept = Calendar.objects.get().token
    assert kept != token
    assert len(token) >= 32
    assert len(kept) == 64


def test_wrong_tokens_are_not_found(client, night):
    actions.reset_calendar(by=actor_of(night.ann))
    for token in ("x", "a" * 500, Calendar.objects.get().token):
        assert client.get(reverse("calendar", args=[token])).status_code == 404


def test_the_page_shows_the_address_once_and_is_not_kept(client, night):
    client.force_login(night.alice)
    answer = client.post(reverse("calendar-reset"), {"site": "riverside"})
    assert answer["Cache-Control"] == "no-store"
    assert "/calendar/" in answer.content.decode()
    client.force_login(night.ann)
    assert client.post(reverse("calendar-reset"), {"site": "riverside"}).status_code == 404
    assert client.post(reverse("calendar-reset"), {"site": "hillside"}).status_code == 404
