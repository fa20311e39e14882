"""Loading files: once, again, a later release, half of one; each row and each change is kept."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.incidents import actions, queries
from stoop.incidents.models import Batch, Incident, Row, Source, Version
from stoop.incidents.tests.factories import make_source
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.queries import events_after, waiting_duties
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db

HEAD = (
    "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,PRECINCT,STATISTICAL_MURDER_FLAG,VIC_SEX,Latitude,Longitude"
)
ROWS = [
    "101,01/05/2019,22:10,75,FALSE,M,40.6700,-73.8900",
    "102,07/05/2019,22:10,75,TRUE,M,40.6710,-73.8910",
    "102,07/05/2019,22:10,75,FALSE,F,40.6710,-73.8910",
    "103,12/31/2019,23:30,67,FALSE,M,40.6500,-73.9400",
    "104,01/02/2020,,67,FALSE,M,40.6510,-73.9410",
    "105,02/02/2020,10:00,67,,M,,",
]
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def city(settings):
    settings.TIME_ZONE = "America/New_York"
    make_area("precinct", "75", (-73.90, 40.66, -73.88, 40.68), valid_to=date(2019, 6, 1))
    make_area("precinct", "75E", (-73.90, 40.66, -73.88, 40.68), valid_from=date(2019, 6, 1))
    make_area("precinct", "67", (-73.95, 40.64, -73.93, 40.66))
    make_area("catchment", "east", (-73.91, 40.66, -73.88, 40.68))
    with clock.held(NOW):
        yield


@pytest.fixture
def source():
    return make_source("nypd", official=True)


@pytest.fixture
def load(source, tmp_path):
    def run(*rows, name="a.csv", head=HEAD, **more):
        path = tmp_path / name
        path.write_text("\n".join([head, *rows]) + "\n")
        return actions.import_batch(files=[path], source=source, by=SYSTEM, **more)

    return run


def one(ref):
    return Incident.objects.get(source_ref=ref)


def imported():
    return events_after(0, {"batch.imported"})


def counts(done):
    return done.added, done.changed, done.withdrawn, done.unchanged


def test_everything_that_a_row_says_is_kept(load, source):
    done = load(*ROWS)
    assert (done.rows, done.rejected, done.incidents) == (6, 0, 5)
    assert counts(done) == (5, 0, 0, 0)
    assert (done.first, done.last) == (date(2019, 1, 5), date(2020, 2, 2))
    two = one("102")
    assert two.occurred_at == datetime(2019, 7, 6, 2, 10, tzinfo=UTC), "summer time"
    assert one("101").occurred_at == datetime(2019, 1, 6, 3, 10, tzinfo=UTC), "winter time"
    assert (two.killed, two.hurt, two.published) == (1, 1, 2), "persons, persons, rows"
    assert (two.status, two.kind, two.version, two.source) == ("confirmed", "shooting", 1, source)
    assert (two.lon, two.lat, two.time_known) == (-73.891, 40.671, True)
    assert (two.reported_at, two.changed_at) == (NOW, NOW)
    said = [json.loads(row.said) for row in two.rows.order_by("line")]
    assert said[0] == ["102", "07/05/2019", "22:10", "75", "TRUE", "M", "40.6710", "-73.8910"]
    assert [row.line for row in two.rows.order_by("line")] == [2, 3]
    batch = Batch.objects.get()
    assert batch.read["header"] == HEAD.split(",")
    assert batch.finished_at == NOW


def test_places_are_those_of_the_day(load):
    load(*ROWS)
    assert one("101").areas == {"precinct": ["75"], "catchment": ["east"]}
    assert one("102").areas == {"precinct": ["75E"], "catchment": ["east"]}
    assert (one("101").area, one("102").area, one("103").area) == ("75", "75E", "67")


def test_what_is_not_known_is_not_made_up(load):
    load(*ROWS)
    no_time, no_point = one("104"), one("105")
    assert not no_time.time_known
    assert no_time.occurred_at == datetime(2020, 1, 2, 17, tzinfo=UTC), "noon of that day"
    assert (no_point.lon, no_point.lat) == (None, None)
    assert (no_point.area, no_point.areas) == ("67", {"precinct": ["67"]}), "as recorded"
    assert (no_point.killed, no_point.hurt) == (None, 1)


def test_nobody_counts_the_hurt_of_the_killed_alone(load):
    """And a shooting with an empty number of injured is none of those in which nobody was hit."""
    rows = ("1,2024-01-01,67,0,", "2,2024-01-02,67,2,", "3,2024-01-03,67,,4", "4,2024-01-04,67,0,0")
    load(*rows, head="INCIDENT_KEY,date,precinct,killed,injured")
    found = {at: (one(at).killed, one(at).hurt, one(at).kind) for at in "1234"}
    shooting, shots = Incident.Kind.SHOOTING, Incident.Kind.SHOTS
    assert found == {
        "1": (0, None, shooting), "2": (2, None, shooting), "3": (None, 4, shooting),
        "4": (0, 0, shots),
    }  # fmt: skip


def test_one_event_and_nobody_is_woken(load):
    load(*ROWS)
    (event,) = imported()
    assert event.subject == "source:nypd"
    assert {k: event.data[k] for k in ("rows", "rejected", "incidents", "added")} == {
        "rows": 6, "rejected": 0, "incidents": 5, "added": 5,
    }  # fmt: skip
    assert not [each for each in events_after(0) if each.kind.startswith("incident.")]
    assert not waiting_duties().exists()


def test_the_same_file_twice_says_so(load):
    load(*ROWS)
    again = load(*ROWS, name="copy.csv")
    assert again.known == {"copy.csv": Batch.objects.get().finished_at}
    assert again.report is None
    assert Batch.objects.count() == 1
    assert len(imported()) == 1


def test_other_bytes_with_the_same_content_change_nothing(load):
    load(*ROWS)
    before = list(Incident.objects.order_by("pk").values())
    head = HEAD + ",Zip"
    rows = [
        row.replace("/05/", "/5/").replace("FALSE", "false").replace("40.6700", "40.67000000004")
        + ",11207"
        for row in reversed(ROWS)
    ]
    done = load(*rows, name="b.csv", head=head)
    assert counts(done) == (0, 0, 0, 5)
    assert list(Incident.objects.order_by("pk").values()) == before
    assert Row.objects.count() == 6
    assert not Version.objects.exists()


def test_a_later_release_is_told_apart_and_kept(load):
    load(*ROWS)
    rows = [row for row in ROWS if not row.startswith("103")]
    rows[0] = rows[0].replace("FALSE", "TRUE").replace("40.6700", "40.6600001")
    rows.append("106,02/02/2020,10:00,67,FALSE,M,40.6510,-73.9410")
    with clock.held(NOW.replace(month=6)):
        done = load(*rows, name="b.csv")
    assert counts(done) == (1, 1, 1, 3)
    changed, gone = one("101"), one("103")
    assert (changed.version, changed.killed, changed.hurt, changed.status) == (2, 1, 0, "confirmed")
    first, second = changed.versions.order_by("number")
    assert (first.action, first.by, first.at) == ("report", "source:nypd", NOW)
    assert first.known["killed"] == 0
    assert (second.action, second.by, second.known["killed"]) == ("correct", "system", 1)
    assert second.why == f"batch:{Batch.objects.latest('pk').pk} b.csv"
    assert (gone.status, gone.version) == ("retracted", 2)
    assert [v.action for v in gone.versions.order_by("number")] == ["report", "withdraw"]
    kept = [(row.line, row.withdrawn_id is None) for row in changed.rows.order_by("pk")]
    assert kept == [(1, False), (1, True)]
    event = imported()[-1]
    assert event.data["changed"] == event.data["withdrawn"] == 1
    assert changed.seq == gone.seq == event.seq


def test_no_page_of_changes_ends_within_a_release(load):
    """All that a release changed has one number; a page that ended within it lost the rest."""
    load(*ROWS)
    with clock.held(NOW.replace(month=6)):
        load(*(row.replace("FALSE", "TRUE") for row in ROWS[:4]), *ROWS[4:], name="b.csv")
        page = queries.changed_after(SYSTEM, 0, limit=2)
    assert len(page.shown) == 3
    assert not page.more
    assert queries.changed_after(SYSTEM, page.next).shown == ()


@pytest.mark.only_postgresql
def test_a_release_ends_by_holding_its_incidents_before_the_ledger(load):
    """As whoever decides something of one of them does; else the two wait for each other."""
    load(*ROWS)
    with CaptureQueriesContext(connection) as asked:
        load(*ROWS[:3], *ROWS[4:], name="b.csv")
    said = [each["sql"] for each in asked.captured_queries]
    written = next(n for n, sql in enumerate(said) if "advisory" in sql)
    held = '"version" > 1'
    assert any(held in sql and "FOR NO KEY UPDATE" in sql for sql in said[:written])


def test_days_that_a_file_does_not_cover_say_nothing(load):
    load(*ROWS)
    done = load(ROWS[0], ROWS[3], name="early.csv", whole=True)
    assert done.withdrawn == 1, "only 102 lies between"
    assert one("104").status == one("105").status == "confirmed"
    assert one("102").status == "retracted"


def test_what_was_taken_back_can_come_again(load):
    load(*ROWS)
    load(*ROWS[:3], ROWS[4], ROWS[5], name="b.csv")
    assert one("103").status == "retracted"
    done = load(*ROWS)
    assert not done.known, "an old file is news after a later one changed something"
    assert (done.changed, one("103").status) == (1, "confirmed")
    assert [v.action for v in one("103").versions.order_by("number")][-1] == "restore"
    assert one("103").rows.filter(withdrawn=None).count() == 1


def test_what_people_set_right_stays_until_the_source_changes_it(load):
    load(*ROWS)
    said = one("101")
    actions.correct(incident=said, by=SYSTEM, why="seen by the team", version=1, hurt=3)
    with clock.held(NOW.replace(month=6)):
        assert counts(load(*ROWS, "", name="b.csv")) == (0, 0, 0, 5)
        assert one("101").hurt == 3
        rows = [ROWS[0].replace("40.6700", "40.6750"), *ROWS[1:]]
        assert load(*rows, name="c.csv").changed == 1
    held = one("101")
    assert (held.hurt, held.lat, held.version) == (3, 40.675, 3)
    retracted = actions.retract(incident=held, by=SYSTEM, why="no shooting", version=3)
    load(*ROWS, name="d.csv")
    assert one("101").status == retracted.status == "retracted", "a person's word, not the file's"


def test_a_release_that_takes_much_back_is_questioned(load):
    rows = [f"{at},03/03/2019,1:00,75,FALSE,M,40.67,-73.89" for at in range(1000, 1100)]
    load(*rows)
    with pytest.raises(Refusal, match="--part"):
        load(*rows[:50], name="half.csv")
    assert not Incident.objects.exclude(status="confirmed").exists()
    assert Batch.objects.count() == 1
    assert load(*rows[:50], name="half.csv", whole=False).withdrawn == 0
    assert load(*rows[:40], name="less.csv", whole=True).withdrawn == 60


def test_bad_rows_are_counted_with_their_reason_and_take_nothing_back(load):
    load(*ROWS)
    bad = ROWS[3].replace("12/31/2019", "12/32/2019")
    future = "200,06/01/2024,10:00,67,FALSE,M,40.6510,-73.9410"
    done = load(*ROWS[:3], bad, *ROWS[4:], future, name="b.csv")
    assert (done.rows, done.rejected, done.incidents) == (7, 2, 4)
    assert counts(done) == (0, 0, 0, 4)
    assert [(each.row, each.said, each.use) for each in done.rejects] == [
        (4, bad, "nothing"),
        (6, ROWS[5], "counts only"),
        (7, future, "nothing"),
    ]
    assert {each.kind for each in done.report.rejects if each.use == "nothing"} == {
        "date that no calendar has",
        "date in the future",
    }
    assert one("103").status == "confirmed", "its row is there, though it cannot be read"


def test_several_files_are_one_release(source, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("\n".join([HEAD, *ROWS[:4]]))
    second.write_text("\n".join([HEAD, *ROWS[4:]]))
    both = {"files": [first, second], "source": source, "by": SYSTEM}
    assert actions.import_batch(**both).added == 5
    assert [batch.counts["added"] for batch in Batch.objects.order_by("pk")] == [3, 2]
    assert list(actions.import_batch(**both).known) == ["a.csv", "b.csv"]
    assert counts(actions.import_batch(**{**both, "files": [second]})) == (0, 0, 0, 0)


def test_rows_without_numbers_are_known_again_by_what_they_say(load):
    head = HEAD.replace("INCIDENT_KEY,", "")
    rows = [row.partition(",")[2] for row in ROWS]
    load(*rows, head=head)
    assert counts(load(*reversed(rows), head=head, name="b.csv")) == (0, 0, 0, 5)


def test_a_number_that_stands_for_two_days_is_two_incidents(source, tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, year in zip(paths, (2018, 2019), strict=True):
        path.write_text(f"{HEAD}\n1,03/03/{year},1:00,75,FALSE,M,40.67,-73.89\n")
    done = actions.import_batch(files=paths, source=source, by=SYSTEM)
    assert done.added == 2
    refs = set(Incident.objects.values_list("source_ref", flat=True))
    assert refs == {"1", "1@2019-03-03"}


def test_a_source_that_is_not_official_waits_for_a_person(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEAD, *ROWS]))
    actions.import_batch(files=[path], source=make_source("tips"), by=SYSTEM)
    assert set(Incident.objects.values_list("status", flat=True)) == {"reported"}


def test_who_may_load(load, source, tmp_path, personas):
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEAD, *ROWS]))
    for person in (personas.alice, personas.carol, personas.ada, personas.eve, personas.nobody):
        with pytest.raises(Http404):
            actions.import_batch(files=[path], source=source, by=actor_of(person))
    assert actions.import_batch(files=[path], source=source, by=actor_of(personas.cass)).added == 5
    Source.objects.update(active=False)
    source.refresh_from_db()
    with pytest.raises(Refusal, match="switched off"):
        actions.import_batch(files=[path], source=source, by=SYSTEM)


def test_no_word_of_a_row_is_in_the_ledger(load):
    load(*ROWS)
    told = json.dumps([event.data for event in events_after(0)])
    assert "40.67" not in told
    assert "07/05/2019" not in told


def test_a_file_that_cannot_be_used_changes_nothing(load, source, tmp_path):
    with pytest.raises(Refusal):
        actions.import_batch(files=[tmp_path / "none.csv"], source=source, by=SYSTEM)
    with pytest.raises(Refusal):
        load("1,2", head="a,b")
    assert not Batch.objects.exists()


def test_a_source_that_numbers_anew_each_year_loses_no_year(load):
    """Year by year, both at once, in any order: two incidents, and nothing moves."""
    rows = {
        year: [f"{at},03/{at:02}/{year},1:00,75,FALSE,M,40.67,-73.89" for at in range(1, 5)]
        for year in (2018, 2019)
    }
    assert counts(load(*rows[2019], name="b.csv")) == (4, 0, 0, 0)
    assert counts(load(*rows[2018], name="a.csv")) == (4, 0, 0, 0)
    assert one("1").occurred_at.year == 2019
    assert one("1@2018-03-01").occurred_at.year == 2018
    for year in rows:
        changed = [*rows[year], f"9{year},03/03/{year},1:00,75,FALSE,M,40.67,-73.89"]
        assert counts(load(*changed, name=f"{year}.csv")) == (1, 0, 0, 4)
    moved = [row.replace("03/04", "03/24") for row in rows[2018]]
    done = load(*moved, name="c.csv", whole=False)
    assert counts(done) == (0, 1, 0, 3), "a date that was corrected by some days"
    assert Incident.objects.count() == 10


def test_files_that_number_alike_may_come_together_after_they_came_apart(load, source, tmp_path):
    paths = [tmp_path / f"{year}.csv" for year in (2018, 2019)]
    for path in paths:
        rows = [f"{at},03/{at:02}/{path.stem},1:00,75,FALSE,M,40.67,-73.89" for at in (1, 2)]
        path.write_text("\n".join([HEAD, *rows]))
    load(*paths[1].read_text().splitlines()[1:], "", name="copy.csv")
    done = actions.import_batch(files=paths, source=source, by=SYSTEM)
    assert counts(done) == (2, 0, 0, 2)
    assert one("1").occurred_at.year == 2019


def moved(ref, day, **more):
    held = one(ref)
    at = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    actions.correct(incident=held, by=SYSTEM, why="A slip.", version=1, occurred_at=at, **more)


def test_a_day_that_people_set_right_is_not_what_a_release_covers(load):
    first = [
        "1,03/31/2023,22:10,75,FALSE,M,40.6700,-73.8900",
        "2,03/01/2023,22:10,75,FALSE,M,40.6700,-73.8900",
        "3,03/30/2023,22:10,75,FALSE,M,40.6700,-73.8900",
    ]
    load(*first)
    moved("1", "2023-04-02")
    moved("2", "2023-02-27")
    second = [
        "4,04/01/2023,22:10,75,FALSE,M,40.6700,-73.8900",
        "5,06/30/2023,22:10,75,FALSE,M,40.6700,-73.8900",
    ]
    assert counts(load(*second, name="second.csv")) == (2, 0, 0, 0), "of April, and said of March"
    early = "6,03/01/2023,09:00,75,FALSE,M,40.6700,-73.8900"
    assert counts(load(early, first[0], first[2], name="march.csv")) == (1, 0, 1, 2)
    assert one("2").status == "retracted", "said of March, and March lacks it now"


def test_a_row_that_cannot_be_used_takes_back_no_number_used_twice(load):
    at = "22:10,75,FALSE,M,40.6700,-73.8900"
    load(f"1,03/05/2022,{at}", f"2,03/07/2022,{at}")
    rest = [f"2,03/06/2023,{at}", f"3,03/01/2023,{at}", f"4,03/30/2023,{at}"]
    load(f"1,03/05/2023,{at}", *rest, name="b.csv")
    assert counts(load(f"1,some day,{at}", *rest, name="c.csv")) == (0, 0, 0, 3)


def test_keys_tell_nothing_of_the_order_in_time(load):
    load(*(f"{n},03/05/2023,{n:02d}:10,75,FALSE,M,40.6700,-73.8900" for n in range(24)))
    keys = list(Incident.objects.order_by("occurred_at").values_list("key", flat=True))
    assert keys != sorted(keys)
