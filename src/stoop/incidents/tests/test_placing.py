"""Areas that are loaded after incidents still hold them, each on its day."""

from datetime import UTC, date, datetime

import pytest
from django.http import Http404

from stoop.accounts.permissions import NOBODY, SYSTEM
from stoop.incidents import actions
from stoop.incidents.models import Incident, Version
from stoop.incidents.tests.factories import make_incident
from stoop.kernel import clock
from stoop.ledger.queries import events_after
from stoop.places.tests.factories import make_area

pytestmark = pytest.mark.django_db


def test_incidents_are_placed_again_by_their_day():
    with clock.held(datetime(2026, 12, 1, tzinfo=UTC)):
        early = make_incident(lon=0.5, lat=0.5, occurred_at=datetime(2019, 5, 1, tzinfo=UTC))
        late = make_incident(lon=0.5, lat=0.5, occurred_at=datetime(2021, 5, 1, tzinfo=UTC))
        nowhere = make_incident()
        versions = Version.objects.count()
        make_area("precinct", "A", (0, 0, 1, 1), valid_to=date(2020, 1, 1))
        make_area("precinct", "B", (0, 0, 1, 1), valid_from=date(2020, 1, 1))
        assert actions.place_again(by=SYSTEM) == 2
        assert actions.place_again(by=SYSTEM) == 0
    for incident, area in ((early, "A"), (late, "B"), (nowhere, "")):
        incident.refresh_from_db()
        assert incident.area == area
    assert early.areas == {"precinct": ["A"]}
    assert Version.objects.count() == versions, "what is known did not change"
    placed = events_after(0, {"incidents.placed"})
    assert [event.data for event in placed] == [{"moved": 2}, {"moved": 0}]


def test_many_parts(monkeypatch):
    monkeypatch.setattr(actions.placing, "CHUNK", 2)
    with clock.held(datetime(2026, 12, 1, tzinfo=UTC)):
        for _ in range(5):
            make_incident(lon=0.5, lat=0.5)
        make_area("precinct", "A", (0, 0, 1, 1))
        assert actions.place_again(by=SYSTEM) == 5
        assert set(Incident.objects.values_list("area", flat=True)) == {"A"}
        make_incident(lon=0.5, lat=0.5)
        assert actions.place_again(by=SYSTEM) == 0


def test_only_where_the_ground_has_moved():
    with clock.held(datetime(2026, 12, 1, tzinfo=UTC)):
        make_area("precinct", "A", (0, 0, 1, 1))
        lost = make_incident(lon=0.5, lat=0.5)
        Incident.objects.filter(pk=lost.pk).update(areas={}, area="")  # as a kill would leave it
        assert actions.place_where_moved(by=SYSTEM) == 1
        Incident.objects.filter(pk=lost.pk).update(areas={}, area="")
        assert actions.place_where_moved(by=SYSTEM) == 0
        make_area("precinct", "A", (0, 0, 2, 1))
        assert actions.place_where_moved(by=SYSTEM) == 1


def test_nothing_to_place_and_nobody_may():
    assert actions.place_again(by=SYSTEM) == 0
    with pytest.raises(Http404):
        actions.place_again(by=NOBODY)
