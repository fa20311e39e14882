"""Each version has its reason, whichever action made it."""

from datetime import timedelta

import pytest

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.incidents import actions, queries
from stoop.incidents.models import Incident, Match, Version
from stoop.incidents.tests.endpoint import serving
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.queries import events_after

pytestmark = pytest.mark.django_db

# What makes no version; every other action has to be gone through below.
NONE = {
    *("Difference", "Loaded", "Polled", "Stale", "block_face", "checked"),
    *("add_source", "desk", "issue_key", "set_feed", "set_limit", "switch_source"),
    *("place_again", "place_where_moved", "propose_matches", "poll_due", "poll_source"),
}
ROW = {
    ":id": "row-1",
    ":updated_at": "2026-11-20T23:50:00.000Z",
    "incident_key": "1",
    "occur_date": "2026-11-20T00:00:00.000",
    "occur_time": "23:10:00",
    "latitude": "40.7001",
    "longitude": "-73.9",
    "statistical_murder_flag": "false",
}
# Of two rows the next release says one otherwise and has the other no longer.
RELEASES = (["1,01/05/2019,22:10,75,N", "2,01/06/2019,22:10,75,N"], ["1,01/05/2019,22:10,75,Y"])


@pytest.fixture(autouse=True)
def _later():
    with clock.held(EVENING + timedelta(minutes=30)):
        yield


@pytest.fixture
def acts(personas, tmp_path):
    """What to do for each action: all that a person or a source may leave out is left out."""
    carol = actor_of(personas.carol)

    def wait(**more):
        return make_incident(confirmed=False, **more)

    def report():
        said = {"occurred_at": EVENING, "lon": None, "lat": None, "block": "Elm & Oak"}
        said |= {"source": make_source(), "by": SYSTEM}
        actions.report(**said, source_ref="1")
        actions.report(**said, source_ref="1", hurt=2)
        actions.report(**{**said, "lon": 2.35, "lat": 48.85}, source_ref="1", hurt=2)
        desk = {**said, "source": actions.desk(), "by": carol, "why": "The police say so"}
        actions.report(**desk, source_ref="2")
        actions.report(**desk, source_ref="2", hurt=1)

    def withdraw():
        held = wait()
        actions.withdraw(source=held.source, source_ref=held.source_ref, by=SYSTEM)

    def tell():
        source = make_source("strict", confirms=True, most_an_hour=1)
        said = {"source": source, "source_ref": "1", "confirmed": False}
        make_incident(**said)
        actions.tell(incident=make_incident(**said, hurt=3), by=carol, version=2)

    def restore():
        held = actions.retract(incident=wait(), by=carol, why="a car", version=1)
        actions.restore(incident=held, by=carol, why="a call", version=2)

    def decide_match():
        record = make_source("record", official=True)
        where = {"lon": -73.9, "lat": 40.7}
        live, row = make_incident(**where), make_incident(source=record, confirmed=False, **where)
        with clock.held(EVENING + timedelta(days=100)):
            actions.propose_matches(by=SYSTEM)
            match = Match.objects.get(live=live, official=row)
            actions.decide_match(match=match, same=True, by=actor_of(personas.cass))

    def import_batch():
        source = make_source("published", official=True)
        head = "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,PRECINCT,STATISTICAL_MURDER_FLAG"
        for number, rows in enumerate(RELEASES):
            path = tmp_path / f"{number}.csv"
            path.write_text("\n".join([head, *rows]))
            actions.import_batch(files=[path], source=source, by=SYSTEM)

    def poll():
        with serving() as endpoint:
            source = make_source("open")
            actions.set_feed(source=source, by=SYSTEM, url=endpoint.url, minutes=5)
            for fatal in ("false", "true"):
                endpoint.rows = [{**ROW, "statistical_murder_flag": fatal}]
                source.refresh_from_db()
                actions.poll(source=source, by=SYSTEM)

    def confirm():
        actions.confirm(incident=wait(), by=carol, why="A hospital says so", version=1)

    def correct():
        actions.correct(incident=wait(), by=carol, why="seen", version=1, hurt=2)

    def retract():
        actions.retract(incident=wait(), by=carol, why="a car", version=1)

    def merge():
        actions.merge(incident=wait(), into=wait(), by=carol, why="one call", version=1)

    each = (report, withdraw, confirm, correct, tell, retract, restore, merge, decide_match)
    return {act.__name__: act for act in (*each, import_batch, poll)}


def test_whatever_made_it_each_version_says_why(acts):
    assert acts.keys() | NONE == set(actions.__all__), "an action is new: go through it here"
    mute = {}
    for name, act in acts.items():
        before = set(Version.objects.values_list("pk", flat=True))
        act()
        made = Version.objects.exclude(pk__in=before)
        assert made, name
        mute[name] = [f"{each.action} {each.number}" for each in made if not each.why.strip()]
    assert {name: which for name, which in mute.items() if which} == {}


def test_a_person_who_says_no_reason_is_asked_for_it(personas):
    carol, waits = actor_of(personas.carol), make_incident(confirmed=False)
    said = {"incident": waits, "by": carol, "why": " ", "version": 1}
    source = {"source": waits.source, "source_ref": waits.source_ref, "by": carol}
    for act in (
        lambda: make_incident(by=carol, why=""),
        lambda: make_incident(by=carol, why="", source_ref=waits.source_ref, hurt=3),
        lambda: actions.confirm(**said),
        lambda: actions.correct(**said, hurt=2),
        lambda: actions.retract(**said),
        lambda: actions.withdraw(**source),
    ):
        with pytest.raises(Refusal, match="Say why"):
            act()
    assert (Incident.objects.count(), Version.objects.count()) == (1, 1)


def test_the_reason_stands_with_the_version_and_nowhere_in_the_ledger(personas):
    carol = actor_of(personas.carol)
    made = make_incident(by=carol, confirmed=False, why="Mr Doe of 12 Elm St called")
    actions.confirm(incident=made, by=carol, why="Nurse Roe at the door", version=1)
    whys = [each.why for each in queries.versions(carol, made)]
    assert sorted(whys) == ["Mr Doe of 12 Elm St called", "Nurse Roe at the door"]
    kinds = ("incident.reported", "incident.confirmed")
    events = events_after(0, kinds)
    assert [each.kind for each in events] == list(kinds)
    assert not any(name in str(each.data) for each in events for name in ("Doe", "Roe"))
