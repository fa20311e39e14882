"""Reading incidents by machine, as precisely as the reader may see them."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from stoop.accounts.permissions import SYSTEM
from stoop.incidents import actions
from stoop.incidents.tests.factories import EVENING, make_incident
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
INCIDENTS = "/api/v1/incidents"


@pytest.fixture(autouse=True)
def _now():
    with clock.held(EVENING + timedelta(minutes=4)):
        yield


def test_nobody_reads_nothing(client):
    make_incident()
    assert client.get(INCIDENTS).status_code == 401


def test_an_outsider_finds_nothing(client, personas):
    client.force_login(personas.ada)
    assert client.get(INCIDENTS).status_code == 404


def test_pages_go_on_where_the_last_one_ended(client, personas):
    keys = [str(make_incident().key) for _ in range(5)]
    client.force_login(personas.alice)
    found, since, more = [], 0, True
    while more:
        page = client.get(INCIDENTS, {"since": since, "limit": 2}).json()
        found += [each["key"] for each in page["incidents"]]
        since, more = page["next"], page["more"]
    assert found == keys
    assert client.get(INCIDENTS, {"since": since}).json()["incidents"] == []


def test_an_agency_reads_days_and_areas(client, personas):
    made = make_incident(lon=-73.9, lat=40.7)
    make_incident(confirmed=False)
    client.force_login(personas.dan)
    page = client.get(INCIDENTS).json()
    assert [each["key"] for each in page["incidents"]] == [str(made.key)]
    one = client.get(f"{INCIDENTS}/{made.key}").json()
    assert one == page["incidents"][0]
    assert (one["precise"], one["block"], one["lon"], one["hurt"]) == (False, "", None, None)
    client.force_login(personas.alice)
    assert client.get(f"{INCIDENTS}/{made.key}").json()["block"] == "Sample Street & 5 Avenue"


def test_what_an_agency_never_saw_stays_unseen(client, personas):
    """A report that was retracted or merged while it waited was never anything to an agency."""
    seen, waited, twice = make_incident(), *(make_incident(confirmed=False) for _ in range(2))
    for each in (seen, waited):
        actions.retract(incident=each, by=SYSTEM, why="wrong", version=each.version)
    actions.merge(incident=twice, into=make_incident(), by=SYSTEM, why="one", version=twice.version)
    client.force_login(personas.dan)
    found = [each["key"] for each in client.get(INCIDENTS).json()["incidents"]]
    assert str(seen.key) in found
    assert not {str(waited.key), str(twice.key)} & set(found)
    client.force_login(personas.alice)
    assert len(client.get(INCIDENTS).json()["incidents"]) == 4


def test_a_key_tells_no_hour():
    """Who sees days alone sees the key: it must not hold the minute of the report."""
    assert make_incident().key.version == 4


@pytest.mark.parametrize("asked", ["?since=-1", "?since=x", "?limit=0", "?limit=501", "?since=1e9"])
def test_odd_questions_are_told(client, personas, asked):
    client.force_login(personas.alice)
    response = client.get(INCIDENTS + asked)
    assert response.status_code == 422
    assert response.json()["detail"]


def test_what_is_not_there(client, personas):
    client.force_login(personas.alice)
    assert client.get(f"{INCIDENTS}/{uuid4()}").status_code == 404
    assert client.get(f"{INCIDENTS}/x").status_code in (404, 422)


def test_the_document_is_open_and_names_its_keys(client):
    document = json.loads(client.get("/api/v1/openapi.json").content)
    assert document["openapi"].startswith("3.1")
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len(operations) == 6
    assert all(each["security"] for each in operations)


def test_every_operation_declares_its_permission():
    from stoop.api.urls import urlpatterns

    for pattern in urlpatterns:
        if pattern.name != "api-openapi":
            assert pattern.callback.permission, pattern.name
            assert pattern.callback.permissions, pattern.name
