"""One shooting through the house, line by line, on whichever engine the tests run.

Each line of the table is done by the door that owns it, and must leave the event that it names.
What a line promises beside its event is asserted where it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.core import mail
from django.utils import timezone

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions as fieldwork
from stoop.fieldwork import queries as field_queries
from stoop.fieldwork.queries.detail import detail
from stoop.flows.tests import factories
from stoop.flows.tests.factories import IN_SITE, NIGHT, deliver, drain
from stoop.incidents import actions as incidents
from stoop.incidents import queries as known
from stoop.incidents.actions.batches import import_batch
from stoop.incidents.tests.factories import make_source
from stoop.kernel import clock
from stoop.ledger import queries as ledger
from stoop.notifications import actions as notifications
from stoop.notifications import queries as told
from stoop.places import queries as places
from stoop.places.tests.factories import make_area
from stoop.precision import actions as precision
from stoop.precision import queries as watch

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]

HISTORY = """INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,STATISTICAL_MURDER_FLAG,Latitude,Longitude
1,01/05/2026,21:10:00,false,40.805,-73.905
1,01/05/2026,21:10:00,false,40.805,-73.905
2,02/11/2026,02:30:00,true,40.804,-73.904
3,02/30/2026,02:30:00,true,40.804,-73.904
4,03/01/2026,23:59:00,false,40.803,-73.895
"""


@dataclass
class Story:
    """What the lines hand on to each other."""

    city: SimpleNamespace
    folder: Path
    loaded: Any = None
    incident: Any = None
    alert: Any = None
    response: Any = None
    seen: list[str] = field(default_factory=list)

    @property
    def carol(self) -> Any:
        return actor_of(self.city.carol)

    @property
    def ann(self) -> Any:
        return actor_of(self.city.ann)


def loads_the_history(story: Story) -> None:
    file = story.folder / "official.csv"
    file.write_text(HISTORY)
    record = make_source("open-data", official=True)
    story.loaded = import_batch(files=[file], source=record, by=SYSTEM)
    assert (story.loaded.rows, story.loaded.incidents) == (5, 3)
    assert story.loaded.rejected == 1, "a bad row is counted with its reason, never dropped"
    again = import_batch(files=[file], source=record, by=SYSTEM)
    assert (again.added, again.changed, again.withdrawn) == (0, 0, 0)


def hears_of_it(story: Story) -> None:
    said = {
        "source": make_source("duty-desk"),
        "source_ref": "2340-1",
        "occurred_at": NIGHT - timedelta(minutes=3),
        "lon": IN_SITE[0],
        "lat": IN_SITE[1],
        "block": "Elm St between 2 and 3 Av",
        "hurt": 1,
        "by": SYSTEM,
    }
    story.incident = incidents.report(**said)
    assert incidents.report(**said).pk == story.incident.pk, "told twice, written once"
    drain()
    assert not told.visible_to(SYSTEM).exists(), "what nobody confirmed alerts nobody"


def finds_the_place(story: Story) -> None:
    lon, lat = IN_SITE
    moved = NIGHT.date() + timedelta(days=30)
    make_area(
        "precinct", "40", shapely.box(-74, 40, -73, 41), valid_from=date(2020, 1, 1), valid_to=moved
    )
    make_area("precinct", "41", shapely.box(-74, 40, -73, 41), valid_from=moved)
    assert places.placed(lon, lat, on=NIGHT.date())["precinct"] == ("40",)
    assert places.placed(lon, lat, on=moved)["precinct"] == ("41",)
    assert places.placed(lon, lat, on=NIGHT.date())["catchment"] == (story.city.site.code,)


def confirms(story: Story) -> None:
    said = {"by": story.carol, "why": "A hospital says so", "version": 1}
    story.incident = incidents.confirm(incident=story.incident, **said)
    kept = known.versions(story.carol, story.incident)
    assert [v.action for v in kept] == ["report", "confirm"]
    assert [v.why for v in kept] == ["The source said so itself.", "A hospital says so"]


def seeks_the_watch_zone(story: Story) -> None:
    run = precision.seek(by=SYSTEM)
    assert run is not None
    assert not run.raised, "four shootings tell no zone from chance, and it must say so"
    assert watch.zones(story.carol) == []


def alerts_whoever_is_on_call(story: Story) -> None:
    drain()
    deliver()
    [message] = mail.outbox
    assert message.to == [story.city.ann.email]
    assert "Elm St" in message.body + message.subject
    story.alert = told.visible_to(story.ann).get()


def takes_it(story: Story) -> None:
    notifications.take(alert=story.alert, by=story.ann)
    late = notifications.take(alert=story.alert, by=actor_of(story.city.alice))
    assert not late.mine, "the first one has it; the second is told who"
    drain()


def opens_the_response(story: Story) -> None:
    [story.response] = field_queries.responses_to(SYSTEM, story.incident)
    clocks = {c.code: c for c in story.response.clocks.all()}
    assert clocks["acknowledge"].due_at - NIGHT == timedelta(minutes=30)
    assert clocks["acknowledge"].met_by == story.city.ann
    assert {timedelta(days=n) for n in (7, 14, 30)} <= {c.due_at - NIGHT for c in clocks.values()}
    assert story.response.lead == story.city.ann


def goes_there(story: Story) -> None:
    fieldwork.meet_clock(response=story.response, code="on_scene", by=story.ann)


# Block, hour of the city's clock, doors knocked, doors that opened (None: nobody counted them).
KNOCKED = (
    ("Elm St, 2 to 3 Av", 16, 14, 6),
    ("Elm St, 2 to 3 Av", 18, 9, None),
    ("Oak St, 2 to 3 Av", 18, 20, 11),
)


def canvasses(story: Story) -> None:
    """Doors by block and hour; an hour in which nobody knocked is empty, not zero."""
    with clock.held(NIGHT + timedelta(hours=19)):
        for block, hour, number, part in KNOCKED:
            fieldwork.count(
                response=story.response,
                what="doors",
                number=number,
                part=part,
                block=block,
                hour=hour,
                by=story.ann,
            )
        fieldwork.meet_clock(response=story.response, code="canvass", by=story.ann)
        [covered] = detail(story.ann, story.response).matrices
        cells = {block: [cell.number for cell in row] for block, row, _all in covered.rows}
        opened = {block: everything.part for block, _row, everything in covered.rows}
        clocks = {each.clock.code: each.state for each in detail(story.ann, story.response).clocks}
    assert covered.hours == [16, 18]
    assert cells == {"Elm St, 2 to 3 Av": [14, 9], "Oak St, 2 to 3 Av": [None, 20]}
    assert opened == {"Elm St, 2 to 3 Av": 6, "Oak St, 2 to 3 Av": 11}
    assert clocks["canvass"] == "met", "within 24 hours"


def writes_the_week(story: Story) -> None:
    """The sheet of the site's week says the same, and nobody wrote it."""
    day = timezone.localdate(NIGHT + timedelta(hours=19))
    with clock.held(NIGHT + timedelta(hours=20)):
        monday = day - timedelta(days=day.weekday())
        week = field_queries.week(story.ann, story.city.site, monday)
    held = {row.block: (row.hours, row.number, row.part) for row in week.canvassed}
    assert held == {"Elm St, 2 to 3 Av": (2, 23, 6), "Oak St, 2 to 3 Av": (1, 20, 11)}
    kept = {each.label: each for each in week.kept}
    assert (kept["Doors around it knocked"].in_time, kept["Doors around it knocked"].due) == (1, 1)


def corrects(story: Story) -> None:
    mail.outbox.clear()
    story.incident = incidents.correct(
        incident=story.incident, by=story.carol, why="The hospital counts two", version=2, hurt=2
    )
    drain()
    deliver()
    assert {message.to[0] for message in mail.outbox} == {story.city.ann.email}
    assert "2" in mail.outbox[0].body


def retracts(story: Story) -> None:
    mail.outbox.clear()
    story.incident = incidents.retract(
        incident=story.incident, by=story.carol, why="It was a car", version=3
    )
    drain()
    deliver()
    assert [message.to for message in mail.outbox] == [[story.city.ann.email]]
    [response] = field_queries.responses_to(SYSTEM, story.incident)
    assert response.outcome == "stood_down"


TABLE: list[tuple[int, Callable[[Story], None], str]] = [
    (1, loads_the_history, "batch.imported"),
    (1, hears_of_it, "incident.reported"),
    (2, finds_the_place, ""),
    (3, confirms, "incident.confirmed"),
    (4, seeks_the_watch_zone, "run.finished"),
    (5, alerts_whoever_is_on_call, "alert.delivered"),
    (5, takes_it, "alert.taken"),
    (6, opens_the_response, ""),  # response.opened came with the line before
    (6, goes_there, "clock.met"),
    (6, canvasses, "count.added"),
    (6, writes_the_week, ""),
    (3, corrects, "incident.corrected"),
    (3, retracts, "incident.retracted"),
]


# Lines of DESIGN's table that have a story of their own, by the test that tells it.
ELSEWHERE = {
    10: "tests/stories/test_study_in_the_platform.py",  # a study, from its design to the finding
    11: "src/stoop/portal/tests/test_findings.py",  # what the public sees of it
}
# Lines that are built later.
LATER = {
    7: "fieldwork: a mediation, in counts, with a sealed note",
    8: "casework: a referral, behind the wall",
    9: "community: a commitment that residents verify",
}


def test_the_table_has_every_line_of_the_design() -> None:
    told = {line for line, _step, _event in TABLE}
    assert sorted([*told, *ELSEWHERE, *LATER]) == list(range(1, 12))
    for test in ELSEWHERE.values():
        assert (ROOT / test).is_file()


def test_one_shooting_through_the_house(tmp_path: Path) -> None:
    with clock.held(NIGHT):
        story = Story(factories.city(), tmp_path)
        for line, step, event in TABLE:
            before = ledger.latest_seq()
            step(story)
            left = [each.kind for each in ledger.events_after(before)]
            assert not event or event in left, f"line {line}, {step.__name__}, left {left}"
            story.seen += left
        assert "response.opened" in story.seen
        assert ledger.verify().ok


def test_the_city_sees_it_and_no_story(tmp_path: Path) -> None:
    with clock.held(NIGHT):
        story = Story(factories.city(), tmp_path)
        for step in (hears_of_it, confirms, alerts_whoever_is_on_call, takes_it):
            step(story)
        board = repr(field_queries.city_board(story.carol))
        assert "Elm St" in board
        for person in (story.city.ann, story.city.alice):
            assert person.name not in board
            assert person.email not in board
        assert field_queries.responses(actor_of(story.city.bob)).count() == 0
        for outsider in (story.city.dan, story.city.eve, story.city.nobody):
            assert field_queries.responses(actor_of(outsider)).count() == 0
