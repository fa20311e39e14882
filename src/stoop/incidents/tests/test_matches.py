"""Which live report is which row of record: proposed with reasons, decided by a person."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.incidents import actions, queries
from stoop.incidents.models import Match
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger

pytestmark = pytest.mark.django_db
LATER = EVENING + timedelta(days=100)


@pytest.fixture(autouse=True)
def _now():
    with clock.held(LATER):
        yield


def live(**more):
    return make_incident(**{"lon": -73.9, "lat": 40.7, **more})


def official(**more):
    source = make_source("open-data", official=True)
    given = {"source": source, "confirmed": False, "lon": -73.9, "lat": 40.7, "killed": 0}
    return make_incident(**{**given, **more})


def test_a_pair_is_proposed_once_with_plain_reasons(personas):
    report = live(hurt=2)
    row = official(lat=40.7009, occurred_at=EVENING + timedelta(minutes=20))
    assert actions.propose_matches(by=SYSTEM) == 1
    pair = Match.objects.get()
    assert (pair.live_id, pair.official_id) == (report.pk, row.pk)
    assert pair.reasons == {"metres": 100, "minutes": 20, "live": 2, "official": 1}
    assert actions.propose_matches(by=SYSTEM) == 0


@pytest.mark.parametrize(
    "row",
    [
        {"lat": 40.7040},
        {"occurred_at": EVENING + timedelta(hours=4)},
        {"lon": None, "lat": None},
        {"occurred_at": EVENING - timedelta(days=3), "time_known": False},
        # Two days later, though only 24 hours and 20 minutes: a feed has such rows at midnight.
        {"occurred_at": EVENING + timedelta(hours=24, minutes=20), "time_known": False},
    ],
)
def test_what_lies_apart_is_not_proposed(row):
    live()
    official(**row)
    assert actions.propose_matches(by=SYSTEM) == 0


def test_a_row_without_a_time_of_day_is_compared_by_its_day():
    live()
    official(occurred_at=EVENING - timedelta(hours=23), time_known=False)
    assert actions.propose_matches(by=SYSTEM) == 1
    assert Match.objects.get().reasons["minutes"] is None


def test_two_live_reports_are_no_pair():
    live()
    live(source=make_source("other"))
    assert actions.propose_matches(by=SYSTEM) == 0


def test_the_same_joins_them_and_disturbs_nobody(personas):
    cass = actor_of(personas.cass)
    report, row = live(), official()
    official(lat=40.7005)
    actions.propose_matches(by=SYSTEM)
    pair = Match.objects.get(official=row)
    for _ in range(2):
        actions.decide_match(match=pair, same=True, by=cass)
    report.refresh_from_db()
    assert (report.status, report.merged_into_id, report.version) == ("merged", row.pk, 2)
    (merged,) = [e for e in ledger.timeline(f"incident:{report.key}") if e.kind.endswith("merged")]
    assert merged.data == {"version": 2, "into": str(row.key), "quiet": True}
    assert [e.kind for e in ledger.timeline(f"incident:{row.key}")] == ["incident.published"]
    assert not queries.matches(cass).exists(), "what else was proposed for it waits no more"
    with pytest.raises(Refusal, match="decided this pair otherwise"):
        actions.decide_match(match=pair, same=False, by=cass)


def test_a_match_taken_back_leaves_its_other_rows_to_be_decided(personas):
    cass = actor_of(personas.cass)
    report, row = live(), official()
    other = official(lat=40.7005)
    actions.propose_matches(by=SYSTEM)
    actions.decide_match(match=Match.objects.get(official=row), same=True, by=cass)
    actions.restore(incident=report, by=SYSTEM, why="The other row it is.", version=2)
    third = official(lat=40.7008)
    actions.propose_matches(by=SYSTEM)
    found = queries.matches(cass).values_list("official", flat=True)
    assert set(found) == {other.pk, third.pk}


def test_different_is_never_proposed_again(personas):
    report, _row = live(), official()
    actions.propose_matches(by=SYSTEM)
    actions.decide_match(match=Match.objects.get(), same=False, by=actor_of(personas.cass))
    report.refresh_from_db()
    assert report.status == "confirmed"
    assert actions.propose_matches(by=SYSTEM) == 0
    assert not queries.matches(actor_of(personas.cass)).exists()


def test_deciding_is_the_analysts(personas):
    live()
    official()
    actions.propose_matches(by=SYSTEM)
    with pytest.raises(Http404):
        actions.decide_match(match=Match.objects.get(), same=True, by=actor_of(personas.carol))


def test_side_by_side(client, personas, django_assert_max_num_queries):
    for number in range(8):
        live(lat=40.7 + number / 100)
        official(lat=40.7 + number / 100 + 0.0005)
    actions.propose_matches(by=SYSTEM)
    client.force_login(personas.cass)
    client.get(reverse("matches"))
    with django_assert_max_num_queries(9):
        page = client.get(reverse("matches")).content.decode()
    assert page.count("The same shooting</button>") == 8
    assert "56 metres apart" in page
    assert "1 hit in both" in page
    pair = Match.objects.first()
    client.post(reverse("match-decide", args=[pair.pk]), {"same": "yes"})
    pair.refresh_from_db()
    assert pair.state == "same"
    for said in ({}, {"same": "maybe"}):
        assert client.post(reverse("match-decide", args=[pair.pk]), said).status_code == 404
    assert client.post(reverse("match-decide", args=[10**12]), {"same": "no"}).status_code == 404
    assert client.get(reverse("match-decide", args=[pair.pk])).status_code == 405


def test_the_analyst_looks_for_pairs(client, personas):
    live()
    official()
    client.force_login(personas.cass)
    assert "No pair waits" in client.get(reverse("matches")).content.decode()
    page = client.post(reverse("matches-look"), follow=True).content.decode()
    assert "1 new pair to look at" in page
