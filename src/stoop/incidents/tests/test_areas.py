"""Every kind of area that a city has loaded: of the shooting's day, and as the map is today."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import actions
from stoop.incidents.models import Incident
from stoop.incidents.tests.factories import EVENING, make_incident, make_source
from stoop.kernel import clock
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db
MOVED = date(2026, 1, 1)
WHOLE, WEST, EAST = (0, 0, 2, 1), (0, 0, 1, 1), (1, 0, 2, 1)
BEFORE, AFTER = datetime(2025, 6, 1, tzinfo=UTC), EVENING


@pytest.fixture(autouse=True)
def ground():
    """A precinct that was split, a sector that came with it, council districts that stayed."""
    with clock.held(EVENING + timedelta(minutes=4)):
        make_area("precinct", "105", WHOLE)
        make_area("precinct", "105", WEST, valid_from=MOVED)
        make_area("precinct", "116", EAST, valid_from=MOVED)
        make_area("sector", "116A", EAST, valid_from=MOVED)
        make_area("council district", "31", WHOLE)
        yield


def page(client, incident):
    said = client.get(reverse("incident", args=[incident.key])).content.decode()
    return " ".join(said.split())


def test_a_report_lies_in_every_kind_of_area_of_its_day():
    early = make_incident(lon=1.5, lat=0.5, occurred_at=BEFORE)
    late = make_incident(lon=1.5, lat=0.5, occurred_at=AFTER)
    assert early.areas == {"precinct": ["105"], "council_district": ["31"]}
    assert late.areas == {"precinct": ["116"], "sector": ["116A"], "council_district": ["31"]}
    assert (early.area, late.area) == ("105", "116")


def test_a_loaded_row_does_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "incident_id,date,time,lat,lon,fatal\n"
        "1,2025-12-31,12:00,0.5,1.5,N\n2,2026-01-01,12:00,0.5,1.5,N\n"
    )
    source = make_source("nypd", official=True)
    actions.import_batch(files=[path], source=source, by=SYSTEM, timezone="UTC")
    areas = dict(Incident.objects.values_list("source_ref", "areas"))
    assert areas["1"] == {"precinct": ["105"], "council_district": ["31"]}
    assert areas["2"] == {"precinct": ["116"], "sector": ["116A"], "council_district": ["31"]}


def test_the_page_shows_both_boundaries(client, personas):
    early = make_incident(lon=1.5, lat=0.5, occurred_at=BEFORE)
    late = make_incident(lon=1.5, lat=0.5, occurred_at=AFTER)
    client.force_login(personas.carol)
    said = page(client, early)
    assert '<dt>Precinct</dt><dd>105 <span class="small">(on today\'s map: 116)</span></dd>' in said
    assert '<dt>Sector</dt><dd>none <span class="small">(on today\'s map: 116A)</span></dd>' in said
    assert "<dt>Council district</dt><dd>31</dd>" in said
    said = page(client, late)
    assert "<dt>Precinct</dt><dd>116</dd>" in said
    assert "<dt>Sector</dt><dd>116A</dd>" in said
    assert "today's map" not in said


def test_who_sees_areas_alone_sees_those_of_the_day(client, personas):
    early = make_incident(lon=1.5, lat=0.5, occurred_at=BEFORE)
    client.force_login(personas.rita)
    said = page(client, early)
    assert "<dt>Precinct</dt><dd>105</dd>" in said
    assert "116" not in said
