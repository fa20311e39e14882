"""Asking an endpoint that misbehaves: nothing is lost, nothing doubled, and it is told."""

from datetime import timedelta

import pytest
import shapely

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import actions, queries
from stoop.incidents.models import Batch, Incident, Row
from stoop.incidents.readers import endpoints
from stoop.incidents.tests.endpoint import serving
from stoop.incidents.tests.factories import EVENING, make_source
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db
NOW = EVENING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOW):
        yield


@pytest.fixture
def endpoint():
    with serving() as made:
        yield made


def feed(endpoint, code="open", page=None, **more):
    source = make_source(code, **more)
    actions.set_feed(source=source, by=SYSTEM, url=endpoint.url, minutes=5)
    if page:
        source.feed["page"] = page
        source.save()
    return source


def row(number, key=None, *, updated="2026-11-20T23:50:00.000Z", fatal="false", **more):
    return {
        ":id": f"row-{number}",
        ":updated_at": updated,
        "incident_key": str(key or number),
        "occur_date": "2026-11-20T00:00:00.000",
        "occur_time": f"23:{number % 40:02d}:00",
        "latitude": f"40.7{number:03d}",
        "longitude": "-73.9",
        "statistical_murder_flag": fatal,
        **more,
    }


class Waits(list):
    def __call__(self, seconds):
        self.append(seconds)


def poll(source, **more):
    waits = Waits()
    source.refresh_from_db()
    done = actions.poll(source=source, by=SYSTEM, wait=waits, **more)
    source.refresh_from_db()
    return done, waits


def test_rows_become_incidents_once(endpoint):
    endpoint.rows = [row(1, block="123 Main St"), row(2, fatal="true")]
    source = feed(endpoint)
    done, _ = poll(source)
    assert (done.rows, done.added, done.whole) == (2, 2, True)
    one, other = Incident.objects.order_by("source_ref")
    assert (one.killed, one.hurt, one.block, one.status) == (
        0, 1, "100 block of Main St", "reported",
    )  # fmt: skip
    assert (other.killed, other.hurt) == (1, 0)
    assert one.occurred_at.isoformat() == "2026-11-20T23:01:00+00:00"
    done, _ = poll(source)
    assert (done.added, done.changed, done.same) == (0, 0, 2)
    assert Row.objects.count() == 2
    assert Batch.objects.count() == 1


def test_rows_of_one_incident_are_counted_together_when_only_one_changed(endpoint):
    endpoint.rows = [row(1, 77), row(2, 77), row(3, 77)]
    source = feed(endpoint)
    poll(source)
    held = Incident.objects.get()
    assert (held.killed, held.hurt, held.published) == (0, 3, 3)
    endpoint.rows[1] = row(2, 77, fatal="true", updated="2026-11-21T00:10:00.000Z")
    done, _ = poll(source)
    held.refresh_from_db()
    assert (done.changed, held.killed, held.hurt, held.version) == (1, 1, 2, 2)


def test_rows_are_those_that_the_endpoint_has_now(endpoint):
    endpoint.rows = [row(1, 77)]
    source = feed(endpoint, official=True)
    poll(source)
    endpoint.rows = [row(1, 77, fatal="true", updated="2026-11-21T00:10:00.000Z", perp_sex="M")]
    poll(source)
    held = Incident.objects.get()
    assert (held.version, held.published, Row.objects.filter(withdrawn=None).count()) == (2, 1, 1)
    # One victim, told twice: another description of who shot.
    endpoint.rows.append({**endpoint.rows[0], ":id": "row-2", "perp_sex": "F"})
    poll(source)
    held.refresh_from_db()
    assert (held.version, held.published, Row.objects.filter(withdrawn=None).count()) == (2, 2, 2)
    done, _ = poll(source)
    assert (done.same, Row.objects.count()) == (1, 4)


def test_a_number_with_odd_blanks_is_one_incident(endpoint):
    endpoint.rows = [row(1, "A  77")]
    source = feed(endpoint)
    poll(source)
    done, _ = poll(source)
    assert (done.added, done.same, Row.objects.count()) == (0, 1, 1)


def test_a_cursor_asks_only_for_what_is_new_with_an_overlap(endpoint):
    endpoint.rows = [row(1)]
    source = feed(endpoint)
    poll(source)
    poll(source)
    asked = [each["$where"] for each in endpoint.asked if ">=" in each.get("$where", "")]
    assert asked == [
        ":updated_at >= '2026-11-20T00:40:00.000Z'",
        ":updated_at >= '2026-11-20T23:40:00.000Z'",
    ]


def test_rows_of_record_are_asked_from_the_beginning(endpoint):
    endpoint.rows = [row(1, updated="2009-01-01T00:00:00.000Z", occur_date="2008-05-05")]
    poll(feed(endpoint, official=True))
    held = Incident.objects.get()
    assert held.status == "confirmed"
    assert [e.kind for e in ledger.timeline(f"incident:{held.key}")] == ["incident.published"]


def minute(n):
    return f"2026-11-20T23:{n:02d}:00.000Z"


def test_pages_in_a_stable_order_and_repeats_across_them_count_once(endpoint):
    endpoint.rows = [row(n, updated=minute(n)) for n in range(1, 26)]
    endpoint.mischief = ["", "", "overlap"]
    done, _ = poll(feed(endpoint, page=10))
    assert (done.pages, done.added, done.whole) == (3, 25, True)
    assert {each["$order"] for each in endpoint.asked} == {":updated_at,:id", ":id"}


def test_rows_of_one_release_are_paged_by_their_number(endpoint):
    endpoint.rows = [row(n) for n in range(1, 26)]
    done, _ = poll(feed(endpoint, page=10))
    assert (done.added, done.whole) == (25, True)
    assert [each["$offset"] for each in endpoint.asked if ">=" in each["$where"]] == [
        "0", "0", "10", "20",
    ]  # fmt: skip


def test_a_correction_among_many_rows_of_one_moment_is_found_by_the_next_poll(endpoint):
    endpoint.rows = [row(n) for n in range(1, 21)]  # two whole pages, and nothing on the third
    source = feed(endpoint, page=10)
    poll(source)
    endpoint.rows[3] = row(4, updated="2026-11-21T00:10:00.000Z", fatal="true")
    done, _ = poll(source)
    assert done.changed == 1


@pytest.mark.parametrize("zone", ["", "Z"])
def test_a_slip_of_the_year_hides_nothing_that_comes_after_it(endpoint, zone):
    source = make_source("open")
    said = {"url": endpoint.url, "cursor_column": "seen_on"}
    actions.set_feed(source=source, by=SYSTEM, **said)
    endpoint.rows = [row(1, seen_on=f"2062-11-20T23:00:00.000{zone}")]
    poll(source)
    assert source.cursor == f'{{"since": "2026-11-21T00:30:00.000{zone}", "offset": 0}}'
    endpoint.rows.append(row(2, seen_on=f"2026-11-21T00:35:00.000{zone}"))
    poll(source)
    endpoint.rows.append(row(3, seen_on=f"2026-11-21T00:36:00.000{zone}"))
    poll(source)
    assert Incident.objects.count() == 3


def test_a_row_that_changes_between_two_pages_hides_no_other(endpoint):
    endpoint.rows = [row(n, updated=minute(n)) for n in range(1, 26)]
    endpoint.mischief = ["shift"]
    poll(feed(endpoint, page=10))
    assert Incident.objects.count() == 25


@pytest.mark.parametrize("how", ["500", "503", "429", "cut", "half"])
def test_trouble_that_passes_is_asked_again(endpoint, how):
    endpoint.rows = [row(1)]
    endpoint.mischief = [how, how]
    done, waits = poll(feed(endpoint))
    assert done.added == 1
    assert waits == ([2.0, 3.0] if how.isdigit() else [1.0, 3.0])


def test_trouble_that_stays_is_told_and_nothing_is_lost(endpoint):
    endpoint.rows = [row(n) for n in range(1, 16)]
    endpoint.mischief = ["", "", *["500"] * 9]
    source = feed(endpoint, page=10)
    with pytest.raises(Refusal, match="status 500"):
        poll(source)
    source.refresh_from_db()
    assert (source.failures, "500" in source.poll_error) == (1, True)
    assert Incident.objects.count() == 10
    endpoint.mischief = []
    done, _ = poll(source)
    assert (Incident.objects.count(), done.added, source.failures) == (15, 5, 0)
    assert source.poll_error == ""


@pytest.mark.parametrize(
    ("how", "told"),
    [("301", "has moved"), ("404", "refuses the question"), ("wrong", "no list of rows")],
)
def test_what_does_not_pass_is_not_asked_again(endpoint, how, told):
    endpoint.mischief = [how]
    with pytest.raises(Refusal, match=told):
        poll(feed(endpoint))
    assert len(endpoint.asked) == 1


def test_a_slow_endpoint_is_left(endpoint, monkeypatch):
    monkeypatch.setattr(endpoints, "REQUEST_S", 0.1)
    endpoint.mischief = ["slow"] * 4
    with pytest.raises(Refusal, match="in time"):
        poll(feed(endpoint))


@pytest.mark.parametrize("how", ["drips headers", "drips body"])
def test_an_endpoint_that_drips_is_left_when_the_time_is_over(endpoint, how):
    """It is never silent, so no pause between two bytes is too long; the whole is."""
    endpoint.rows = [row(1)]
    source = feed(endpoint)
    endpoint.mischief = [how]
    with pytest.raises(Refusal, match="too slow"):
        poll(source, for_s=1)
    assert endpoint.dripped > 1
    assert len(endpoint.asked) == 1
    source.refresh_from_db()
    assert (source.failures, "too slow" in source.poll_error) == (1, True)
    assert poll(source)[0].added == 1


def test_a_poll_without_time_goes_on_next_time(endpoint):
    endpoint.rows = [row(n) for n in range(1, 16)]
    source = feed(endpoint, page=10)
    done, _ = poll(source, for_s=0)
    assert (done.pages, done.whole) == (0, False)
    done, _ = poll(source)
    assert (done.added, done.whole) == (15, True)


def test_too_much_is_not_read(endpoint, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_BYTES", 100)
    endpoint.rows = [row(1)]
    with pytest.raises(Refusal, match="more than a page"):
        poll(feed(endpoint))


def test_gzip_is_understood(endpoint):
    endpoint.rows = [row(1)]
    endpoint.mischief = ["gzip"]
    assert poll(feed(endpoint))[0].added == 1


def test_what_is_packed_twice_is_not_unpacked(endpoint):
    """Of eight hundred bytes packed twice, gigabytes would come out at once."""
    endpoint.rows = [row(1)]
    endpoint.mischief = ["gzip, gzip"] * 4
    with pytest.raises(Refusal, match="was not asked for"):
        poll(feed(endpoint))


def test_late_corrections_are_versions_that_people_hear_of(endpoint):
    endpoint.rows = [row(1)]
    source = feed(endpoint, confirms=True)
    poll(source)
    endpoint.rows = [row(1, updated="2026-11-21T00:20:00.000Z", latitude="40.711")]
    poll(source)
    held = Incident.objects.get()
    assert (held.version, held.lat) == (2, 40.711)
    kinds = [event.kind for event in ledger.timeline(f"incident:{held.key}")]
    assert kinds == ["incident.reported", "incident.confirmed", "incident.corrected"]


def test_old_news_wakes_nobody(endpoint):
    endpoint.rows = [row(1, occur_date="2026-10-01T00:00:00.000")]
    poll(feed(endpoint, confirms=True))
    assert Incident.objects.get().status == "reported"


def test_bad_rows_are_counted_with_their_reason(endpoint):
    endpoint.rows = [
        row(1),
        row(2, occur_date="no day"),
        row(3, occur_date="2031-01-01T00:00:00.000"),
        row(4, incident_key=""),
        row(5, occur_date=None),
    ]
    done, _ = poll(feed(endpoint))
    assert done.added == 1
    assert done.rejected.total() == 4
    assert any("future" in reason for reason in done.rejected)


def test_what_was_left_out_stands_with_the_source(endpoint, client, personas):
    endpoint.rows = [row(1), row(2, occur_date="2031-01-01T00:00:00.000")]
    source = feed(endpoint)
    poll(source)
    [(reason, rows)] = source.left_out.items()
    assert (rows, "future" in reason, source.left_out_at) == (1, True, NOW)
    endpoint.rows = [row(3, updated="2026-11-21T00:30:00.000Z")]
    poll(source)
    assert source.left_out == {reason: 1}, "a later poll does not hide it"
    client.force_login(personas.ada)
    assert f"<li>1: {reason}</li>" in client.get("/sources/open/").content.decode()


def placeless(number, **more):
    return {k: v for k, v in row(number, **more).items() if k not in ("latitude", "longitude")}


@pytest.mark.parametrize("confirms", [False, True])
def test_a_row_without_a_place_waits_for_a_person(endpoint, confirms):
    """An endpoint leaves out what is empty: later pages may not even have the columns."""
    endpoint.rows = [row(1)]
    source = feed(endpoint, confirms=confirms)
    poll(source)
    endpoint.rows = [placeless(2, updated="2026-11-21T00:30:00.000Z")]
    done, _ = poll(source)
    assert (done.added, done.rejected.total()) == (1, 0)
    held = Incident.objects.get(source_ref="2")
    assert (held.lon, held.lat, held.block, held.hurt) == (None, None, "", 1)
    # A source that confirms by itself wakes the desk, for no catchment holds it.
    assert held.status == ("confirmed" if confirms else "reported")
    assert (held in queries.waiting(SYSTEM)) is not confirms
    # With its place it is mended.
    endpoint.rows = [row(2, updated="2026-11-21T00:40:00.000Z")]
    poll(source)
    held.refresh_from_db()
    assert (held.version, held.lat) == (2, 40.7002)


def test_a_row_outside_the_city_waits_too(endpoint):
    make_area("city", "1", shapely.box(-74.3, 40.4, -73.6, 41.0))
    endpoint.rows = [row(1), row(2, latitude="48.85", longitude="2.35")]
    done, _ = poll(feed(endpoint))
    assert (done.added, done.rejected.total()) == (2, 0)
    assert Incident.objects.get(source_ref="2").lon is None


def test_a_row_that_has_lost_its_place_moves_nothing(endpoint):
    endpoint.rows = [row(1)]
    source = feed(endpoint, confirms=True)
    poll(source)
    endpoint.rows = [placeless(1, updated="2026-11-21T00:30:00.000Z", fatal="true")]
    poll(source)
    held = Incident.objects.get()
    assert (held.version, held.lat, held.killed) == (2, 40.7001, 1)


def test_rows_without_a_number_are_refused_with_the_remedy(endpoint):
    endpoint.rows = [{k: v for k, v in row(1).items() if k != "incident_key"}]
    with pytest.raises(Refusal, match="incident=NAME"):
        poll(feed(endpoint))


def test_who_is_due_is_asked_and_one_failure_stops_no_other(endpoint):
    endpoint.rows = [row(1)]
    feed(endpoint, "a")
    broken = make_source("b")
    actions.set_feed(source=broken, by=SYSTEM, url="http://127.0.0.1:9/x.json", minutes=5)
    assert actions.poll_due(wait=Waits()) == 2
    assert Incident.objects.count() == 1
    broken.refresh_from_db()
    assert "connection" in broken.poll_error
    assert actions.poll_due(wait=Waits()) == 0
    with clock.held(NOW + timedelta(minutes=6)):
        assert actions.poll_due(wait=Waits()) == 1
    with clock.held(NOW + timedelta(minutes=12)):
        assert actions.poll_due(wait=Waits()) == 2


def test_a_name_that_leads_inside_is_not_asked():
    for url in ("https://10.1.2.3/x.json", "https://192.168.0.9/x", "https://0.0.0.0/x"):
        with pytest.raises(Refusal, match="private network"):
            endpoints.checked(url)
    endpoints.checked("https://10.1.2.3/x.json", frozenset({"10.1.2.3"}))


def test_rows_of_record_propose_their_matches(endpoint):
    from stoop.incidents.models import Match
    from stoop.incidents.tests.factories import make_incident

    make_incident(lon=-73.9, lat=40.701, occurred_at=EVENING - timedelta(minutes=30))
    endpoint.rows = [row(1)]
    poll(feed(endpoint, official=True))
    assert Match.objects.count() == 1
